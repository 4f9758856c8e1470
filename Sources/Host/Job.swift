import LuaRuntime
import NIOCore

/// One handler that waits. Handlers that never wait have none.
///
/// It goes on in the generation it began with.
final class Job {
    let serial: UInt64
    let instance: Generation
    let slot: Unit
    let origin: JobOrigin
    var task: LuaTask
    /// Nil: as long as its generation runs (spawned coroutines).
    var deadline: NIODeadline?
    /// The task that ends a sleep or the time limit of an event.
    var scheduled: Scheduled<Void>?
    /// Name of the event it waits for.
    var event: String?

    init(
        serial: UInt64, instance: Generation, slot: Unit, origin: JobOrigin, task: LuaTask, deadline: NIODeadline?
    ) {
        self.serial = serial
        self.instance = instance
        self.slot = slot
        self.origin = origin
        self.task = task
        self.deadline = deadline
    }
}

/// What a handler run is for, and so what happens when it ends.
enum JobOrigin {
    case connection(ConnectionRecord, ConnectionStage)
    case http(HTTPExchange)
    /// A function called from another package; its results go back.
    case call((CallOutcome) -> Void)
    /// The same for a caller that wants JSON.
    case callJSON((CallOutcome) -> Void)
    case timer(TimerID)
    case spawn
    /// Lines of the log (`nightjar.log.listen`).
    case log(UnitID)
    /// Subscriptions and `on_ready`.
    case other

    /// Spawned coroutines may live as long as their generation.
    var hasDeadline: Bool {
        if case .spawn = self { false } else { true }
    }
}

/// Results of a provided function, encoded as plain data.
enum CallOutcome: Sendable {
    case values([WaitValue])
    case failure(code: String, detail: String)

    /// What the function has returned, as values for its caller.
    static func read(_ results: borrowing LuaResults, json: Bool) -> CallOutcome {
        var values: [WaitValue] = []
        for index in 0..<min(results.count, 8) {
            do throws(ScriptError) {
                values.append(json ? .json(try results.json(index)) : .plain(try results.plain(index)))
            } catch {
                return .failure(code: "bad_result", detail: error.message)
            }
        }
        return .values(values)
    }
}

/// Which of a connection's handlers runs.
enum ConnectionStage {
    case open, message, close, error
}
