import LuaRuntime
import NIOCore
import Transport

/// One thing that is to enter the Lua of a unit, as a value: it can be counted, kept, dropped and shown. Each is one slice.
enum Input {
    /// A connection has events in its queue; the oldest one is meant.
    case connection(ConnectionRecord)
    case request(ScriptResponder, RequestInfo, HTTPExchange)
    case timer(TimerID, Generation)
    /// A handler's wait is over.
    case waitEnd(Job, WaitEnd)
    /// A function of the unit is called by another unit or by the host.
    case call(ProvidedCall)
    /// Something was published; `place` says which of the topic's subscriptions it is for.
    case publication(topic: String, value: [UInt8], place: Int)
    /// A coroutine of its own begins.
    case spawn(Generation, LuaRef, [LuaRef])
    /// Lines of the log wait at the tap.
    case logLines
    /// An attempt of a client came to nothing; nil: there is no further one.
    case clientFailed(ScriptClient, ClientFailure, retryAfter: Double?)

    /// How a wait ends.
    enum WaitEnd {
        case result(WaitResult)
        /// With an error in the script.
        case raise(code: String, message: String)
    }

    /// What it counts for against the mailbox's bound of bytes.
    var byteCount: Int {
        switch self {
        case .connection, .timer, .spawn, .logLines, .clientFailed: 0
        case .request(_, let request, _): request.body?.readableBytes ?? 0
        case .waitEnd(_, .result(let result)): result.byteCount
        case .waitEnd(_, .raise): 0
        case .call(let call): call.byteCount
        case .publication(_, let value, _): value.count
        }
    }

    /// Refused when the mailbox is full. The others are bounded where they come from: by the connections, the timers and the
    /// waiting handlers of the unit.
    var isRefusable: Bool {
        switch self {
        case .request, .call, .publication, .spawn, .clientFailed: true
        case .connection, .timer, .waitEnd, .logLines: false
        }
    }
}

extension WaitResult {
    var byteCount: Int {
        switch self {
        case .values(let values): values.reduce(0) { $0 + $1.byteCount }
        case .failure(let code, let detail): code.utf8.count + detail.utf8.count
        }
    }
}

extension WaitValue {
    var byteCount: Int {
        switch self {
        case .null, .boolean, .integer, .number: 0
        case .bytes(let bytes), .json(let bytes), .plain(let bytes): bytes.count
        case .string(let text): text.utf8.count
        }
    }
}
