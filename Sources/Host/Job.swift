import LuaRuntime
import NIOCore

/// Names one handler that waits or has waited, on its worker.
struct JobID: Hashable, Sendable {
    /// Place of its unit on the worker, 24 bits, and the handler's number within the unit.
    private let rawValue: UInt64

    init(unit: Int, number: UInt64) { rawValue = UInt64(unit) << 40 | (number & 0xFF_FFFF_FFFF) }

    var unit: Int { Int(rawValue >> 40) }
    var number: UInt64 { rawValue & 0xFF_FFFF_FFFF }
}

/// One handler that waits or has waited. Handlers that never wait have none.
///
/// It goes on in the generation it began with.
final class Job {
    let id: JobID
    let generation: Generation
    let origin: JobOrigin
    var task: LuaTask
    /// Nil: as long as its generation runs (spawned coroutines).
    let deadline: NIODeadline?
    /// Its time was over, and it was told so. It may tidy up; the next wait ends it.
    var isOverdue = false
    /// It waits now. False from the end of a wait until the next one begins.
    var isWaiting = false
    /// Counts its waits, so that an end that comes late is known to be for a former one.
    var waits: UInt32 = 0
    /// Name of the event it waits for.
    var event: String?

    init(id: JobID, generation: Generation, origin: JobOrigin, task: LuaTask, deadline: NIODeadline?) {
        self.id = id
        self.generation = generation
        self.origin = origin
        self.task = task
        self.deadline = deadline
    }
}

/// What a handler run is for, and so what happens when it ends.
enum JobOrigin {
    case connection(ConnectionRecord, ConnectionStage)
    case http(HTTPExchange)
    /// A function called from another package or by the host; its results go back.
    case call(ProvidedCall)
    case timer(TimerID)
    case spawn
    /// Lines of the log (`nightjar.log.listen`).
    case log
    /// Subscriptions and the functions of the module table.
    case other

    /// A client waits for an answer.
    var isRequest: Bool {
        if case .http = self { true } else { false }
    }

    /// A provided function runs, whose caller hears of its failure.
    var isCall: Bool {
        if case .call = self { true } else { false }
    }

    /// Spawned coroutines may live as long as their generation.
    var hasDeadline: Bool {
        if case .spawn = self { false } else { true }
    }
}

/// Which of a connection's handlers runs.
enum ConnectionStage {
    case open, message, close, error
}
