import Bytes
import NIOCore
import Synchronization

/// One message as a value.
public struct WebSocketMessage: Sendable, Equatable {
    public var kind: MessageKind
    public var bytes: [UInt8]

    public init(_ kind: MessageKind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    /// A text message's text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Messages between the event loop and one task that takes them. Bounded: says when it is full and when there is room.
final class MessageInbox: Sendable {
    private struct State {
        var messages: [WebSocketMessage] = []
        /// Messages before this one were taken.
        var first = 0
        var bytes = 0
        var isFull = false
        var end: WebSocketClientEnd?
        var waiter: CheckedContinuation<WebSocketMessage?, Never>?

        var count: Int { messages.count - first }

        mutating func take() -> WebSocketMessage? {
            guard count > 0 else { return nil }
            let message = messages[first]
            first += 1
            bytes -= message.bytes.count
            // Moves the rest down once as many were taken as are left.
            if first * 2 >= messages.count {
                messages.removeFirst(first)
                first = 0
            }
            return message
        }
    }

    private let state = Lock(State())
    private let messagesMax: Int
    private let bytesMax: Int

    init(messagesMax: Int, bytesMax: Int) {
        self.messagesMax = max(1, messagesMax)
        self.bytesMax = max(1, bytesMax)
    }

    /// How it ended, once it has.
    var end: WebSocketClientEnd? { state.withLock { $0.end } }

    /// Returns false when no more may come until there is room.
    func put(_ message: WebSocketMessage) -> Bool {
        let (waiter, goesOn) = state.withLock { state -> (CheckedContinuation<WebSocketMessage?, Never>?, Bool) in
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            state.messages.append(message)
            state.bytes += message.bytes.count
            state.isFull = state.count >= messagesMax || state.bytes >= bytesMax
            return (nil, !state.isFull)
        }
        waiter?.resume(returning: message)
        return goesOn
    }

    /// Nothing more comes.
    func finish(_ end: WebSocketClientEnd) {
        let waiter = state.withLock { state in
            state.end = end
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// The next message; nil at the end, or if the task is cancelled. One task at a time.
    /// - Parameter room: Called when a full inbox is half empty.
    func next(room: @Sendable () -> Void) async -> WebSocketMessage? {
        let (message, hasRoom, isOver) = state.withLock { state in
            let message = state.take()
            let hasRoom = state.isFull && state.count * 2 <= messagesMax && state.bytes * 2 <= bytesMax
            if hasRoom { state.isFull = false }
            return (message, hasRoom, state.end != nil)
        }
        if hasRoom { room() }
        if message != nil || isOver { return message }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> WebSocketMessage?? in
                    precondition(state.waiter == nil, "two tasks wait for messages of one connection")
                    if let message = state.take() { return .some(message) }
                    if state.end != nil || Task.isCancelled { return .some(nil) }
                    state.waiter = continuation
                    return .none
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: nil)
        }
    }
}
