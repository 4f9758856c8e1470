import Bytes
import Foundation
import Logging
import LuaRuntime
import NIOCore
import NIOPosix
import Host
import HostModules
import Reload
import Store
import Synchronization
import TestClient
import Transport

/// Time that stands still until a test moves it.
final class ManualClock: Sendable {
    private let milliseconds = Lock<Int64>(1_700_000_000_000)

    var now: Int64 { milliseconds.withLock { $0 } }

    func advance(_ by: Int64) { milliseconds.withLock { $0 += by } }
}

/// A server with a copy of the shipped gateway on a port of 127.0.0.1.
///
/// The copy is the test's own: it may edit the files, and `take()` makes the server take them over.
final class GatewayServer: Sendable {
    let folder: String
    let clock: ManualClock
    let host: ScriptHost
    let port: Int
    let transport: TransportServer
    private let group: MultiThreadedEventLoopGroup

    struct Options: Sendable {
        var loops = 1
        var store: (any Store)?
        var clock = ManualClock()
        /// Settings of the package, as JSON text.
        var settings: [String: String] = [:]
        var secrets: [String: String] = [:]
        /// More files, by path below the package's folder.
        var files: [String: String] = [:]
        /// More packages: name → text of `main.lua`.
        var packages: [String: String] = [:]
    }

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    init(_ options: Options = Options()) async throws {
        folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/nightjar-gateway-\(UUID().uuidString)"
        clock = options.clock
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["gateway", "lib"] {
            try FileManager.default.copyItem(atPath: Self.repository + "/Scripts/" + name, toPath: folder + "/" + name)
        }
        for (path, text) in options.files { try Self.write("\(folder)/gateway/\(path)", text) }
        for (name, text) in options.packages { try Self.write("\(folder)/\(name)/main.lua", text) }

        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        group = LoopTicks.group(numberOfThreads: options.loops)
        transport = TransportServer(group: group, logger: logger)
        var configuration = ScriptHostConfiguration(scriptsDirectories: [folder], gamesDirectory: nil, debug: false)
        configuration.listeners = ["main", "gateway"]
        let members = options.settings.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        var modules = StandardModules(store: options.store ?? MemoryStore())
        modules.settings["gateway"] = Array("{\(members)}".utf8)
        modules.outgoing = group
        modules.secrets["gateway"] = options.secrets.compactMapValues { Secret($0) }
        let sink = ErrorSink()
        self.sink = sink
        let clock = options.clock
        host = ScriptHost(
            configuration: configuration, transport: transport, modules: modules.list(), logger: logger,
            clock: { clock.now }
        ) { _, _, error in sink.add(error.description) }
        do { try await host.start() } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        let listener = ListenerConfiguration(name: "gateway", address: .tcp(host: "127.0.0.1", port: 0))
        port = try await transport.listen(listener).port!
    }

    private let sink: ErrorSink

    /// Errors that scripts raised so far.
    var scriptErrors: [String] { sink.all }

    static func write(_ path: String, _ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    func read(_ path: String) throws -> String { try String(contentsOfFile: "\(folder)/gateway/\(path)", encoding: .utf8) }

    func save(_ path: String, _ text: String) throws { try Self.write("\(folder)/gateway/\(path)", text) }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(folder)/gateway/\(path)") }

    /// Makes the server take over what has been saved. Returns what is wrong with it, or nil.
    @discardableResult
    func take() async -> String? {
        for event in await host.reload() {
            if case .failed(let error) = event.outcome { return error.description }
        }
        return nil
    }

    /// A service that has been accepted.
    func service(_ name: String, _ fields: String = "") async throws -> ServiceClient {
        let client = try await ServiceClient.connect(port)
        try await client.identify(name, fields)
        let answer = try await client.next()
        guard answer.number("opcode") == 1 else { throw Unexpected(text: answer.text) }
        return client
    }

    func stranger(_ query: String = "") async throws -> ServiceClient { try await ServiceClient.connect(port, query) }

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> TestResponse {
        try await HTTPTestClient.request(port: port, "GET", path, headers: headers)
    }

    func post(_ path: String, _ body: String, _ headers: [(String, String)] = []) async throws -> TestResponse {
        try await HTTPTestClient.request(port: port, "POST", path, headers: headers, body: Array(body.utf8))
    }

    func stats() async throws -> Message { Message(text: try await get("/gateway/stats").text) }

    /// The numbers of a pool that are held.
    func used(_ pool: String) async throws -> [Int]? { try await stats().at("pools.\(pool).used") as? [Int] }

    /// Waits until the statistics are as wanted.
    func stats(_ isWanted: (Message) -> Bool) async throws -> Message {
        for _ in 0..<20_000 {
            let stats = try await stats()
            if isWanted(stats) { return stats }
        }
        throw Unexpected(text: "the statistics never were as wanted: \(try await self.stats().text)")
    }

    func stop() async {
        await transport.stopAccepting()
        await host.announceStop()
        await transport.drain(code: 1012, within: .milliseconds(200))
        await host.shutdown(deadline: .milliseconds(500))
        await transport.shutdown()
        try? await group.shutdownGracefully()
        try? FileManager.default.removeItem(atPath: folder)
    }

    final class ErrorSink: Sendable {
        private let errors = Lock<[String]>([])
        func add(_ text: String) { errors.withLock { $0.append(text) } }
        var all: [String] { errors.withLock { $0 } }
    }
}

struct Unexpected: Error { var text: String }

/// A JSON message as it came, to be compared by its members.
struct Message: Sendable, CustomStringConvertible {
    let text: String

    var description: String { text }

    private var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    var payload: [String: Any] { object["d"] as? [String: Any] ?? [:] }

    /// A member of `d`.
    func number(_ name: String) -> Int? { payload[name] as? Int }
    func string(_ name: String) -> String? { payload[name] as? String }

    /// What lies at a path, like `messages.proxied`.
    func at(_ path: String) -> Any? {
        var value: Any? = object
        for part in path.split(separator: ".") { value = (value as? [String: Any])?[String(part)] }
        return value
    }

    func integer(_ path: String) -> Int? { at(path) as? Int }

    /// The same text for the same members, whatever their order.
    static func canonical(_ text: String) -> String {
        guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed]),
            let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
        else { return "no JSON: \(text)" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Whether this message has exactly the members of `text`.
    func equals(_ text: String) -> Bool { Message.canonical(self.text) == Message.canonical(text) }

    /// Whether this is a REJECT with this code; `reason` is free text.
    func rejects(_ code: String) -> Bool {
        at("s") as? String == "gateway" && at("t") as? String == "gateway:opcode" && number("opcode") == 2 && string("code") == code
    }
}

/// A REJECT and the close code that follows it.
struct Refusal: Equatable {
    var code: String?
    var closed: UInt16?

    init(_ code: String?, _ closed: UInt16?) {
        self.code = code
        self.closed = closed
    }
}

/// A client of the gateway.
struct ServiceClient: Sendable {
    let socket: WebSocketTestClient

    static func connect(_ port: Int, _ query: String = "") async throws -> ServiceClient {
        ServiceClient(socket: try await WebSocketTestClient.connect(port: port, "/gateway" + query))
    }

    func send(_ text: String) async throws { try await socket.send(text) }

    /// Sends an op.
    func op(_ name: String, _ number: Int, _ fields: String = "") async throws {
        try await send(#"{"s":"\#(name)","t":"gateway:opcode","d":{"opcode":\#(number)\#(fields.isEmpty ? "" : ",\(fields)")}}"#)
    }

    func identify(_ name: String, _ fields: String = "") async throws { try await op(name, 0, fields) }

    /// Sends a message to other services.
    func pass(_ name: String, _ topic: String, _ payload: String = "{}") async throws {
        try await send(#"{"s":"\#(name)","t":"gateway-proxy:\#(name):\#(topic)","d":\#(payload)}"#)
    }

    func next(within limit: TimeAmount = .seconds(20)) async throws -> Message {
        Message(text: try await socket.receiveText(within: limit))
    }

    /// The next message must be a REJECT with this code, and then the connection must be closed with this close code.
    func refusal(within limit: TimeAmount = .seconds(20)) async throws -> Refusal {
        let message = try await next(within: limit)
        let close = try await socket.receiveClose(within: limit)
        return Refusal(message.string("code"), close.code)
    }

    func closeCode(within limit: TimeAmount = .seconds(20)) async throws -> UInt16? {
        try await socket.receiveClose(within: limit).code
    }

    /// Ends the connection as a process that dies.
    func vanish() async { await socket.disconnect() }
}

/// Runs a test on a server of its own; afterwards no script may have raised an error.
func withGateway(
    _ options: GatewayServer.Options = .init(), allowsErrors: Bool = false, _ body: (GatewayServer) async throws -> Void
) async throws {
    let server = try await GatewayServer(options)
    do { try await body(server) } catch {
        await server.stop()
        throw error
    }
    let errors = server.scriptErrors
    await server.stop()
    if !allowsErrors, let first = errors.first { throw Unexpected(text: "\(errors.count) script errors: \(first)") }
}

/// Told once, seen by all.
final class Flag: Sendable {
    private let state = Lock(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

/// A count that many tasks add to.
final class Tally: Sendable {
    private let state = Lock(0)
    var value: Int { state.withLock { $0 } }
    func add(_ amount: Int = 1) { state.withLock { $0 += amount } }
}
