import LuaRuntime
import NightjarTesting
import Reload
import Testing

/// The party relay on a port of 127.0.0.1, with a copy of its scripts that a test may change.
struct SyncServer: Sendable {
    private let server: TestServer
    var port: Int { server.port }

    /// - Parameter settings: The package's settings, a JSON object.
    init(loops: Int, settings: String) async throws {
        var options = ServerOptions()
        let scripts = TestFolder.project(of: #filePath) + "/Scripts"
        options.copies = ["Scripts/sync": scripts + "/sync", "Scripts/lib": scripts + "/lib"]
        options.workers = loops
        options.settings["sync"] = settings
        options.listeners = ["sync"]
        options.logLevel = nil
        options.patience = .seconds(1)
        // A debug build that many sockets keep busy needs longer for the same: what is measured here is not how long.
        options.luaLimits.sliceDeadline = .seconds(2)
        options.luaLimits.loadDeadline = .seconds(10)
        options.configure = { $0.voteMilliseconds = 20_000 }
        server = try await TestServer(options)
    }

    /// Errors of scripts so far.
    var scriptErrors: [String] { server.scriptErrors }

    /// Saves main.lua with a further comment and takes it over; nil if that went well.
    func reload(_ mark: Int) async throws -> String? {
        try server.folder.edit("Scripts/sync/main.lua") { $0 + "\n-- \(mark)\n" }
        let outcomes = try await server.reload()
        return outcomes.isEmpty ? "nothing was reloaded" : outcomes.first { !$0.hasSuffix(": loaded") }
    }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> TestResponse {
        try await server.request("GET", path, headers: headers)
    }

    func stop() async { await server.stop() }
}

/// Runs a relay for the time of `body`. No script may raise an error meanwhile.
func withRelay(loops: Int = 2, settings: String = "{}", _ body: (SyncServer) async throws -> Void) async throws {
    let server = try await SyncServer(loops: loops, settings: settings)
    do { try await body(server) } catch {
        await server.stop()
        throw error
    }
    #expect(server.scriptErrors == [])
    await server.stop()
}

/// One player of a test.
struct Player: Sendable {
    let socket: WebSocketTestClient

    init(_ server: SyncServer, _ path: String = "/connect", headers: [(String, String)] = []) async throws {
        socket = try await WebSocketTestClient.connect(port: server.port, path, headers: headers)
    }

    func send(_ text: String) async throws { try await socket.send(text) }

    /// The next messages are exactly these.
    func expect(_ texts: String..., at location: SourceLocation = #_sourceLocation) async throws {
        for text in texts {
            let received = try await socket.receive()
            #expect(received == .text(text), sourceLocation: location)
        }
    }

    /// Nothing has come that was not expected: the answer to a ping comes next.
    func expectNothing(at location: SourceLocation = #_sourceLocation) async throws {
        try await send("ping")
        let received = try await socket.receive()
        #expect(received == .text("pong"), sourceLocation: location)
    }

    /// Enters a session and waits until the server has said so.
    func enter(_ id: String, leader: Bool = false) async throws {
        try await send(#"{"sessionId":"\#(id)","type":"SetSession","isLeader":\#(leader)}"#)
        guard case .text(let text) = try await socket.receive(), text.hasPrefix(#"{"type":"sessionstate""#) else {
            throw ServerViolation(reason: "no state")
        }
    }

    func disconnect() async { await socket.disconnect() }
}

/// The server's messages, to the byte.
func state(_ players: Int, leader: Bool) -> String {
    #"{"type":"sessionstate","leaderConnected":\#(leader),"playersCount":\#(players)}"#
}

func notice(_ text: String) -> String { #"{"type":"servermsg","level":"warn","text":"\#(text)"}"# }
