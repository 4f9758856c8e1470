import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Testing
import Transport

@testable import Nightjar

/// The command as a person runs it.
@Suite("Log dump command", .serialized, .timeLimit(.minutes(4)))
struct LogDumpCommandTests {
    @Test("without settings it explains and does not start; its help reads")
    func settings() throws {
        var (status, output) = try ServerProcess.run(["logs", "dump"])
        #expect(status == 1)
        for part in ["WS_ENDPOINT", "--endpoint", "SQL_CONNECTION_STRING", "--database"] { #expect(output.contains(part), "\(output)") }
        (status, output) = try ServerProcess.run(["logs", "dump", "--endpoint", "ws://localhost:1/", "--database", "/nonexistent/a.sqlite"])
        #expect(status == 1)
        #expect(output.contains("/nonexistent/a.sqlite cannot be opened"), "\(output)")
        (status, output) = try ServerProcess.run(["logs", "--help"])
        #expect(status == 0 && output.contains("dump"), "\(output)")
        (status, output) = try ServerProcess.run(["logs", "dump", "--help"])
        #expect(status == 0 && output.contains("LogEntry"), "\(output)")
    }

    @Test("SIGTERM and SIGINT store what has arrived and end with status 0", arguments: [SIGTERM, SIGINT])
    func signals(_ signal: Int32) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-dump-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("logs.sqlite").path
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let transport = TransportServer(group: group, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let source = LogSource()
        try await transport.prepare(0) { try $0.setRoutes(listener: "main", owner: "test", [.webSocket("/logs/listen", source)]) }
        let port = try await transport.listen(ListenerConfiguration()).port!

        let process = Foundation.Process()
        process.executableURL = try ServerProcess.executable()
        process.arguments = ["logs", "dump"]
        process.environment = ["WS_ENDPOINT": "ws://127.0.0.1:\(port)/logs/listen", "SQL_CONNECTION_STRING": path]
        let report = Pipe()
        process.standardError = report
        let output = Letterbox<String>("what the command says")
        report.fileHandleForReading.readabilityHandler = { output.put(String(decoding: $0.availableData, as: UTF8.self)) }
        defer { report.fileHandleForReading.readabilityHandler = nil }
        let ended = Letterbox<Int32>("the end of the command")
        process.terminationHandler = { ended.put($0.terminationStatus) }
        try process.run()
        let listener = try await source.listeners.next()
        // The server is a moment ahead of the client.
        var said = ""
        while !said.contains("connected") { said += try await output.next() }
        try await transport.prepare(0) { $0.connection(listener)?.send("[\(entry("a")),\(entry("b"))]") }
        kill(process.processIdentifier, signal)
        #expect(try await ended.next() == 0)

        let rows = try Database(path: path, access: .readOnly, lockWait: .zero)("SELECT msg FROM LogEntry ORDER BY Id")
        #expect(try rows.step() && rows.text(0) == "a")
        #expect(try rows.step() && rows.text(0) == "b")
        #expect(try !rows.step())
        await transport.shutdown()
        try await group.shutdownGracefully()
    }
}
