import Logging
package import LuaRuntime

/// Takes `nightjar.state` and `conn.data` from one generation to the next. Loop-bound, but for `migrate`.
///
/// Neither ever stands in the way of a reload: what is not plain data is left out and told, once, with its path and the line
/// of the script that stored it.
package enum StateCarrier {
    /// Offences of one generation that are told; a script that makes new ones for ever has been heard by then.
    static let toldMax = 1_000

    /// All of the generation's `nightjar.state` that can be carried.
    static func state(of generation: Generation) -> [UInt8] {
        let carried = generation.state.carriedStateTable()
        warn(of: carried, generation)
        return carried.bytes
    }

    /// A connection's `conn.data`, as far as it can be carried; empty for nil.
    static func data(of record: ConnectionRecord, in generation: Generation) -> [UInt8] {
        let carried = generation.state.carriedData(of: ConnectionAPI.type, record.id.handle)
        warn(of: carried, generation)
        return carried.bytes
    }

    private static func warn(of carried: CarriedPlain, _ generation: Generation) {
        for offence in untold(carried, generation) {
            generation.services.logger.warning(
                "\(offence.path) \(offence.reason): left out by the reload, everything else was carried",
                metadata: [
                    "unit": "\(generation.id)", "generation": "\(generation.number)", "code": "not_plain", "path": "\(offence.path)",
                    "at": "\(offence.place ?? "?")",
                ])
        }
    }

    // MARK: Beforehand

    /// Tells what a reload would leave out of a connection's `conn.data`.
    static func lookAtData(of record: ConnectionRecord, in generation: Generation) {
        report(generation.state.carriedData(of: ConnectionAPI.type, record.id.handle), generation)
    }

    /// Tells what a reload would leave out of `nightjar.state`.
    static func lookAtState(of generation: Generation) { report(generation.state.carriedStateTable(), generation) }

    private static func report(_ carried: CarriedPlain, _ generation: Generation) {
        for offence in untold(carried, generation) {
            let place = offence.place?.split(separator: ":") ?? []
            let line = place.count > 1 ? place.last.flatMap { Int($0) } : nil
            generation.worker.report(
                ScriptError(
                    kind: .argument, code: "not_plain", message: "\(offence.path) \(offence.reason): a reload will leave it out",
                    chunk: line == nil ? offence.place : place.dropLast().joined(separator: ":"), line: line),
                generation)
        }
    }

    private static func untold(_ carried: CarriedPlain, _ generation: Generation) -> [PlainOffence] {
        carried.offences.filter { generation.toldOffences.count < toldMax && generation.toldOffences.insert($0.description).inserted }
    }

    // MARK: Migration

    /// False: the candidate has no room for it, and begins without; told.
    private static func give(_ state: [UInt8], to candidate: Generation) -> Bool {
        do throws(ScriptError) {
            try candidate.state.setStateTable(state)
            try checkRoom(in: candidate)
            return true
        } catch {
            try? candidate.state.setStateTable([])
            candidate.state.collect(full: true)
            warn(error, state, candidate)
            return false
        }
    }

    /// The state as a table for `migrate`; an empty one if the candidate has no room for it, which is told.
    private static func table(of state: [UInt8], in candidate: Generation) throws(ScriptError) -> LuaRef {
        var table: LuaRef?
        do throws(ScriptError) {
            let full = try candidate.state.decodePlain(state)
            table = full
            try checkRoom(in: candidate)
            return full
        } catch {
            if let table { candidate.state.release(table) }
            candidate.state.collect(full: true)
            warn(error, state, candidate)
            return try candidate.state.decodePlain(try candidate.state.stateTable())
        }
    }

    /// Tables are never refused for their size; a state above its limit would run nothing any more.
    private static func checkRoom(in candidate: Generation) throws(ScriptError) {
        guard candidate.state.memoryBytes > candidate.settings.limits.memoryBytes else { return }
        candidate.state.collect(full: true)
        guard candidate.state.memoryBytes > candidate.settings.limits.memoryBytes else { return }
        throw ScriptError(kind: .memory, code: "memory", message: "it leaves the script no memory to run in")
    }

    private static func warn(_ error: ScriptError, _ state: [UInt8], _ candidate: Generation) {
        candidate.services.logger.warning(
            "nightjar.state was not carried: \(error.message)",
            metadata: ["unit": "\(candidate.id)", "generation": "\(candidate.number)", "code": "\(error.code)", "bytes": "\(state.count)"])
    }

    /// Gives the carried state to a candidate and lets its `M.migrate` make of it what its version needs.
    ///
    /// The candidate's state must belong to the calling thread and be past its loading. `migrate` has the time of a handler,
    /// for in a swap it runs on a loop that serves; so it has where it is only tried.
    ///
    /// - Parameters:
    ///   - state: As `state(of:)` gives it.
    ///   - version: `M.version` of the generation it comes from.
    /// - Throws: What `migrate` raised, or that it returned no table. The candidate is of no use then.
    package static func migrate(_ state: [UInt8], from version: Int64, with candidate: Generation) throws(ScriptError) {
        guard candidate.settings.version > version, let migrate = candidate.function("migrate") else {
            _ = give(state, to: candidate)
            return
        }
        defer { candidate.state.release(migrate) }
        // Once only: a large state has no room beside itself. Nothing at all could be carried: an empty table as well.
        let table = try table(of: state.isEmpty ? try candidate.state.stateTable() : state, in: candidate)
        let push = { (arguments: inout LuaArguments) in
            arguments.integer(version)
            arguments.ref(table)
        }
        let new = try candidate.state.call(migrate, deadline: candidate.settings.limits.sliceDeadline, push) {
            (results: borrowing LuaResults) throws(ScriptError) -> [UInt8]? in
            results.kind(0) == .table ? try results.plain(0) : nil
        }
        candidate.state.release(table)
        candidate.state.collect(full: true)
        guard let new else {
            let place = candidate.state.definition(of: migrate)
            throw ScriptError(
                kind: .runtime, code: "bad_migrate",
                message: "M.migrate(from, state) must end with `return state`: it returned no table, so there is nothing to go on with",
                chunk: place?.chunk, line: place?.line)
        }
        _ = give(new, to: candidate)
    }
}
