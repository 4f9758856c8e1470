import Foundation
import Logging
import NIOCore
import NIOPosix
import Host
import HostModules
import Reload
import Store
import Synchronization
import TestClient
import Transport

/// The shipped package `logs` and a package `talker` that writes to the log, on 127.0.0.1. Its clock stands until it is set,
/// so frames are known to the letter.
final class LogsServer: Sendable {
    /// Unix ms.
    static let time: Int64 = 1_763_000_000_000

    let folder: URL
    let port: Int
    let logger: Logger
    private let host: ScriptHost
    private let transport: TransportServer
    private let group: MultiThreadedEventLoopGroup
    private let now: Clock

    /// Milliseconds since 1970, set by the test.
    private final class Clock: Sendable {
        let value = Atomic<Int64>(LogsServer.time)
    }

    /// - Parameter level: Least severe line of the log; by default the log is silent.
    init(level: Logger.Level? = nil, loops: Int = 2) async throws {
        folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appendingPathComponent("nightjar-logs-\(UUID().uuidString)")
        let scripts = folder.appendingPathComponent("Scripts")
        try FileManager.default.createDirectory(at: scripts.appendingPathComponent("talker"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Self.shipped("Scripts/logs"), to: scripts.appendingPathComponent("logs"))
        try """
            local nightjar = require "nightjar"
            nightjar.http.get("/say/:text", function(request)
              nightjar.log.warn(request.params.text, { who = "ann" })
              return tostring(nightjar.generation)
            end)
            return { listener = "sync" }
            """.write(to: scripts.appendingPathComponent("talker/main.lua"), atomically: true, encoding: .utf8)
        let now = Clock()
        self.now = now
        let tap = LogTap(clock: { now.value.load(ordering: .relaxed) })
        let logger = Logger(label: "test") { _ in
            if let level { TapHandler(tap: tap, logLevel: level) as any LogHandler } else { SwiftLogNoOpLogHandler() }
        }
        self.logger = logger
        group = LoopTicks.group(numberOfThreads: loops)
        transport = TransportServer(group: group, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
        var configuration = ScriptHostConfiguration(scriptsDirectories: [scripts.path], gamesDirectory: nil, debug: false)
        configuration.logTap = tap
        host = ScriptHost(
            configuration: configuration, transport: transport, modules: StandardModules(store: MemoryStore()).list(), logger: logger,
            clock: { now.value.load(ordering: .relaxed) })
        do { try await host.start() } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        port = try await transport.listen(ListenerConfiguration(name: "sync")).port!
    }

    static func shipped(_ path: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(path).resolvingSymlinksInPath()
    }

    func setTime(_ milliseconds: Int64) { now.value.store(milliseconds, ordering: .relaxed) }

    func stop() async {
        await transport.drain(within: .seconds(1))
        await host.shutdown(deadline: .seconds(1))
        await transport.shutdown()
        try? await group.shutdownGracefully()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Loads a package again; whether that went well.
    func reload(_ package: String) async -> Bool { await host.reload([package]).allSatisfy { $0.error == nil } }

    func request(_ method: String, _ path: String, headers: [(String, String)] = [], _ body: String? = nil) async throws -> TestResponse {
        try await HTTPTestClient.request(port: port, method, path, headers: headers, body: body.map { Array($0.utf8) })
    }

    /// Posts a body to `/logs/add`; the status.
    @discardableResult
    func post(_ body: String) async throws -> Int { try await request("POST", "/logs/add", body).status }

    /// A listener; with a query like `?room=a`. It listens when this returns.
    func listen(_ query: String = "") async throws -> WebSocketTestClient {
        try await WebSocketTestClient.connect(port: port, "/logs/listen" + query)
    }

    private struct TapHandler: LogHandler {
        let tap: LogTap
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        init(tap: LogTap, logLevel: Logger.Level) {
            self.tap = tap
            self.logLevel = logLevel
        }

        func log(event: LogEvent) {
            tap.add(event.level, event.message.description, metadata.merging(event.metadata ?? [:]) { _, new in new })
        }
    }
}

extension WebSocketTestClient {
    /// The `msg` of an entry up to its first `name=value`.
    static func message(_ entry: [String: Any]) -> String? {
        (entry["msg"] as? String)?.split(separator: " ").prefix { !$0.contains("=") }.joined(separator: " ")
    }

    /// Entries of frames up to and including one whose `msg` is `last`, apart from what the server adds to its own lines.
    func entries(until last: String) async throws -> [[String: Any]] {
        var all: [[String: Any]] = []
        while true {
            let frame = try await receiveText()
            guard let list = try JSONSerialization.jsonObject(with: Data(frame.utf8)) as? [[String: Any]], !list.isEmpty else {
                throw ServerViolation(reason: frame)
            }
            all += list
            if list.contains(where: { Self.message($0) == last }) { return all }
        }
    }
}
