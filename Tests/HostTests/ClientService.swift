import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NightjarTesting
@testable import Transport

/// A service that packages connect to, in the test's process. Any thread.
final class ClientService: Sendable {
    enum Event: Sendable, Equatable {
        case opened
        case text(String)
        /// Number of its bytes.
        case binary(Int)
        case closed(UInt16, String)
    }

    /// What happens on its connections, in order.
    let events: Letterbox<Event>
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let server: TransportServer

    /// Serves `/feed`, which answers what is binary and a text `echo …` with the same; everything else is 404.
    ///
    /// - Parameter port: 0 lets the system choose.
    static func start(
        port: Int = 0, tls: ListenerConfiguration.TLS? = nil, _ configure: (inout WebSocketOptions) -> Void = { _ in }
    ) async throws -> ClientService {
        var options = WebSocketOptions()
        options.pingInterval = nil
        options.subprotocols = ["feed.v2"]
        configure(&options)
        let endpoint = Feed(options)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = TransportServer(group: group, logger: Logger(label: "service", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await server.prepare(0) {
            try $0.setRoutes(listener: "main", owner: "service", [.webSocket("/feed", endpoint)])
        }
        let address = try await server.listen(ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: port), tls: tls, hosts: .any))
        return ClientService(group, server, endpoint.events, address.port ?? 0)
    }

    private init(_ group: MultiThreadedEventLoopGroup, _ server: TransportServer, _ events: Letterbox<Event>, _ port: Int) {
        self.group = group
        self.server = server
        self.events = events
        self.port = port
    }

    var url: String { "ws://127.0.0.1:\(port)/feed" }

    /// Cuts all connections and gives up the port.
    func stop() async {
        await server.shutdown()
        try? await group.shutdownGracefully()
    }

    /// Runs `body` with every connection there is, on the loop.
    @discardableResult
    func each<Value: Sendable>(_ body: @escaping @Sendable (Connection) -> Value) async throws -> [Value] {
        try await server.prepare(0) { context in
            var values: [Value] = []
            var all: [Connection] = []
            context.forEachConnection { all.append($0) }
            for connection in all { values.append(body(connection)) }
            return values
        }
    }

    func send(_ text: String) async throws { try await each { $0.send(text) } }

    /// Waits for an event; what comes before is passed over.
    func next(_ wanted: Event) async throws {
        while true {
            let event = try await events.next("the service to see \(wanted)")
            if event == wanted { return }
        }
    }

    /// The end of the next connection that ends.
    func nextClosed() async throws -> (code: UInt16, reason: String) {
        while true { if case .closed(let code, let reason) = try await events.next("the end of a connection") { return (code, reason) } }
    }

    private final class Feed: WebSocketEndpoint, Sendable {
        let options: WebSocketOptions
        let events = Letterbox<Event>("an event of the service")

        init(_ options: WebSocketOptions) { self.options = options }

        func opened(_ connection: Connection) {
            events.put(.opened)
            let headers = connection.request?.headers
            if let token = headers?.first(name: "x-token") { events.put(.text("token \(token)")) }
            if connection.isCompressed { events.put(.text("compressed")) }
        }

        func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
            let isEcho = kind == .binary || bytes.starts(with: "echo".utf8)
            events.put(kind == .binary ? .binary(bytes.count) : .text(bytes.count > 200 ? "\(bytes.count) bytes" : String(decoding: bytes, as: UTF8.self)))
            if isEcho { connection.send(bytes, kind) }
        }

        func closed(_ connection: Connection, code: UInt16, reason: String) { events.put(.closed(code, reason)) }
    }
}

/// A server that has one answer to everything.
final class FixedAnswer: Sendable {
    private let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }

    init(_ text: String) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(text)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async { try? await channel.close().get() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let text: String

        init(_ text: String) { self.text = text }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}

/// A server whose package has one outgoing connection, `c`, and somebody who watches it.
struct ClientWatch {
    let server: TestServer
    let watcher: WebSocketTestClient

    /// What a package is made of that reports on its outgoing connection to who has connected to `/watch`, and does what they say.
    static func script(
        _ url: String, version: String = "v", workers: String = "one", options: String = "", more: String = "", handler: String = ""
    ) -> String {
        """
        local nightjar = require "nightjar"
        local M = { workers = "\(workers)" }
        local stream
        local function tell(...)
          local parts = { "\(version)" }
          for i = 1, select("#", ...) do parts[i + 1] = tostring((select(i, ...))) end
          nightjar.room("watchers"):send(table.concat(parts, " "))
        end
        \(url.isEmpty ? "" : """
        stream = nightjar.websocket.connect("c", "\(url)", {
          on_demand = true,
          reconnect = { first = 0.01, initial = 0.01, max = 0.02 },
          \(options)
          open = function(conn) conn.data = { n = 0 } tell("open", conn.remote, math.type(conn.id)) end,
          message = function(conn, text, binary)
            \(handler)
            conn.data.n = conn.data.n + 1
            tell("message", #text > 200 and #text or text, binary, conn.data.n)
            if text == "bye" then conn:send("bye yourself") conn:close(4001, "enough") end
          end,
          close = function(conn, code, reason) tell("close", code, reason, stream:status().state, conn.data and conn.data.n) end,
          failed = function(e, retry) tell("failed", e.code, e.status, retry and retry <= 0.02) end,
          error = function(conn, code) tell("error", code) end,
        })
        """)
        nightjar.websocket.endpoint("/watch", {
          open = function(conn) nightjar.room("watchers"):join(conn) end,
          message = function(conn, text)
            local word, rest = text:match("^(%S+) ?(.*)$")
            if word == "ready" then nightjar.room("watchers"):send("ready") end
            if word == "open" then stream:open() end
            if word == "close" then stream:close(4002, rest) end
            if word == "send" then tell("sent", stream:send(rest)) end
            if word == "binary" then tell("sent", stream:send(("\\xFF"):rep(tonumber(rest)), { binary = true })) end
            if word == "status" then
              local s = stream:status()
              tell("status", s.state, s.attempts, s.error and s.error.code, s.retry_in ~= nil, s.since > 1e9)
            end
            if word == "go" then nightjar.event.notify("go") end
            if word == "fill" then
              local count, ok, code = 0, true, nil
              while ok and count < 10000 do
                ok, code = stream:send(("x"):rep(65536))
                if ok then count = count + 1 end
                if count % 4 == 0 then nightjar.sleep(0) end
              end
              tell("filled", count, code)
            end
          end,
        })
        \(more)
        return M
        """
    }

    /// Starts it; the connection is not opened yet.
    static func start(_ script: String, _ set: (inout ServerOptions) -> Void = { _ in }) async throws -> ClientWatch {
        let server = try await TestServer(packages: ["p": script], set)
        let watcher = try await server.connect("/watch")
        try await watcher.send("ready")
        while try await watcher.receiveText() != "ready" {}
        return ClientWatch(server: server, watcher: watcher)
    }

    func say(_ text: String) async throws { try await watcher.send(text) }
    func hear() async throws -> String { try await watcher.receiveText() }

    /// Opens the connection and hears of it.
    func open() async throws {
        try await say("open")
        while !(try await hear()).contains(" open ") {}
    }

    func replace(_ script: String) async throws -> String? {
        server.save("Scripts/p/main.lua", script)
        return try await server.takeOver()
    }

    func stop() async {
        await watcher.disconnect()
        await server.stop()
    }
}
