import Foundation
import NightjarTesting
import Reload
import Testing

/// Files that the casino serves, and those that it does not (docs/casino.md, "Files").
@Suite(.serialized, .timeLimit(.minutes(1))) struct FileTests {
    private func options() -> ServerOptions {
        var options = ServerOptions.casino()
        options.files["games/joker_bingo/client/game.wasm"] = "wasm"
        options.files["games/joker_bingo/client/game.pck"] = "0123456789"
        options.files["games/joker_bingo/client/.hidden"] = "hidden"
        options.files["games/joker_bingo/secret.txt"] = "secret"
        options.files["Scripts/casino/public/games-available/joker.pck"] = "0123456789"
        return options
    }

    @Test func gamesAndStaticFilesHaveTheirTypesAndValidators() async throws {
        let server = try await TestServer(options())
        for (path, type) in [
            ("/game/joker_bingo/game.wasm", "application/wasm"), ("/game/joker_bingo/game.pck", "application/octet-stream"),
            ("/game/joker_bingo/manifest.json", "application/json"), ("/game/joker_bingo/cover.svg", "image/svg+xml"),
            ("/static/games-available/joker.pck", "application/octet-stream"), ("/static/splash/night.svg", "image/svg+xml"),
            ("/static/app.js", "text/javascript; charset=utf-8"),
        ] {
            let answer = try await server.request("GET", path)
            #expect(answer.status == 200 && answer["content-type"] == type, "\(path)")
            #expect(answer["cache-control"] == "no-cache" && answer["x-content-type-options"] == "nosniff" && answer["accept-ranges"] == "bytes")
            let tag = try #require(answer["etag"])
            #expect(answer["last-modified"] != nil)
            let again = try await server.request("GET", path, headers: [("if-none-match", tag)])
            #expect(again.status == 304 && again.text.isEmpty, "\(path)")
            let head = try await server.request("HEAD", path)
            #expect(head.status == 200 && head["content-length"] == answer["content-length"], "\(path)")
        }
        await server.stop()
    }

    /// The folders that a lobby looks for are there as shipped, and an operator's own lobby takes the place of the shipped page.
    @Test func splashAndLobbyAreWhereClientsLookForThem() async throws {
        let folder = TestFolder()
        var options = options()
        options.folder = folder
        options.configure = {
            $0.pollMilliseconds = 3_600_000
            $0.operatorFolders = [.init(place: "casino/public", directory: folder.path + "/own/static", isWatched: false)]
        }
        let server = try await TestServer(options)
        let splash = try await server.request("GET", "/static/splash/night.svg")
        #expect(splash.status == 200 && splash["content-type"] == "image/svg+xml" && splash.text.contains("<svg"))
        #expect(try await server.get("/static/style.css").contains("url(\"splash/night.svg\")"))
        let bare = try await server.request("GET", "/static/webingo-client?site=night")
        #expect((300..<400).contains(bare.status) && bare["location"]?.contains("webingo-client/?site=night") == true)
        let page = try await server.request("GET", "/static/webingo-client/?site=night")
        #expect(page.status == 200 && page["content-type"]?.hasPrefix("text/html") == true)
        #expect(page.text.contains("src=\"lobby.js\"") && page.text.contains("<a href=\"/\">"))
        #expect(try await server.get("/static/webingo-client/lobby.js").contains("location.replace(\"/\" + location.search)"))
        folder.write("own/static/webingo-client/index.html", "my own lobby")
        #expect(try await server.get("/static/webingo-client/") == "my own lobby")
        await server.stop()
    }

    @Test func packagesOfGamesCanBeLoadedInParts() async throws {
        let server = try await TestServer(options())
        for path in ["/static/games-available/joker.pck", "/game/joker_bingo/game.pck"] {
            let part = try await server.request("GET", path, headers: [("range", "bytes=2-4")])
            #expect(part.status == 206 && part.text == "234" && part["content-range"] == "bytes 2-4/10")
            let end = try await server.request("GET", path, headers: [("range", "bytes=-3")])
            #expect(end.status == 206 && end.text == "789")
            #expect(try await server.request("GET", path, headers: [("range", "bytes=10-")]).status == 416)
        }
        await server.stop()
    }

    @Test func whatIsTheServersIsNotServed() async throws {
        let server = try await TestServer(options())
        for path in [
            "/game/joker_bingo/secret.txt", "/game/joker_bingo/spec/bingo_spec.lua", "/game/coin_toss/engine.lua", "/game/coin_toss/client/cover.svg",
            "/game/joker_bingo/.hidden", "/game/joker_bingo/", "/game/joker_bingo", "/game/", "/game/joker_bingo/../coin_toss/engine.lua",
            "/game/joker_bingo/%2e%2e/coin_toss/engine.lua", "/game/joker_bingo/..%2f..%2fcoin_toss%2fengine.lua", "/game/../Scripts/casino/main.lua",
            "/game/joker_bingo/client/../secret.txt", "/game/joker_bingo/manifest.json/", "/game//manifest.json", "/game/./manifest.json",
            "/static/", "/static/games-available/", "/static/games-available", "/static/../main.lua", "/static/%2e%2e/main.lua", "/static/../sites/demo.json",
            "/static/..%2fsites%2fdemo.json", "/sites/demo.json", "/Scripts/casino/main.lua", "/static/templates/portal.html",
        ] {
            let answer = try await server.request("GET", path)
            #expect(answer.status == 404, "\(path): \(answer.status)")
            #expect(!answer.text.contains("secret") && !answer.text.contains("require"), "\(path)")
        }
        #expect(try await server.request("POST", "/game/joker_bingo/manifest.json", body: "{}").status == 405)
        await server.stop()
    }

    @Test func aLinkInAGamesClientShowsNothingElseOfTheGame() async throws {
        let server = try await TestServer(options())
        let client = server.folder.path + "/games/joker_bingo/client"
        for (name, target) in [("secret.js", "../secret.txt"), ("up", ".."), ("own.wasm", "game.wasm")] {
            try FileManager.default.createSymbolicLink(atPath: client + "/" + name, withDestinationPath: target)
        }
        #expect(try await server.request("GET", "/game/joker_bingo/own.wasm").text == "wasm")
        for path in ["secret.js", "up/secret.txt", "up/engine.lua", "up/manifest.json/"] {
            #expect(try await server.request("GET", "/game/joker_bingo/\(path)").status == 404, "\(path)")
        }
        await server.stop()
    }

    /// A folder of the operator's own is the same to the page, to the lobby's list and to the server.
    @Test func operatorsFoldersComeBeforeTheShippedOnes() async throws {
        let folder = TestFolder()
        folder.write("own/static/games-available/mine.pck", "mine")
        folder.write("own/static/img/logo.svg", "my logo")
        folder.write("own/templates/portal.html", "<p>my own {{title}}</p>")
        var options = options()
        options.folder = folder
        options.configure = {
            $0.pollMilliseconds = 3_600_000
            $0.operatorFolders = [
                .init(place: "casino/templates", directory: folder.path + "/own/templates", isWatched: true),
                .init(place: "casino/public", directory: folder.path + "/own/static", isWatched: false),
            ]
        }
        let server = try await TestServer(options)
        #expect(try await server.get("/static/games-available/mine.pck") == "mine")
        #expect(try await server.get("/static/games-available/joker.pck") == "0123456789")
        #expect(try await server.get("/static/img/logo.svg") == "my logo")
        #expect(try await server.get("/demo/portal") == "<p>my own Nightjar</p>")
        #expect(try await server.request("GET", "/demo/portal?site=nowhere").text.contains("No such site"))
        server.save("own/templates/portal.html", "<p>changed {{title}}</p>")
        #expect(try await server.casinoReload() == nil)
        #expect(try await server.get("/demo/portal") == "<p>changed Nightjar</p>")
        #expect(try await server.get("/static/..%2ftemplates%2fportal.html").hasPrefix("404 "))
        await server.stop()
    }
}
