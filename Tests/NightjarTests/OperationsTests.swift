import Foundation
import NightjarTesting
import Testing

@testable import Nightjar

/// What supervisors, monitoring and log rotation see of a server: a process of its own.
@Suite("Operations", .serialized, .timeLimit(.minutes(5)))
struct OperationsTests {
    private static let keeper = """
        local nightjar = require "nightjar"
        local bets = nightjar.metrics.counter("bets", { game = "dice \\"six\\"" })
        nightjar.http.get("/keep", function()
          bets:add(2)
          nightjar.metrics.histogram("seconds"):observe(0.3)
          nightjar.metrics.gauge("depth"):set(1.5)
          local written, code = nightjar.store.set("k", "v")
          return { body = written and "kept" or tostring(code) }
        end)
        nightjar.http.get("/fail", function() error("no") end)
        nightjar.websocket.connect("feed", "ws://127.0.0.1:1/", { on_demand = true, message = print })
        return {}
        """

    private func start(_ files: TestFiles, _ arguments: [String] = []) throws -> ServerProcess {
        try files.write("Scripts/keeper/main.lua", Self.keeper)
        return try ServerProcess(
            arguments: [
                "--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games"), "--workers", "1",
                "--listen", "ops=127.0.0.1:0", "--port-file", files.path("port"),
            ] + arguments, directory: files.url)
    }

    private func port(_ files: TestFiles) throws -> Int {
        let text = try String(contentsOfFile: files.path("port.ops"), encoding: .utf8)
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private func get(_ port: Int, _ path: String) async throws -> (status: Int, text: String) {
        let response = try await HTTPTestClient.request(port: port, "GET", path)
        return (response.status, response.text)
    }

    @Test("health, readiness and figures, those of scripts among them")
    func answers() async throws {
        let files = try TestFiles()
        let server = try start(files)
        defer { server.kill() }
        let port = try port(files)
        #expect(try await get(port, "/health") == (200, "ok\n"))
        #expect(try await get(port, "/ready") == (200, "ready\n"))
        #expect(try await get(server.port, "/metrics").status == 404, "figures are on their own listener alone")
        #expect(try await get(server.port, "/keep").text == "kept")
        #expect(try await get(server.port, "/fail").status == 500)
        let figures = try await get(port, "/metrics")
        #expect(figures.status == 200)
        for line in [
            "# TYPE bets counter", #"bets{game="dice \"six\"",package="keeper"} 2"#, #"depth{package="keeper"} 1.5"#,
            #"seconds_bucket{package="keeper",le="0.2"} 0"#, #"seconds_bucket{package="keeper",le="0.5"} 1"#,
            #"seconds_bucket{package="keeper",le="+Inf"} 1"#, #"seconds_sum{package="keeper"} 0.3"#, #"seconds_count{package="keeper"} 1"#,
            #"nightjar_info{version="\#(Version.current)"} 1"#, #"nightjar_units{state="running"} 1"#,
            #"nightjar_outgoing_connections{state="open"} 0"#, #"nightjar_outgoing_connections{state="closed"} 1"#,
            #"nightjar_script_errors_total{unit="package keeper"} 1"#, "# TYPE process_resident_memory_bytes gauge", "nightjar_log_lines_missing_total 0",
        ] { #expect(figures.text.split(separator: "\n").contains(Substring(line)), "\(line) is not in \(figures.text)") }
        #expect(server.terminate() == 0)
    }

    @Test("a data folder that goes away while the server runs: nothing is kept, it is said, and it goes on when the folder is back")
    func lostFolder() async throws {
        let files = try TestFiles()
        let server = try start(files)
        defer { server.kill() }
        let port = try port(files)
        #expect(try await get(server.port, "/keep").text == "kept")
        try FileManager.default.moveItem(atPath: files.path("data"), toPath: files.path("aside"))
        #expect(try await get(server.port, "/keep").text == "store_lost")
        #expect(try await get(port, "/ready") == (503, "the store takes no changes: store_lost\n"))
        #expect(try await get(port, "/health").status == 200, "a restart would not mend it")
        try FileManager.default.moveItem(atPath: files.path("aside"), toPath: files.path("data"))
        #expect(try await get(server.port, "/keep").text == "kept")
        #expect(try await get(port, "/ready").status == 200)
        #expect(server.terminate() == 0)
        let log = try String(contentsOf: server.logPath, encoding: .utf8)
        #expect(log.contains("nightjar.sqlite is not there any more") && log.contains("put it back"))
        #expect(log.contains("The store works again"))
    }

    @Test("the access log has each request without its query; SIGUSR1 opens the file anew and ends nothing")
    func logFile() async throws {
        let files = try TestFiles()
        let server = try start(files, ["--access-log", "--log-file", files.path("log")])
        defer { server.kill() }
        #expect(try await get(server.port, "/keep?token=secret").status == 200)
        _ = try? await WebSocketTestClient.connect(port: server.port, "/nothing")
        try await eventually("the lines of the requests") { self.text(files.path("log")).contains("/nothing") }
        let lines = text(files.path("log")).split(separator: "\n").filter { $0.contains("nightjar.access") }
        #expect(lines.contains { $0.contains(#""message":"GET /keep""#) && $0.contains(#""status":"200""#) && $0.contains(#""bytes":"4""#) })
        #expect(lines.contains { $0.contains(#""message":"GET /nothing""#) && $0.contains(#""status":"404""#) })
        #expect(!text(files.path("log")).contains("secret"))
        try FileManager.default.moveItem(atPath: files.path("log"), toPath: files.path("log.1"))
        server.signal(SIGUSR1)
        try await eventually("the new file") { FileManager.default.fileExists(atPath: files.path("log")) }
        #expect(try await get(server.port, "/fail").status == 500)
        try await eventually("the line in the new file") { self.text(files.path("log")).contains("GET /fail") }
        #expect(!text(files.path("log.1")).contains("GET /fail"))
        #expect(server.terminate() == 0)
        #expect(text(files.path("log")).contains("stopped"))
        #expect(text(server.logPath.path).isEmpty, "standard error has nothing of it")
    }

    private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    @Test("SIGUSR1 without a log file, and to commands that know nothing of it")
    func harmless() async throws {
        let files = try TestFiles()
        let server = try start(files)
        defer { server.kill() }
        for _ in 0..<5 { server.signal(SIGUSR1) }
        #expect(try await get(server.port, "/keep").text == "kept")
        #expect(server.terminate() == 0)
    }

    @Test("a crash is reported by addresses, which takes no time")
    func crash() async throws {
        let files = try TestFiles()
        let server = try start(files)
        defer { server.kill() }
        // Sent from outside the signal is no fault that comes again and ends the process, so the report is all there is to see.
        server.signal(SIGSEGV)
        try await eventually("the report") { self.text(server.logPath.path).contains("Backtrace took") }
        let report = text(server.logPath.path)
        #expect(report.contains("crashed") && !report.contains(".swift:"), "\(report)")
    }

    @Test("a fault ends the process by its signal, soon, with a report")
    func fault() async throws {
        let files = try TestFiles()
        let server = try start(files)
        defer { server.kill() }
        #expect(try await get(server.port, "/keep").text == "kept")
        // The store has this file in its memory: what it touches next is not there, a fault like any other.
        #expect(truncate(files.path("data/nightjar.sqlite-shm"), 0) == 0)
        _ = try? await get(server.port, "/keep")
        // Names of functions would take ten seconds of processor time, so much that no machine's load is needed to tell.
        #expect(server.hasEnded(within: 30))
        #expect(server.process.terminationReason == .uncaughtSignal && server.process.terminationStatus == SIGBUS)
        let report = text(server.logPath.path)
        let took = try #require(report.firstMatch(of: /Backtrace took ([0-9.]+)s/).flatMap { Double($0.1) }, "\(report)")
        #expect(took < 5 && report.contains("Program crashed") && !report.contains(".swift:"), "\(report)")
    }

    @Test("everything the server makes is its user's alone, whatever the process's mask")
    func modes() async throws {
        let files = try TestFiles()
        try files.write("Scripts/keeper/main.lua", Self.keeper)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.currentDirectoryURL = ServerProcess.root
        process.arguments = [
            "-c", "umask 0; exec \"$0\" \"$@\"", try ServerProcess.executable().path, "serve", "--port", "0", "--data-dir", files.path("made/data"),
            "--scripts", files.path("Scripts"), "--games", files.path("games"), "--log-file", files.path("made/log"), "--port-file", files.path("made/port"),
        ]
        try FileManager.default.createDirectory(atPath: files.path("made"), withIntermediateDirectories: true)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        try await eventually("the port file") { FileManager.default.fileExists(atPath: files.path("made/port")) }
        let found = try #require(FileManager.default.enumerator(atPath: files.path("made"))?.allObjects as? [String])
        #expect(Set(found).isSuperset(of: ["data", "data/nightjar.sqlite", "data/nightjar.sqlite-wal", "data/nightjar.sqlite-shm", "data/server.lock", "data/control.sock", "log", "port"]))
        for name in found {
            var info = stat()
            #expect(lstat(files.path("made/" + name), &info) == 0)
            #expect(info.st_mode & 0o077 == 0, "\(name) has the mode \(String(info.st_mode & 0o777, radix: 8))")
        }
    }

    @Test("what is open to others is said at the start")
    func warnings() throws {
        let files = try TestFiles()
        try FileManager.default.createDirectory(atPath: files.path("data"), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let server = try start(files)
        defer { server.kill() }
        #expect(server.terminate() == 0)
        let log = try String(contentsOf: server.logPath, encoding: .utf8)
        #expect(log.contains("is open to other users of this machine (mode 755)") && log.contains("chmod 700 \(files.path("data"))"))
    }

    @Test("listeners that are better not shown to other machines are named")
    func exposure() throws {
        var settings = Settings()
        settings.debug = true
        #expect(settings.exposureWarnings.isEmpty)
        settings.host = "0.0.0.0"
        #expect(settings.exposureWarnings.count == 1 && settings.exposureWarnings[0].contains("--debug"))
        settings.debug = false
        #expect(settings.exposureWarnings.isEmpty)
        try settings.addListener("ops=0.0.0.0")
        #expect(settings.exposureWarnings.count == 1 && settings.exposureWarnings[0].contains("0.0.0.0:5020"))
        try settings.addListener("ops")
        #expect(settings.exposureWarnings.isEmpty)
    }
}
