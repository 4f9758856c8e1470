import LuaRuntime

/// What a neighbour must not notice. Two sets: the true one, for a release build on a quiet machine, and a generous one for test
/// runs of a debug build beside whatever else runs.
struct Bounds: Sendable {
    /// Of the neighbour on the same worker (design, section 8).
    var sameWorker: Duration
    /// Of the neighbour on another worker.
    var otherWorker: Duration
    /// By how much a slice of Lua may be over its limit, processor time: what burns time without passing a hook ends within this.
    var sliceOver: Duration
    /// The share of messages that must be answered in this time.
    var share: Double
    /// How long a case is watched at least, seconds. A 99th percentile needs some hundred messages; of fifty it is the slowest one.
    var watch: Double
    /// How long a step may take that must go on working whatever a script does.
    var patience: Duration
    /// By how much a slice of Lua may take longer than in production: what the host does for a script is part of it.
    var slowness = 1
    /// Errors by which a script may end too where all takes longer.
    var errorsOfSlowMachines: [String] { slowness > 1 ? ["the handler's time is over"] : [] }

    static let strict = Bounds(sameWorker: .milliseconds(30), otherWorker: .milliseconds(10), sliceOver: .milliseconds(50), share: 0.99, watch: 3, patience: .seconds(8))
    /// Every message is answered within some seconds: who is held up by a script waits for ever, or until the case is over. Less
    /// would judge the machine: debug code is up to ten times slower, its core is shared with other tests, and a virtual machine's
    /// neighbours can hold it for more than a second.
    static let generous = Bounds(sameWorker: .seconds(5), otherWorker: .seconds(5), sliceOver: .seconds(5), share: 1, watch: 0, patience: .seconds(25), slowness: 3)

    func apply(to limits: inout LuaLimits) {
        limits.sliceDeadline *= slowness
        limits.loadDeadline *= slowness
    }
}
