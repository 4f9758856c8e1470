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
        var (status, output) = try ServerProcess.run(["serve", "--ephemeral", "--data-dir", second, "--port", "\(server.port)", "--log-level", "error"])
        #expect(status == 1)
        #expect(output.contains("cannot listen on 127.0.0.1:\(server.port)"), "\(output)")
        (status, output) = try ServerProcess.run(["serve", "--prot", "1"])
        #expect(status != 0)
        (status, output) = try ServerProcess.run(["verify", directory.appendingPathComponent("nothing.sqlite").path])
        #expect(status == 2, "\(output)")
    }
}
