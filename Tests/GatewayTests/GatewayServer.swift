import Bytes
import Foundation
import LuaRuntime
import NIOCore
import NightjarTesting
import Synchronization
import Store

/// A server with a copy of the shipped gateway on a port of 127.0.0.1.
///
/// The copy is the test's own: it may edit the files, and `take()` makes the server take them over.
struct GatewayServer: Sendable {
    let base: TestServer
    let clock: ManualClock
    var port: Int { base.ports["gateway"] ?? 0 }

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

    static let repository = TestFolder.project(of: #filePath)

    init(_ options: Options = Options()) async throws {
        clock = options.clock
        let members = options.settings.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        var server = ServerOptions()
        // How fast a machine runs scripts is no matter of these tests.
        server.luaLimits.sliceDeadline = .seconds(1)
        server.luaLimits.loadDeadline = .seconds(1)
        server.copies = ["Scripts/gateway": Self.repository + "/Scripts/gateway", "Scripts/lib": Self.repository + "/Scripts/lib"]
        server.packages = options.packages
        for (path, text) in options.files { server.files["Scripts/gateway/" + path] = text }
        server.workers = options.loops
        server.store = options.store
        server.clock = options.clock
        server.settings["gateway"] = "{\(members)}"
        server.secrets["gateway"] = options.secrets
        server.listeners = ["gateway", "main"]
        server.logLevel = nil
        server.patience = .milliseconds(500)
        base = try await TestServer(server)
    }

    /// Errors that scripts raised so far.
    var scriptErrors: [String] { base.scriptErrors }

    func read(_ path: String) throws -> String { try base.folder.read("Scripts/gateway/" + path) }

    func save(_ path: String, _ text: String) { base.folder.replace("Scripts/gateway/" + path, text) }

    func remove(_ path: String) { base.folder.remove("Scripts/gateway/" + path) }

    /// Makes the server take over what has been saved. Returns what is wrong with it, or nil.
    @discardableResult
    func take() async throws -> String? { try await base.takeOver() }

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
        try await base.request("GET", path, headers: headers)
    }

    func post(_ path: String, _ body: String, _ headers: [(String, String)] = []) async throws -> TestResponse {
        try await base.request("POST", path, headers: headers, body: body)
    }

    func stats() async throws -> Message { Message(text: try await get("/gateway/stats").text) }

    /// The numbers of a pool that are held.
    func used(_ pool: String) async throws -> [Int]? { try await stats().at("pools.\(pool).used") as? [Int] }

    /// Waits until the statistics are as wanted.
    func stats(_ isWanted: (Message) -> Bool) async throws -> Message {
        do {
            return try await eventually("statistics as wanted", within: .seconds(30)) {
                let stats = try await stats()
                return isWanted(stats) ? stats : nil
            }
        } catch let error as WaitedInVain {
            throw Unexpected(text: "\(error): \(try await stats().text)")
        }
    }

    func stop() async { await base.stop() }
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
