import Bytes
public import NIOCore
import NIOPosix
import Synchronization

/// The connection ended before what was waited for came.
public struct ConnectionEnded: Error {
    public init() {}
}

/// What was waited for did not come in time.
public struct TimedOut: Error, CustomStringConvertible {
    public let description: String

    init(_ limit: TimeAmount, _ unread: ByteBuffer) {
        let seconds = Double(limit.nanoseconds) / 1e9
        let bytes = unread.readableBytesView
        description = "waited \(seconds) s in vain for the server's bytes; "
            + (bytes.isEmpty ? "there were none" : "of \(bytes.count) these are the first: \(String(decoding: bytes.prefix(200), as: UTF8.self).debugDescription)")
    }
}

extension TimeAmount {
    /// ``Waiting/usual`` for what waits on a loop.
    public static let usualWait = TimeAmount.nanoseconds(Int64(Waiting.usual / .nanoseconds(1)))
}

/// A raw client connection for tests: bytes out, bytes in, each wait bounded.
public final class TestConnection: Sendable {
    private let channel: any Channel
    private let inbox: NIOLoopBound<Inbox>

    private init(_ channel: any Channel, _ inbox: NIOLoopBound<Inbox>) {
        self.channel = channel
        self.inbox = inbox
    }

    /// Connects to a port of the loopback.
    /// - Parameters:
    ///   - receiveBufferBytes: Size of the socket's receive buffer, to play a slow reader.
    ///   - prepare: Adds handlers in front, for TLS.
    public static func connect(
        port: Int, receiveBufferBytes: Int? = nil, prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws -> TestConnection {
        try await open(receiveBufferBytes, prepare) { $0.connect(host: "127.0.0.1", port: port) }
    }

    /// Connects to a Unix socket.
    public static func connect(unixPath: String) async throws -> TestConnection {
        try await open(nil, { _ in }) { $0.connect(unixDomainSocketPath: unixPath) }
    }

    private static func open(
        _ receiveBufferBytes: Int?, _ prepare: @escaping @Sendable (any Channel) throws -> Void,
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) async throws -> TestConnection {
        // Kept from the start: a server that closes at once takes the handlers out of the pipeline.
        let made = Lock<NIOLoopBound<Inbox>?>(nil)
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    let inbox = Inbox()
                    made.withLock { $0 = NIOLoopBound(inbox, eventLoop: channel.eventLoop) }
                    try channel.pipeline.syncOperations.addHandler(inbox)
                }
            }
        if let receiveBufferBytes {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBufferBytes)
        }
        let channel = try await connect(bootstrap).get()
        guard let inbox = made.withLock({ $0 }) else { throw ConnectionEnded() }
        return TestConnection(channel, inbox)
    }

    /// Writes bytes and waits until the system has them.
    /// - Throws: ``WaitedInVain`` when the server does not read them.
    public func send(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        let written: EventLoopFuture<Void> = channel.writeAndFlush(ByteBuffer(bytes: bytes))
        try await answer("the server to read what the client wrote") { written.whenComplete($0) }.get()
    }

    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Writes bytes and does not wait.
    public func post(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    /// Waits until `parse` finds something in what came in. It is asked again with every read until it returns a value.
    /// - Throws: `ConnectionEnded`, `TimedOut`, or what `parse` throws.
    public func receive<Value: Sendable>(
        within limit: TimeAmount = .usualWait, _ parse: @escaping @Sendable (inout ByteBuffer) throws -> Value?
    ) async throws -> Value {
        let inbox = self.inbox
        let loop = channel.eventLoop
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: Value.self)
            inbox.value.wait(promise, parse)
            let timeout = loop.scheduleTask(in: limit) { inbox.value.giveUp(limit) }
            promise.futureResult.whenComplete { _ in timeout.cancel() }
            return promise.futureResult
        }.get()
    }

    /// Waits for the other side to close. Returns what came before that.
    public func receiveEnd(within limit: TimeAmount = .usualWait) async throws -> [UInt8] {
        do {
            return try await receive(within: limit) { _ in nil }
        } catch is ConnectionEnded {
            let inbox = self.inbox
            return try await channel.eventLoop.submit { inbox.value.takeAll() }.get()
        }
    }

    /// Stops and resumes reading from the socket.
    public func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    public func close() async { try? await channel.close().get() }
}

/// Collects what comes in and serves one waiter at a time.
private final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var buffer = ByteBuffer()
    private var hasEnded = false
    /// Tries to satisfy the waiter; true if it is served.
    private var attempt: ((any Error)?) -> Bool = { _ in true }

    func wait<Value: Sendable>(
        _ promise: EventLoopPromise<Value>, _ parse: @escaping @Sendable (inout ByteBuffer) throws -> Value?
    ) {
        attempt = { [unowned self] failure in
            do {
                if let value = try parse(&self.buffer) {
                    promise.succeed(value)
                } else if let failure {
                    throw failure
                } else if self.hasEnded {
                    throw ConnectionEnded()
                } else {
                    return false
                }
            } catch {
                promise.fail(error)
            }
            return true
        }
        serve()
    }

    func giveUp(_ limit: TimeAmount) { if attempt(TimedOut(limit, buffer)) { attempt = { _ in true } } }

    func takeAll() -> [UInt8] {
        defer { buffer.clear() }
        return Array(buffer.readableBytesView)
    }

    private func serve() { if attempt(nil) { attempt = { _ in true } } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        buffer.writeBuffer(&bytes)
        serve()
    }

    func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        serve()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
