import Foundation
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

    @Test("web files of the operator stand before those of a package, at once and without a reload; nothing outside of the folders is served")
    func webFiles() async throws {
        let folder = TestFolder()
        folder.write("data/packages/.keep", "")
        folder.write("data/packages/secret.txt", "secret")
        folder.write("Scripts/p/public/logo.svg", "shipped logo")
        folder.write("Scripts/p/public/style.css", "shipped style")
        let path = folder.path + "/data/packages"
        let package = #"local n = require "nightjar" n.http.static("/files", "public") return {}"#
        let server = try await TestServer(packages: ["p": package], folder: folder) { $0.configure = { $0.operatorDirectory = path } }
        #expect(try await server.get("/files/logo.svg") == "shipped logo")
        #expect(try await server.get("/files/games/a.pck").hasPrefix("404 "))
        server.save("data/packages/p/public/logo.svg", "my logo")
        server.save("data/packages/p/public/games/a.pck", "a game")
        #expect(try await server.get("/files/logo.svg") == "my logo")
        #expect(try await server.get("/files/style.css") == "shipped style")
        #expect(try await server.get("/files/games/a.pck") == "a game")
        for path in ["../secret.txt", "%2e%2e/%2e%2e/secret.txt", "games", "games/", "../main.lua"] {
            #expect(try await server.get("/files/" + path).hasPrefix("404 "), "\(path)")
        }
        server.folder.remove("data/packages/p/public/logo.svg")
        #expect(try await server.get("/files/logo.svg") == "shipped logo")
        await server.stop()
    }

    @Test("a folder elsewhere stands in for the operator's: its files are read, watched and served")
    func foldersElsewhere() async throws {
        let folder = TestFolder()
        folder.write("words/word.txt", "elsewhere")
        folder.write("web/a.txt", "web")
        folder.write("data/packages/p/data/word.txt", "not this one")
        folder.write("Scripts/p/data/word.txt", "shipped")
        folder.write("Scripts/p/public/b.txt", "own")
        let (path, words, web) = (folder.path + "/data/packages", folder.path + "/words", folder.path + "/web")
        let package = Self.package.replacingOccurrences(of: "return {}", with: #"nightjar.http.static("/files", "public") return {}"#)
        let server = try await TestServer(packages: ["p": package], folder: folder) {
            $0.configure = {
                $0.operatorDirectory = path
                $0.operatorFolders = [
                    OperatorFolder(place: "p/data", directory: words, isWatched: true), OperatorFolder(place: "p/public", directory: web, isWatched: false),
                ]
            }
        }
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/word") == "elsewhere shipped elsewhere")
        #expect(try await server.get("/files/a.txt") == "web")
        #expect(try await server.get("/files/b.txt") == "own")
        server.save("words/word.txt", "changed")
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/word") == "changed shipped changed")
        await server.stop()
    }
}
