public import Host
public import LuaRuntime

/// Why the last attempt to load a unit came to nothing, kept until an attempt succeeds.
public struct PendingReason: Sendable, Equatable {
    /// What could make the next attempt succeed. A change of any file of the unit, SIGHUP and `nightjar reload` always try
    /// again as well.
    enum Cure: Sendable, Equatable {
        /// A change of the unit's files, nothing else.
        case files
        /// Somebody else gives something up.
        case release(of: Claimed, by: String)
        /// Nothing but time: the server tries again by itself.
        case time
        case restart
    }

    public let error: ScriptError
    /// The attempt.
    public let generation: GenerationNumber
    let cure: Cure
    /// What refused it: the name of a gate, `load` or `swap`.
    public let stage: String
    /// Whoever should give something up waits for this unit in turn: neither can be first.
    var isMutual = false

    init(_ error: ScriptError, generation: GenerationNumber, cure: Cure, stage: String) {
        self.error = error
        self.generation = generation
        self.cure = cure
        self.stage = stage
    }

    /// What would cure it, for people: follows "waits for".
    public var remedy: String {
        isMutual
            ? "\(wanted), which waits for this one in turn: save one of the two without what the other is to have, then as it is now"
            : wanted
    }

    /// The error as whoever saved the unit hears it. Of two units that want each other's routes neither can be first: what to do then.
    var explained: ScriptError {
        guard isMutual else { return error }
        return ScriptError(
            kind: error.kind, code: error.code, message: error.message + "; waits for " + remedy, chunk: error.chunk, line: error.line,
            traceback: error.traceback)
    }

    private var wanted: String {
        switch cure {
        case .files: "a change of its files"
        case .release(.route, let owner): "\(owner) to give up the route"
        case .release(.function(let name), let owner): "\(owner) to give up the function \(name)"
        case .time: "its next try, by itself"
        case .restart: "a restart of the server"
        }
    }
}
