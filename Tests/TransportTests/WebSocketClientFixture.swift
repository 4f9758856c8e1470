import NIOCore
import NIOPosix
import NightjarTesting
@testable import Transport

/// Notes what happens to a client; may be asked from any thread.
final class ClientRecorder: WebSocketClientDelegate, Sendable {
    enum Event: Sendable, Equatable {
        case opened(subprotocol: String?)
        case text(String)
        case binary([UInt8])
        case closed(WebSocketClientEnd)
        case failed(WebSocketClientError)
    }

    let events = Letterbox<Event>("an event of the client")
    private let onOpen: @Sendable (WebSocketClient) -> Void
    private let onMessage: @Sendable (WebSocketClient, String) -> Void

    init(
        opened: @escaping @Sendable (WebSocketClient) -> Void = { _ in },
        received: @escaping @Sendable (WebSocketClient, String) -> Void = { _, _ in }
    ) {
        onOpen = opened
        onMessage = received
    }

    func opened(_ client: WebSocketClient) {
        events.put(.opened(subprotocol: client.subprotocol))
        onOpen(client)
    }

    func received(_ client: WebSocketClient, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        let text = String(decoding: bytes, as: UTF8.self)
        events.put(kind == .text ? .text(text) : .binary(Array(bytes)))
        onMessage(client, text)
    }

    func closed(_ client: WebSocketClient, _ end: WebSocketClientEnd) { events.put(.closed(end)) }

    func failed(_ client: WebSocketClient, _ error: WebSocketClientError) { events.put(.failed(error)) }

    /// Opens on a loop of the tests' own group.
    func open(_ url: String, _ configure: @Sendable (inout WebSocketClientOptions) -> Void = { _ in }) async throws -> ClientHandle {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let url = try WebSocketURL(url)
        var options = WebSocketClientOptions()
        configure(&options)
        let chosen = options
        return try await loop.submit {
            ClientHandle(client: NIOLoopBound(WebSocketClient.open(url, options: chosen, on: loop, delegate: self), eventLoop: loop))
        }.get()
    }

    /// The end or the failure; what comes before is passed over.
    func nextEnd() async throws -> Event {
        while true {
            switch try await events.next() {
            case .closed(let end): return .closed(end)
            case .failed(let error): return .failed(error)
            default: continue
            }
        }
    }

    /// The code of the failure.
    func failure() async throws -> WebSocketClientError.Code? {
        if case .failed(let error) = try await nextEnd() { return error.code }
        return nil
    }
}

/// A client for use from a test's task.
struct ClientHandle: Sendable {
    let client: NIOLoopBound<WebSocketClient>

    func run<Value: Sendable>(_ body: @escaping @Sendable (WebSocketClient) throws -> Value) async throws -> Value {
        let client = self.client
        return try await client.eventLoop.submit { try body(client.value) }.get()
    }
}

/// A server that says what the test wants, right or wrong, after a request's head.
final class RawServer: Sendable {
    enum Step: Sendable {
        case bytes([UInt8])
        /// No more from this side; the socket stays.
        case closeOutput
        case close
    }

    private let channel: any Channel
    /// What clients sent after the head, in reads.
    let received: Letterbox<[UInt8]>
    /// Connections that ended.
    let ended: Letterbox<Bool>
    let port: Int

    private init(_ channel: any Channel, _ received: Letterbox<[UInt8]>, _ ended: Letterbox<Bool>) {
        self.channel = channel
        self.received = received
        self.ended = ended
        port = channel.localAddress!.port!
    }

    /// - Parameter script: Given the value `Sec-WebSocket-Accept` should have.
    static func run(
        _ script: @escaping @Sendable (_ accept: String) -> [Step], _ body: (RawServer) async throws -> Void
    ) async throws {
        let received = Letterbox<[UInt8]>("bytes of the client"), ended = Letterbox<Bool>("the end of a connection")
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawHandler(script, received, ended))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(RawServer(channel, received, ended))
        } catch {
            try? await channel.close().get()
            throw error
        }
        try await channel.close().get()
    }

    /// A right answer.
    static func answer(_ accept: String, _ more: String = "") -> [UInt8] {
        Array(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(accept)\r\n\(more)\r\n").utf8)
    }

    /// The code of the next close frame of a client.
    func nextCloseCode() async throws -> UInt16? {
        var bytes: [UInt8] = []
        while true {
            bytes += try await received.next()
            var rest = bytes[...]
            while rest.count >= 6, rest[rest.startIndex + 1] & 0x80 != 0 {
                let start = rest.startIndex, length = Int(rest[start + 1] & 0x7F)
                guard length <= 125, rest.count >= 6 + length else { break }
                if rest[start] == 0x88 {
                    guard length >= 2 else { return 1005 }
                    return UInt16(rest[start + 6] ^ rest[start + 2]) << 8 | UInt16(rest[start + 7] ^ rest[start + 3])
                }
                rest = rest[(start + 6 + length)...]
            }
        }
    }
}

private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: @Sendable (String) -> [RawServer.Step]
    private let received: Letterbox<[UInt8]>
    private let ended: Letterbox<Bool>
    private var head: String? = ""

    init(_ script: @escaping @Sendable (String) -> [RawServer.Step], _ received: Letterbox<[UInt8]>, _ ended: Letterbox<Bool>) {
        self.script = script
        self.received = received
        self.ended = ended
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        guard var text = head else { return received.put(bytes) }
        text += String(decoding: bytes, as: UTF8.self)
        head = text
        guard text.hasSuffix("\r\n\r\n") else { return }
        head = nil
        let line = text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }
        let key = line.map { String($0.drop { $0 != ":" }.dropFirst(2)) } ?? ""
        for step in script(Handshake.acceptValue(key)) {
            switch step {
            case .bytes(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .closeOutput: context.close(mode: .output, promise: nil)
            case .close: context.close(promise: nil)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The client has said its last word.
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { ended.put(true) }
}
