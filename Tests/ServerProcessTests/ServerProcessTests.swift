import Foundation
import Glibc
import NightjarTesting
import Testing

/// What only the whole process shows: its standard error, its signals.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ServerProcessTests {
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
                  for _ = 1, 20 do nightjar.log.error("flood", { text = ("x"):rep(1000) }) end
                  return "flooded"
                end)
                return {}
                """,
        ])
        for _ in 0..<100 {
            let answer = try await blocking { try BlockingWebSocket(port: server.port).http("GET", "/flood").status }
            #expect(answer == 200)
        }
        for _ in 0..<4 { try await server.echoes(50) }
        let status = try await server.terminate()
        #expect(status == 0, "1: not in order; negative: by this signal")
    }

    /// A class of misbehaviour, and a package of it: `go` begins with the server and again when it ends.
    struct Class: Sendable, CustomTestStringConvertible {
        let name: String
        /// Text in front of `go`, and its body.
        var head = ""
        let body: String
        var testDescription: String { name }
    }

    static let classes = [
        Class(name: "waits that end at once", body: "while true do pcall(function() nightjar.room('x'):count() end) end"),
        Class(name: "calls of nobody", body: "while true do pcall(nightjar.call, 'nobody.there') end"),
        Class(name: "ports above 65535", body: "while true do pcall(nightjar.http.fetch, { url = 'http://127.0.0.1:65616/' }) nightjar.sleep(0) end"),
        Class(name: "metamethods put in later", body: """
            local meta = {}
            local x = setmetatable({}, meta)
            pcall(rawset, meta, "__concat", function() while true do end end)
            while true do
              pcall(coroutine.wrap(function() return "a" .. x end))
              nightjar.sleep(0)
            end
            """),
        Class(name: "spawn in spawn", head: "local function f() nightjar.spawn(f) end", body: "f()"),
        Class(
            name: "publishing to itself", head: "nightjar.subscribe('loop', function() nightjar.publish('loop', 1) end)",
            body: "nightjar.publish('loop', 1)"),
        Class(name: "coroutines that wake each other", body: """
            local a = coroutine.wrap(function() while true do coroutine.yield() end end)
            while true do pcall(function() while true do a() end end) pcall(nightjar.sleep, 0) end
            """),
        Class(name: "sleep of 0", body: "while true do pcall(nightjar.sleep, 0) end"),
        Class(name: "events of 0", body: "while true do pcall(nightjar.event.wait, 'never', 0) end"),
        Class(
            name: "timers that breed", head: "local function f() nightjar.timer.after(0.001, f) nightjar.timer.after(0.001, f) end", body: "f()"),
        Class(name: "300 spawned functions of 18 ms", body: """
            for _ = 1, 300 do
              nightjar.spawn(function()
                local started = os.clock()
                while os.clock() - started < 0.018 do end
              end)
            end
            """),
        Class(name: "5,000 waiters of one event", body: """
            for _ = 1, 5000 do nightjar.spawn(function() while true do pcall(nightjar.event.wait, 'go') end end) end
            while true do
              nightjar.event.notify('go')
              pcall(nightjar.sleep, 0.01)
            end
            """),
        Class(name: "a flood of the log", body: "while true do for _ = 1, 100 do nightjar.log.info(('x'):rep(1000)) end pcall(nightjar.sleep, 0) end"),
        Class(name: "long work in the host", body: """
            local text, changes = ("\\0\\n\\255"):rep(1 << 20), {}
            for i = 1, 256 do changes[i] = { "set", "k" .. i, text } end
            while true do
              pcall(function() nightjar.log.warn(text, { text = text }) end)
              pcall(string.format, "%q", text)
              pcall(os.date, ("%c"):rep(100000))
              pcall(nightjar.store.batch, changes)
              pcall(nightjar.sleep, 0)
            end
            """),
        Class(name: "work without an end that catches what stops it", body: "while true do pcall(function() while true do end end) pcall(nightjar.sleep, 0) end"),
        Class(name: "routes that contradict themselves", head: "nightjar.http.get('/busy/:a/:a', print) nightjar.http.get('/busy/*/x', print)", body: "return"),
        Class(name: "half of a character to a room", head: """
            nightjar.websocket.endpoint('/busy', { open = function(conn) nightjar.room('all'):join(conn) end, message = function() end })
            nightjar.timer.every('cut', 0.001, function() nightjar.room('all'):send(("é"):sub(1, 1)) end)
            """, body: "return"),
    ]

    @Test("SIGTERM ends a server in 10 seconds and in order, whatever its scripts do", arguments: classes)
    func sigtermEnds(_ kind: Class) async throws {
        let server = try await Process.serve([
            "echo": Self.echo,
            "busy": """
                local nightjar = require "nightjar"
                \(kind.head)
                local function go()
                  nightjar.spawn(function()
                    \(kind.body)
                  end)
                end
                return { on_reload = go, on_unload = go, on_stop = go }
                """,
        ])
        try await server.echoes(20)
        // Another generation beside what the first one left.
        try await server.reload("busy")
        try await server.echoes(20)
        let began = ContinuousClock.now
        let status = try await server.terminate()
        #expect(status == 0, "1: not in order; negative: by this signal")
        // Who stops in time does so in order; this is for one that does neither.
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test("SIGTERM ends a server in order while an engine works without an end")
    func sigtermEndsWithGames() async throws {
        let project = TestFolder.project(of: #filePath)
        let server = try await Process.serve(["echo": Self.echo], copies: ["Scripts": project + "/Scripts"], files: [
            "Scripts/casino/sites/bad.json": #"{"id":"bad","initial_credits":1000,"games":{"busy":{}}}"#,
            "games/busy/manifest.json": #"{"id":"busy","settings":{}}"#,
            "games/busy/engine.lua": """
                local M = { actions = {} }
                function M.init() return { name = "idle", data = {}, actions = { "loop" } } end
                function M.actions.loop() while true do pcall(function() while true do end end) end end
                return M
                """,
        ])
        let port = server.port
        let players = try await blocking {
            try (0..<4).map { number in
                let socket = try BlockingWebSocket(port: port, path: "/session/ws", timeoutSeconds: 30)
                try socket.send(#"{"auth":{"uid":"tester\#(number)","token":""},"platform":"demo","site":"bad"}"#)
                _ = try socket.receive()
                try socket.send(#"{"t":"gameload","gameid":"busy"}"#)
                let state = try socket.receiveObject()["gamestate"] as? [String: Any]
                let id = try #require(state?["id"] as? String)
                for _ in 0..<20 { try socket.send(#"{"t":"action","action":"loop","params":{},"sid":"\#(id)"}"#) }
                return Player(socket: socket)
            }
        }
        try await server.echoes(20)
        let began = ContinuousClock.now
        let status = try await server.terminate()
        #expect(status == 0, "1: not in order; negative: by this signal")
        // Who stops in time does so in order; this is for one that does neither.
        #expect(ContinuousClock.now - began < .seconds(30))
        _ = players
    }

    // @unchecked: made by one thread, dropped by another, used by none in between.
    private struct Player: @unchecked Sendable { let socket: BlockingWebSocket }
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
                guard try socket.receive() == "\(number)" else { throw ServerViolation(reason: "another answer") }
            }
        }
    }

    /// Saves a package anew and has the server take it over. Waits until it has looked, not for what it thinks of it.
    func reload(_ package: String) async throws {
        let path = "Scripts/\(package)/main.lua"
        folder.write(path, try folder.read(path) + "\n-- again\n")
        let echo = "Scripts/echo/main.lua"
        folder.write(echo, try folder.read(echo).replacing("return {}", with: "nightjar.http.get(\"/again\", function() return \"again\" end)\nreturn {}"))
        kill(pid, SIGHUP)
        let port = port
        try await eventually("the reload", within: Waiting.usual) {
            try await blocking { try BlockingWebSocket(port: port, timeoutSeconds: 30).http("GET", "/again").status == 200 }
        }
    }

    /// Asks for an end; the exit status.
    func terminate() async throws -> Int32 {
        kill(pid, SIGTERM)
        return try await ended.next()
    }
}

extension Process {
    fileprivate static func serve(
        _ packages: [String: String], copies: [String: String] = [:], files: [String: String] = [:]
    ) async throws -> ServerProcess {
        let folder = TestFolder()
        for (name, source) in copies { try folder.copy(source, to: name) }
        for (name, text) in packages { folder.write("Scripts/\(name)/main.lua", text) }
        for (path, text) in files { folder.write(path, text) }
        folder.write("games/README", "There are none.")
        let process = Process()
        process.executableURL = try BuiltExecutable.url("nightjar")
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
            let port = try await eventually("the server's port", within: Waiting.usual) {
                (try? folder.read("port")).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            }
            return ServerProcess(port: port, folder: folder, pid: pid, ended: ended)
        } catch {
            kill(pid, SIGKILL)
            throw error
        }
    }
}
