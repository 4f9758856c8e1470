public import Transport

/// The running scripts, as seen by a target beside them that brings sockets or state of its own (the games' sessions do).
/// Any thread.
public protocol UnitHost: Sendable {
    /// Number of workers with sockets; their indices are below it.
    var workers: Int { get }

    /// Runs `body` on a worker's loop, in a later turn.
    ///
    /// - Parameter index: 0 ..< `workers`.
    func withWorker(_ index: Int, _ body: @escaping @Sendable (Worker) -> Void)

    /// Sets routes that are implemented in Swift, on every loop with sockets, and keeps packages from taking them.
    ///
    /// - Parameter make: Called once on each loop.
    func native(owner: String, listener: String, _ make: @escaping @Sendable (Worker) -> [Route]) async

    /// Is there such a unit, whether it runs or has not loaded yet?
    func knows(_ unit: UnitID) async -> Bool

    /// Hears of every load, failure and unload, in order. `observer` must not block.
    func onReload(_ observer: @escaping @Sendable (ReloadEvent) -> Void) async
}
