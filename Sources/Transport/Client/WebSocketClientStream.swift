import Bytes
public import NIOCore
import Synchronization

/// A WebSocket connection for tasks: messages come as an asynchronous sequence. May be used from any task; one at a time
/// reads.
///
///     let stream = try await WebSocketClientStream.connect(to: url, on: group)
///     for await message in stream { print(message.text) }
///     print(stream.end)
///
/// A reader that is slow stops the reading from the socket: nothing is lost and no more is kept than `Buffer` says.
/// Closed when it is given up.
public final class WebSocketClientStream: AsyncSequence, Sendable {
    public typealias Element = WebSocketMessage

    /// What may wait for the reader; above either bound nothing is read from the socket. One message more may be there.
    public struct Buffer: Sendable {
        /// Enough for the switch between loop and task not to matter.
        public var messagesMax = 256
        public var bytesMax = 1024 * 1024

        public init() {}
    }

    private let client: NIOLoopBound<WebSocketClient>
    private let inbox: MessageInbox

    private init(_ client: NIOLoopBound<WebSocketClient>, _ inbox: MessageInbox) {
        self.client = client
        self.inbox = inbox
    }

    deinit {
        let client = self.client
        client.eventLoop.execute {
            client.value.close()
            // A reader that is gone must not hold back the server's close frame.
            client.value.resumeReading()
        }
    }

    /// Opens a WebSocket. Ends with `cancelled` if the task is cancelled.
    public static func connect(
        to url: WebSocketURL, options: WebSocketClientOptions = WebSocketClientOptions(), buffer: Buffer = Buffer(),
        on group: any EventLoopGroup
    ) async throws(WebSocketClientError) -> WebSocketClientStream {
        let loop = group.next()
        let inbox = MessageInbox(messagesMax: buffer.messagesMax, bytesMax: buffer.bytesMax)
        let pending = Lock(Pending())
        let opened = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Opened, Never>) in
                loop.execute {
                    let delegate = InboxDelegate(inbox, continuation)
                    let client = WebSocketClient.open(url, options: options, on: loop, delegate: delegate)
                    let isCancelled = pending.withLock { pending in
                        pending.client = NIOLoopBound(client, eventLoop: loop)
                        return pending.isCancelled
                    }
                    if isCancelled { client.close() }
                }
            }
        } onCancel: {
            let client = pending.withLock { pending in
                pending.isCancelled = true
                return pending.client
            }
            if let client { loop.execute { client.value.close() } }
        }
        return WebSocketClientStream(try opened.get(), inbox)
    }

    fileprivate typealias Opened = Result<NIOLoopBound<WebSocketClient>, WebSocketClientError>

    private struct Pending {
        var client: NIOLoopBound<WebSocketClient>?
        var isCancelled = false
    }

    /// How the connection ended; nil while it has not. Messages may still wait to be read then.
    public var end: WebSocketClientEnd? { inbox.end }

    /// Sends a text message; returns when the system has it.
    /// - Throws: `not_open`, `backlog`, `lost`.
    public func send(_ text: String) async throws(WebSocketClientError) {
        try await send(WebSocketMessage(.text, Array(text.utf8)))
    }

    /// Sends a message; returns when the system has it.
    /// - Throws: `not_open`, `backlog`, `lost`.
    public func send(_ message: WebSocketMessage) async throws(WebSocketClientError) {
        let client = self.client
        do {
            try await client.eventLoop.flatSubmit {
                let written = client.eventLoop.makePromise(of: Void.self)
                let result = message.bytes.withUnsafeBytes { bytes in
                    Result { () throws(WebSocketClientError) in try client.value.send(bytes, message.kind, promise: written) }
                }
                if case .failure(let error) = result { written.fail(error) }
                return written.futureResult
            }.get()
        } catch {
            throw error as? WebSocketClientError ?? WebSocketClientError(.lost, "\(error)")
        }
    }

    /// Begins to close. The sequence ends when the connection has, after the messages that were on their way.
    public func close(code: UInt16 = 1000, reason: String = "") {
        let client = self.client
        client.eventLoop.execute { client.value.close(code: code, reason: reason) }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let stream: WebSocketClientStream

        /// The next message; nil at the end or if the task is cancelled.
        public mutating func next() async -> WebSocketMessage? {
            let client = stream.client
            return await stream.inbox.next { client.eventLoop.execute { client.value.resumeReading() } }
        }
    }
}

/// Fills the inbox. Used on the loop.
private final class InboxDelegate: WebSocketClientDelegate {
    private let inbox: MessageInbox
    private var opening: CheckedContinuation<WebSocketClientStream.Opened, Never>?

    init(_ inbox: MessageInbox, _ opening: CheckedContinuation<WebSocketClientStream.Opened, Never>) {
        self.inbox = inbox
        self.opening = opening
    }

    func opened(_ client: WebSocketClient) {
        opening?.resume(returning: .success(NIOLoopBound(client, eventLoop: client.eventLoop)))
        opening = nil
    }

    func failed(_ client: WebSocketClient, _ error: WebSocketClientError) {
        opening?.resume(returning: .failure(error))
        opening = nil
    }

    func received(_ client: WebSocketClient, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        if !inbox.put(WebSocketMessage(kind, Array(bytes))) { client.pauseReading() }
    }

    func closed(_ client: WebSocketClient, _ end: WebSocketClientEnd) { inbox.finish(end) }
}
