import Foundation
import Glibc
import NightjarTesting
import Testing

/// What only the whole process shows: its standard error, its signals.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServerProcessTests {
    private static let echo = """
        local nightjar = require "nightjar"
        nightjar.websocket.endpoint("/echo", { message = function(conn, text) conn:send(text) end })
        return {}
        """

    @Test("nobody reads standard error: the log is lost, the server goes on, on all workers")
    func standardErrorIsAFullPipe() async throws {
        let server = try await Process.serve([
            "echo": Self.echo,
            "flood": """
                local nightjar = require "nightjar"
                nightjar.http.get("/flood", function()
                  for _ = 1, 100 do nightjar.log.error("flood", { text = ("x"):rep(1000) }) end
                  return "flooded"
                end)
                return {}
                """,
        ])
        for _ in 0..<20 {
            let answer = try await blocking { try BlockingWebSocket(port: server.port).http("GET", "/flood").status }
            #expect(answer == 200)
        }
        for _ in 0..<4 { try await server.echoes(50) }
        #expect(try await server.terminate() == 0)
    }

    @Test("SIGTERM ends a server in 10 seconds, whatever its scripts do", arguments: [
        "local function f() nightjar.spawn(f) end f()",
        "nightjar.spawn(function() while true do pcall(nightjar.sleep, 0) end end)",
        "local function f() nightjar.timer.after(0.001, f) nightjar.timer.after(0.001, f) end f()",
        "nightjar.spawn(function() while true do pcall(function() while true do end end) pcall(nightjar.sleep, 0) end end)",
    ])
    func sigtermEnds(_ body: String) async throws {
        let server = try await Process.serve([
            "echo": Self.echo,
            "busy": "local nightjar = require \"nightjar\"\nreturn { on_reload = function() \(body) end, on_unload = function() \(body) end }\n",
        ])
        try await server.echoes(20)
        let began = ContinuousClock.now
        #expect(try await server.terminate() == 0)
        #expect(ContinuousClock.now - began < .seconds(11))
    }
}

/// A `nightjar serve` of its own folder, whose standard error nobody reads.
private final class ServerProcess: Sendable {
    let port: Int
    private let folder: TestFolder
    private let pid: Int32
    private let ended: Letterbox<Int32>

    init(port: Int, folder: TestFolder, pid: Int32, ended: Letterbox<Int32>) {
        self.port = port
        self.folder = folder
        self.pid = pid
        self.ended = ended
    }

    // However the test ends, the process does.
    deinit { kill(pid, SIGKILL) }

    /// So many round trips.
    func echoes(_ count: Int) async throws {
        let port = port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/echo")
            for number in 0..<count {
                try socket.send("\(number)")
                guard try socket.receive() == "\(number)" else { throw Misbehave.NotBuilt(description: "another answer") }
            }
        }
    }

    /// Asks for an end; the exit status.
    func terminate() async throws -> Int32 {
        kill(pid, SIGTERM)
        return try await ended.next()
    }
}

extension Process {
    fileprivate static func serve(_ packages: [String: String]) async throws -> ServerProcess {
        let folder = TestFolder()
        for (name, text) in packages { folder.write("Scripts/\(name)/main.lua", text) }
        folder.write("games/README", "There are none.")
        let process = Process()
        process.executableURL = try Misbehave.executable("nightjar")
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.arguments = [
            "serve", "--ephemeral", "--port", "0", "--port-file", folder.path + "/port", "--workers", "2",
            "--scripts", folder.path + "/Scripts", "--games", folder.path + "/games", "--data-dir", folder.path + "/data",
        ]
        let unread = Pipe()
        process.standardError = unread
        process.standardOutput = FileHandle.nullDevice
        let ended = Letterbox<Int32>("the end of the server")
        process.terminationHandler = { process in
            _ = unread.fileHandleForReading.fileDescriptor  // kept open to the end, and never read
            ended.put(process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
        }
        try process.run()
        let pid = process.processIdentifier
        do {
            let port = try await eventually("the server's port", within: .seconds(20)) {
                (try? folder.read("port")).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            }
            return ServerProcess(port: port, folder: folder, pid: pid, ended: ended)
        } catch {
            kill(pid, SIGKILL)
            throw error
        }
    }
}
