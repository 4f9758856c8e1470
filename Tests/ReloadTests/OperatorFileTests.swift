import NightjarTesting
import Testing

@testable import Host
@testable import Reload

/// Files of the operator that take the place of a package's.
@Suite("Files of the operator", .timeLimit(.minutes(2)))
struct OperatorFileTests {
    private static let package = """
        local nightjar = require "nightjar"
        local word, own = nightjar.data("data/word.txt"), nightjar.data("data/word.txt", { shipped = true })
        assert(not word:find("bad"), "the word is bad")
        nightjar.http.get("/word", function() return word .. " " .. own .. " " .. nightjar.data("data/word.txt") end)
        return {}
        """

    private func server(debug: Bool) async throws -> TestServer {
        let folder = TestFolder()
        folder.write("data/packages/.keep", "")
        folder.write("Scripts/p/data/word.txt", "shipped")
        let path = folder.path + "/data/packages"
        return try await TestServer(packages: ["p": Self.package], folder: folder, debug: debug) { $0.configure = { $0.operatorDirectory = path } }
    }

    @Test("a file takes the place of a package's when it comes, changes and goes, in production too", arguments: [false, true])
    func takesThePlace(_ debug: Bool) async throws {
        let server = try await server(debug: debug)
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/word") == "shipped shipped shipped")
        server.save("data/packages/p/data/word.txt", "mine")
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/word") == "mine shipped mine")
        server.save("data/packages/p/data/word.txt", "bad")
        #expect(try await server.reloads.wait { $0 != "package p: loaded" }.contains("the word is bad"))
        #expect(try await server.get("/word") == "mine shipped mine")
        server.save("data/packages/p/data/word.txt", "better")
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/word") == "better shipped better")
        server.folder.remove("data/packages/p")
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/word") == "shipped shipped shipped")
        await server.stop()
    }

    @Test("in production a saved script is not taken over, and files that nobody reads concern nobody")
    func leavesScriptsAlone() async throws {
        let server = try await server(debug: false)
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        server.save("Scripts/q/main.lua", "return {}")
        server.save("data/packages/p/data/other.txt", "x")
        server.save("data/packages/p/data/word.txt", "mine")
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(server.reloads.texts == ["package p: loaded", "package p: loaded"])
        await server.stop()
    }
}
