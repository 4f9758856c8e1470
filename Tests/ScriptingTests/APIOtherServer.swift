import Logging
import NIOCore
import NIOPosix
import Transport
import NIOHTTP1

/// A server for scripts to ask.
final class OtherServer: Sendable {
    let port: Int
    private let transport: TransportServer
    private let group: MultiThreadedEventLoopGroup

    init() async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let transport = TransportServer(group: group, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.transport = transport
        await withCheckedContinuation { continuation in
            transport.withContext(0) { context in
                let responder = Responder()
                let gets = ["/hello", "/moved", "/large", "/never"].map { Route.get($0, responder) }
                try! context.setRoutes(listener: "main", owner: "test", gets + [.post("/echo", responder)])
                continuation.resume()
            }
        }
        port = try await transport.listen(ListenerConfiguration(name: "main", address: .tcp(host: "127.0.0.1", port: 0))).port!
    }

    func stop() async {
        await transport.shutdown()
        try? await group.shutdownGracefully()
    }

    private final class Responder: HTTPResponder {
        let options = HTTPOptions()
        private var unanswered: [HTTPReply] = []

        func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
            switch request.path {
            case "/hello": reply.send(status: 200, headers: ["X-Out": request.headers.first(name: "x-in") ?? ""], body: ByteBuffer(string: "hello"))
            case "/moved": reply.send(status: 302, headers: ["Location": "/hello"], body: ByteBuffer())
            case "/large": reply.send(status: 200, body: ByteBuffer(string: String(repeating: "x", count: 100)))
            case "/echo": reply.send(status: 200, body: request.body)
            default: unanswered.append(reply)
            }
        }
    }
}
