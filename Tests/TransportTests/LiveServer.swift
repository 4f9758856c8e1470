import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NightjarTesting
import Synchronization
@testable import Transport

/// An endpoint made of closures; they run on the loops.
final class TestEndpoint: WebSocketEndpoint, Sendable {
    enum Event: Sendable, Equatable {
        case opened(ConnectionID)
        case closed(ConnectionID, UInt16, String)
    }

    let options: WebSocketOptions
    let events = Letterbox<Event>("an event of the endpoint")
    private let onOpen: @Sendable (Connection) -> Void
    private let onMessage: @Sendable (Connection, UnsafeRawBufferPointer, MessageKind) -> Void

    init(
        _ configure: (inout WebSocketOptions) -> Void = { _ in }, opened: @escaping @Sendable (Connection) -> Void = { _ in },
        received: @escaping @Sendable (Connection, UnsafeRawBufferPointer, MessageKind) -> Void = { $0.send($1, $2) }
    ) {
        var options = WebSocketOptions()
        // On a busy machine a test may take longer than that, and its client does not answer.
        options.pingInterval = nil
        configure(&options)
        self.options = options
        onOpen = opened
        onMessage = received
    }

    func opened(_ connection: Connection) {
        onOpen(connection)
        events.put(.opened(connection.id))
    }

    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        onMessage(connection, bytes, kind)
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        events.put(.closed(connection.id, code, reason))
    }

    func nextOpened() async throws -> ConnectionID {
        while true { if case .opened(let id) = try await events.next() { return id } }
    }

    /// The code of the next connection that ends.
    func nextClosed() async throws -> (code: UInt16, reason: String) {
        while true { if case .closed(_, let code, let reason) = try await events.next() { return (code, reason) } }
    }
}

/// A responder made of a closure.
final class TestResponder: HTTPResponder, Sendable {
    let options: HTTPOptions
    private let answer: @Sendable (HTTPRequest, HTTPReply) -> Void

    init(_ configure: (inout HTTPOptions) -> Void = { _ in }, _ answer: @escaping @Sendable (HTTPRequest, HTTPReply) -> Void) {
        var options = HTTPOptions()
        configure(&options)
        self.options = options
        self.answer = answer
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) { answer(request, reply) }
}

/// A route in a form that can go to every loop.
enum TestRoute: Sendable {
    case webSocket(String, TestEndpoint)
    case http(HTTPMethod, String, TestResponder)
    case files(String, StaticFiles)

    var route: Route {
        switch self {
        case .webSocket(let pattern, let endpoint): .webSocket(pattern, endpoint)
        case .http(let method, let pattern, let responder): .method(method, pattern, responder)
        case .files(let pattern, let files): .get(pattern, files)
        }
    }
}

/// Runs a server on a port of its own for the time of `body`.
func withServer(
    loops: Int = 1, limits: TransportLimits = TransportLimits(), tls: ListenerConfiguration.TLS? = nil, hosts: HostPolicy = .any,
    _ routes: [TestRoute],
    _ body: (TransportServer, Int) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    let server = TransportServer(group: group, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), limits: limits)
    do {
        for index in 0..<loops {
            try await server.prepare(index) { try $0.setRoutes(listener: "main", owner: "test", routes.map(\.route)) }
        }
        let address = try await server.listen(ListenerConfiguration(tls: tls, hosts: hosts))
        try await body(server, address.port!)
    } catch {
        await server.shutdown()
        try? await group.shutdownGracefully()
        throw error
    }
    await server.shutdown()
    try await group.shutdownGracefully()
}

/// Runs `body` with a certificate's files, which are removed afterwards.
func withCertificate(_ body: (ListenerConfiguration.TLS) async throws -> Void) async throws {
    let folder = TestFolder()
    defer { withExtendedLifetime(folder) {} }
    try await body(TestCertificate.first.write(to: folder))
}
