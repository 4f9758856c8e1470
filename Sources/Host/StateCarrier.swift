package import LuaRuntime

/// Takes `nightjar.state` from one generation to the next.
package enum StateCarrier {
    /// Gives the carried state to a candidate and lets its `M.migrate` make of it what its version needs.
    ///
    /// The candidate's state must belong to the calling thread and be past its loading.
    ///
    /// - Parameters:
    ///   - state: Plain data, as `LuaState.stateTable` gives it.
    ///   - version: `M.version` of the generation it comes from.
    /// - Throws: What `migrate` raised, or that it returned no table. The candidate is of no use then.
    package static func migrate(_ state: [UInt8], from version: Int64, with candidate: Generation) throws(ScriptError) {
        try candidate.state.setStateTable(state)
        guard candidate.settings.version > version, let migrate = candidate.function("migrate") else { return }
        let table = try candidate.state.decodePlain(state)
        defer {
            candidate.state.release(table)
            candidate.state.release(migrate)
        }
        let push = { (arguments: inout LuaArguments) in
            arguments.integer(version)
            arguments.ref(table)
        }
        let new = try candidate.state.call(migrate, deadline: candidate.settings.limits.loadDeadline, push) {
            (results: borrowing LuaResults) throws(ScriptError) -> [UInt8]? in
            results.kind(0) == .table ? try results.plain(0) : nil
        }
        guard let new else {
            let place = candidate.state.definition(of: migrate)
            throw ScriptError(
                kind: .runtime, code: "bad_migrate",
                message: "M.migrate(from, state) must end with `return state`: it returned no table, so there is nothing to go on with",
                chunk: place?.chunk, line: place?.line)
        }
        try candidate.state.setStateTable(new)
    }
}
