import Foundation
import NightjarTesting
import Testing

@testable import Nightjar

/// The drill of docs/operations.md: back up, lose everything, restore.
@Suite("Backup and restore", .serialized, .timeLimit(.minutes(5)))
struct BackupTests {
    private static let counting = """
        local nightjar = require "nightjar"
        nightjar.http.get("/add", function() return tostring(nightjar.store.increment("n")) end)
        return {}
        """

    private func start(_ files: TestFiles) throws -> ServerProcess {
        try files.write("Scripts/counting/main.lua", Self.counting)
        return try ServerProcess(
            arguments: ["--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games"), "--workers", "1"],
            directory: files.url)
    }

    private func add(_ server: ServerProcess) async throws -> String {
        try await HTTPTestClient.request(port: server.port, "GET", "/add").text
    }

    private func run(_ files: TestFiles, _ command: String, _ file: String) throws -> (status: Int32, output: String) {
        try ServerProcess.run([command, file, "--data-dir", files.path("data")])
    }

    @Test("the drill")
    func drill() async throws {
        let files = try TestFiles()
        let server = try start(files)
        defer { server.kill() }
        for number in 1...20 { #expect(try await add(server) == "\(number)") }
        // While it runs, and while it is written to.
        let writing = Task { [port = server.port] in
            let client = try await HTTPTestClient.connect(port: port)
            while !Task.isCancelled { _ = try await client.request("GET", "/add") }
            await client.connection.close()
        }
        let backup = files.path("backup.sqlite")
        let (status, output) = try run(files, "backup", backup)
        writing.cancel()
        _ = try? await writing.value
        #expect(status == 0 && output.contains("a sound copy of"), "\(output)")
        let attributes = try FileManager.default.attributesOfItem(atPath: backup)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.url.path).filter { $0.hasPrefix("backup") } == ["backup.sqlite"])
        #expect(try ServerProcess.run(["verify", backup]).status == 0)
        let before = try #require(Int(try await add(server)))

        // Never over something that is there, never under a running server.
        #expect(try run(files, "backup", backup).status == 1)
        let nowhere = try run(files, "backup", files.path("no/where/b.sqlite"))
        #expect(nowhere.status == 1 && nowhere.output.contains("there is no folder \(files.path("no/where")). Make it first"), "\(nowhere.output)")
        #expect(nowhere.output.split(separator: "\n").count == 1 && !FileManager.default.fileExists(atPath: files.path("no")))
        let refused = try run(files, "restore", backup)
        #expect(refused.status == 1 && refused.output.contains("is in use by the server"), "\(refused.output)")

        #expect(server.terminate() == 0)
        try FileManager.default.removeItem(atPath: files.path("data"))
        let restored = try run(files, "restore", backup)
        #expect(restored.status == 0, "\(restored.output)")
        let second = try start(files)
        defer { second.kill() }
        let now = try #require(Int(try await add(second)))
        #expect((21...before).contains(now), "\(now)")
        #expect(second.terminate() == 0)

        // Over a store that is there: that one is kept.
        let again = try run(files, "restore", backup)
        #expect(again.status == 0 && again.output.contains("the former store is"), "\(again.output)")
        let kept = try FileManager.default.contentsOfDirectory(atPath: files.path("data")).filter { $0.contains(".before-") }
        #expect(kept.count == 1)
        #expect(try ServerProcess.run(["verify", files.path("data/\(kept[0])")]).status == 0)
        #expect(try ServerProcess.run(["verify", files.path("data/nightjar.sqlite")]).status == 0)
    }

    @Test("what is no backup changes nothing, and says so")
    func mistakes() throws {
        let files = try TestFiles(["text": "this is no store\n", "data/keep": "", "elsewhere/keep": ""])
        try FileManager.default.createDirectory(atPath: files.path("data"), withIntermediateDirectories: true)
        #expect(mkfifo(files.path("pipe"), 0o600) == 0)
        for (arguments, words) in [
            (["restore", files.path("pipe")], "is no file"), (["restore", files.path("elsewhere")], "is no file"),
            (["restore", files.path("nothing")], "no such file"), (["restore", files.path("no/where/b.sqlite")], "no such file"), (["restore", files.path("text")], "no sound backup"),
            (["backup", files.path("new")], "there is no store"),
        ] {
            let (status, output) = try run(files, arguments[0], arguments[1])
            #expect(status == 1 && output.contains(words), "\(output)")
            #expect(output.split(separator: "\n").count == 1, "\(output)")
        }
        #expect(!FileManager.default.fileExists(atPath: files.path("data/nightjar.sqlite")))
        #expect(!FileManager.default.fileExists(atPath: files.path("new")))
    }
}
