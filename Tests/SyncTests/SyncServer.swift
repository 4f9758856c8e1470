import Bytes
import Foundation
import Logging
import LuaRuntime
import NIOCore
import NIOPosix
import Store
import Synchronization
import TestClient
import Testing
import Transport

@testable import Host
@testable import HostModules
@testable import Reload

/// The party relay on a port of 127.0.0.1, with a copy of its scripts that a test may change.
final class SyncServer: Sendable {
    let port: Int
    let folder: String
    let host: ScriptHost
    private let transport: TransportServer
    private let group: MultiThreadedEventLoopGroup

    /// - Parameter settings: The package's settings, a JSON object.
    init(loops: Int, settings: String) async throws {
        folder = FileManager.default.temporaryDirectory.path + "/nightjar-sync-\(UUID().uuidString)"
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["sync", "lib"] { try FileManager.default.copyItem(atPath: root.path + "/Scripts/" + name, toPath: folder + "/" + name) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        group = LoopTicks.group(numberOfThreads: loops)
        transport = TransportServer(group: group, logger: logger)
        let configuration = ScriptHostConfiguration(scriptsDirectories: [folder], gamesDirectory: nil, debug: false)
        var modules = StandardModules(store: MemoryStore())
        modules.settings["sync"] = Array(settings.utf8)
        let sink = ErrorSink()
        self.sink = sink
        host = ScriptHost(
            configuration: configuration, transport: transport, modules: modules.list(), logger: logger,
            clock: { Int64(Date().timeIntervalSince1970 * 1_000) }
        ) { _, _, error in sink.errors.withLock { $0.append(error.description) } }
        do { try await host.start() } catch {
            try? await group.shutdownGracefully()
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        let address = try await transport.listen(ListenerConfiguration(name: "sync"))
        port = address.port!
    }

    private let sink: ErrorSink

    private final class ErrorSink: Sendable {
        let errors = Lock<[String]>([])
    }

    /// Errors of scripts so far.
    var scriptErrors: [String] { sink.errors.withLock { $0 } }

    /// Saves main.lua with a further comment and takes it over; nil if that went well.
    func reload(_ mark: Int) async throws -> String? {
        let path = folder + "/sync/main.lua"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try (text + "\n-- \(mark)\n").write(toFile: path, atomically: true, encoding: .utf8)
        let events = await host.reload()
        for event in events {
            if case .failed(let error) = event.outcome { return error.description }
        }
        return events.isEmpty ? "nothing was reloaded" : nil
    }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> TestResponse {
        try await HTTPTestClient.request(port: port, "GET", path, headers: headers)
    }

    func stop() async {
        await transport.drain(within: .seconds(1))
        await host.shutdown(deadline: .seconds(1))
        await transport.shutdown()
        try? await group.shutdownGracefully()
        try? FileManager.default.removeItem(atPath: folder)
    }
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
