import Foundation
import NightjarTesting
import Testing

/// The commands as a person runs them: processes of their own.
@Suite("Commands", .serialized)
struct CommandTests {
    private func temporaryDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }

    @Test("check finds no problem in what is shipped")
    func checkShipped() throws {
        let (status, output) = try ServerProcess.run(["check"])
        #expect(status == 0, "\(output)")
        #expect(output.contains("no problems"))
    }

    @Test("check names file and line of each problem and exits with 1")
    func checkBroken() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let package = directory.appendingPathComponent("Scripts/broken")
        try FileManager.default.createDirectory(at: package, withIntermediateDirectories: true)
        try "local M = {}\ncount = 1\nreturn M\n".write(to: package.appendingPathComponent("main.lua"), atomically: true, encoding: .utf8)
        let other = directory.appendingPathComponent("Scripts/unfinished")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
        let games = directory.appendingPathComponent("games")
        try FileManager.default.createDirectory(at: games, withIntermediateDirectories: true)
        try "local M = {\nreturn M\n".write(to: other.appendingPathComponent("main.lua"), atomically: true, encoding: .utf8)
        let (status, output) = try ServerProcess.run([
            "check", "--scripts", directory.appendingPathComponent("Scripts").path, "--games", games.path,
        ])
        #expect(status == 1)
        #expect(output.contains("broken/main.lua:2"))
        #expect(output.contains("count"))
        #expect(output.contains("unfinished/main.lua:"))
    }

    @Test("a failing spec and a site that says something untrue are problems, with exit status 1")
    func checkSpecsAndSites() throws {
        let files = try TestFiles([
            "Scripts/p/main.lua": "return {}", "Scripts/p/spec/p_spec.lua": "return {\n  fails = function() error('on purpose') end\n}",
        ])
        var (status, output) = try ServerProcess.run(["check", "--scripts", files.path("Scripts"), "--games", files.path("games")])
        #expect(status == 1 && output.contains("p/spec/p_spec.lua:2: fails: on purpose") && output.contains("1 problem"), "\(output)")

        let scripts = files.path("Whole")
        try FileManager.default.copyItem(atPath: ServerProcess.root.path + "/Scripts", toPath: scripts)
        try files.write("Whole/casino/sites/x.json", "{\"id\": \"x\", \"games\": {\n\"jocker_bingo\": {}}}")
        (status, output) = try ServerProcess.run(["check", "--scripts", scripts])
        #expect(status == 1 && output.contains("x.json:2: ") && output.contains("did you mean \"joker_bingo\"?"), "\(output)")
    }

    @Test("options win over the environment, which wins over the file")
    func precedence() throws {
        let files = try TestFiles(["config.json": #"{"games_dir":"/nope/file"}"#])
        let file = ["check", "--config", files.path("config.json")]
        let variable = ["NIGHTJAR_GAMES_DIR": "/nope/variable"]
        #expect(try ServerProcess.run(file).output.contains("/nope/file"))
        #expect(try ServerProcess.run(file, environment: variable).output.contains("/nope/variable"))
        let (status, output) = try ServerProcess.run(file + ["--games", "games"], environment: variable)
        #expect(status == 0, "\(output)")
    }

    @Test("annotations writes what an editor reads")
    func annotations() throws {
        let files = try TestFiles(["meta/old.txt": ""])
        let (status, output) = try ServerProcess.run(["annotations", "--output", files.path("meta")])
        #expect(status == 0, "\(output)")
        for name in try FileManager.default.contentsOfDirectory(atPath: ServerProcess.root.path + "/Scripts/meta") {
            #expect(output.contains("wrote \(files.path("meta"))/\(name)"))
            let written = try String(contentsOfFile: files.path("meta/" + name), encoding: .utf8)
            #expect(written == (try String(contentsOfFile: ServerProcess.root.path + "/Scripts/meta/" + name, encoding: .utf8)), "\(name)")
        }
    }

    /// Fifty players bet in the same moment in which the server is told to stop: who was answered finds the round after the next
    /// start, and nobody finds half of one.
    @Test("what the casino has accepted is committed when the server is told to stop")
    func acceptedActionsAreCommitted() throws {
        let files = try TestFiles()
        let arguments = ["--data-dir", files.path("data"), "--log-level", "error"]
        var server = try ServerProcess(arguments: arguments, directory: files.url)
        var players: [(socket: BlockingWebSocket, sid: String)] = []
        for number in 0..<50 {
            let (socket, state) = try Self.play(number, on: server.port)
            players.append((socket, try #require((state["gamestate"] as? [String: Any])?["id"] as? String)))
        }
        for (socket, sid) in players {
            try socket.send(#"{"t":"action","action":"bet","params":{"amount":4},"sid":"\#(sid)"}"#)
        }
        server.signal(SIGTERM)
        var answered: Set<Int> = []
        for (number, player) in players.enumerated() {
            while let message = try? player.socket.receiveObject() {
                if (message["gamestate"] as? [String: Any])?["name"] as? String == "game" { answered.insert(number) }
            }
        }
        #expect(server.end(within: 15) == 0)
        let (status, output) = try ServerProcess.run(["verify", files.path("data/nightjar.sqlite")])
        #expect(status == 0, "\(output)")
        server = try ServerProcess(arguments: arguments, directory: files.url)
        defer { server.kill() }
        for number in players.indices {
            let (_, state) = try Self.play(number, on: server.port)
            let name = (state["gamestate"] as? [String: Any])?["name"] as? String
            let credits = (state["wallet"] as? [String: Any])?["credits"] as? Int
            #expect(name == "game" || !answered.contains(number), "player \(number) was told of a round that is not there")
            #expect(credits == (name == "game" ? 996 : 1_000), "player \(number) has \(credits ?? -1) and is in \(name ?? "no game")")
        }
    }

    /// A session in the bingo game; its state.
    private static func play(_ number: Int, on port: Int) throws -> (BlockingWebSocket, [String: Any]) {
        let socket = try BlockingWebSocket(port: port, path: "/session/ws")
        try socket.send(#"{"auth":{"uid":"player-\#(number)"},"platform":"demo","site":"demo"}"#)
        try socket.send(#"{"t":"gameload","gameid":"joker_bingo"}"#)
        var message = try socket.receiveObject()
        while message["gamestate"] == nil { message = try socket.receiveObject() }
        return (socket, message)
    }

    @Test("SIGTERM stops the server in order with status 0, and the store is consistent")
    func terminate() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let server = try ServerProcess(arguments: ["--data-dir", directory.path, "--log-level", "error"], directory: directory)
        let socket = try BlockingWebSocket(port: server.port, path: "/session/ws")
        try socket.send(#"{"auth":{"uid":"a"},"platform":"demo","site":"demo"}"#)
        #expect(try socket.receiveObject()["t"] as? String == "state")
        let began = Date()
        #expect(server.terminate() == 0)
        #expect(Date().timeIntervalSince(began) < 10)
        #expect(throws: BlockingWebSocket.Failure.self) { while true { _ = try socket.receive() } }
        let (status, output) = try ServerProcess.run(["verify", directory.appendingPathComponent("nightjar.sqlite").path])
        #expect(status == 0, "\(output)")
    }

    @Test("reload tells what happened, and a broken script by file and line with exit status 1")
    func reload() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let scripts = directory.appendingPathComponent("Scripts")
        try FileManager.default.copyItem(at: ServerProcess.root.appendingPathComponent("Scripts"), to: scripts)
        let server = try ServerProcess(
            arguments: ["--ephemeral", "--data-dir", directory.path, "--scripts", scripts.path, "--log-level", "error"], directory: directory)
        defer { server.kill() }
        let common = ["--data-dir", directory.path, "--scripts", scripts.path]
        var (status, output) = try ServerProcess.run(["reload", "casino"] + common)
        #expect(status == 0, "\(output)")
        #expect(output.contains("package casino: generation"))
        let main = scripts.appendingPathComponent("casino/main.lua")
        let good = try String(contentsOf: main, encoding: .utf8)
        try (good + "\nif").write(to: main, atomically: true, encoding: .utf8)
        (status, output) = try ServerProcess.run(["reload"] + common)
        #expect(status == 1)
        #expect(output.contains("casino/main.lua:"), "\(output)")
        (status, output) = try ServerProcess.run(["reload", "nobody"] + common)
        #expect(status == 1)
        #expect(output.contains("there is no package or game \"nobody\""))
    }

    @Test("a port in use, an unknown option and a missing file are explained")
    func mistakes() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let server = try ServerProcess(arguments: ["--ephemeral", "--data-dir", directory.path, "--log-level", "error"], directory: directory)
        defer { server.kill() }
        let second = directory.appendingPathComponent("second").path
        // No line of a script runs: its first words to another service would be too much.
        let scripts = directory.appendingPathComponent("Scripts/early")
        try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
        try "print('a script ran')\nreturn {}".write(to: scripts.appendingPathComponent("main.lua"), atomically: true, encoding: .utf8)
        var (status, output) = try ServerProcess.run([
            "serve", "--ephemeral", "--data-dir", second, "--port", "\(server.port)", "--scripts", scripts.deletingLastPathComponent().path,
        ])
        #expect(status == 1)
        #expect(output.contains("cannot listen on 127.0.0.1:\(server.port)") && !output.contains("a script ran"), "\(output)")
        (status, output) = try ServerProcess.run(["serve", "--prot", "1"])
        #expect(status != 0)
        (status, output) = try ServerProcess.run(["verify", directory.appendingPathComponent("nothing.sqlite").path])
        #expect(status == 2, "\(output)")
    }
}
