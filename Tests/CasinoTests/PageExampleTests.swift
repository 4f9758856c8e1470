import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What README and docs show is loaded as it stands there, passes `check`, and does what they say.
@Suite(.serialized, .timeLimit(.minutes(1))) struct PageExampleTests {
    private static let project = TestFolder.project(of: #filePath)

    /// The first block of code of this language behind a text of a page.
    private static func block(_ page: String, after mark: String, _ language: String) throws -> String {
        let text = try String(contentsOfFile: project + "/" + page, encoding: .utf8)
        let from = try #require(text.range(of: mark), "\(page): \(mark)").upperBound
        let start = try #require(text.range(of: "```\(language)\n", range: from..<text.endIndex), "\(page): \(mark)").upperBound
        let end = try #require(text.range(of: "```", range: start..<text.endIndex)).lowerBound
        return String(text[start..<end])
    }

    /// A whole server with further files, which must pass `check`.
    private func server(_ files: [String: String]) async throws -> TestServer {
        var options = ServerOptions.casino()
        options.files.merge(files) { $1 }
        // Who has connected is in the room before the next one speaks; between loops nobody promises that.
        options.workers = 1
        let server = try await TestServer(options)
        let folder = server.folder.path
        let configuration = ScriptHostConfiguration(scriptsDirectories: [folder + "/Scripts"], gamesDirectory: folder + "/games", debug: false)
        let sites = SiteFiles(SourceFolder(path: folder + "/Scripts/casino/sites", label: "sites"))
        let casino = CasinoModule(sites: sites, games: SourceFolder(path: folder + "/games", label: "games"), isCheck: true)
        let problems = ScriptHost.check(configuration, modules: StandardModules(store: MemoryStore()).list() + [EngineModule(), casino])
        #expect(problems.isEmpty && casino.problems.isEmpty, "\(problems) \(casino.problems)")
        return server
    }

    @Test func theGameOfTheReadmeCanBePlayed() async throws {
        let manifest = try Self.block("README.md", after: "`games/two_dice/manifest.json`", "json")
        let engine = try Self.block("README.md", after: "`games/two_dice/engine.lua`", "lua")
        let server = try await server([
            "games/two_dice/manifest.json": manifest, "games/two_dice/engine.lua": engine,
            "Scripts/casino/sites/dice.json": #"{"id":"dice","initial_credits":1000,"games":{"two_dice": {}}}"#,
        ])
        let player = try server.session("ann", site: "dice")
        #expect(try player.load("two_dice").gameName == "waiting")
        for _ in 0..<20 {
            let before = player.credits
            try player.act("roll", #"{"amount":5}"#)
            let data = try player.state().data
            let dice = try #require(data["dice"] as? [Int])
            let won = dice[0] + dice[1] >= 9 ? 15 : 0
            #expect(dice.count == 2 && data["won"] as? Int == won && player.credits == before - 5 + won)
        }
        try player.act("roll", #"{"amount":101}"#)
        #expect(try player.error() == "bad_params")
        #expect(server.scriptErrors == [])
        await server.stop()
    }

    @Test func theServiceOfTheReadmePassesOnWhatIsSaid() async throws {
        let server = try await server(["Scripts/chat/main.lua": try Self.block("README.md", after: "## A service in 10 lines", "lua")])
        let ann = try await server.connect("/chat")
        let bob = try await server.connect("/chat")
        try await ann.send("hello")
        #expect(try await bob.receiveText() == "hello")
        try await bob.send("good morning")
        #expect(try await ann.receiveText() == "good morning", "nobody hears himself")
        await server.stop()
    }

    @Test func theVoteOfThePageSurvivesAReload() async throws {
        let text = try Self.block("docs/writing-packages.md", after: "## An example: a vote that survives everything", "lua")
        let server = try await server(["Scripts/votes/main.lua": text])
        let ann = try await server.connect("/votes")
        let bob = try await server.connect("/votes")
        try await ann.send("tea")
        for client in [ann, bob] { #expect(try await client.receiveText() == #"{"tea":1}"#) }
        try await ann.send("tea")
        #expect(try await ann.receiveText() == #"{"error":"no"}"#)
        #expect(try await server.save("Scripts/votes/main.lua", text + "-- saved again", andWaitFor: "package votes") == "package votes: loaded")
        #expect(try await server.get("/votes") == #"{"tea":1}"#)
        try await ann.send("coffee")
        #expect(try await ann.receiveText() == #"{"error":"no"}"#, "who has voted is known to the new version")
        try await bob.send(String(repeating: "x", count: 41))
        #expect(try await bob.receiveText() == #"{"error":"no"}"#)
        try await bob.send("tea")
        #expect(try await bob.receiveText() == #"{"tea":2}"#)
        #expect(server.scriptErrors == [])
        await server.stop()
    }

    @Test func theFeedOfThePagePassesOnWhatItHears() async throws {
        let text = try Self.block("docs/writing-packages.md", after: "## Connections to other servers", "lua")
        let source = """
            local nightjar = require "nightjar"
            nightjar.websocket.endpoint("/feed", {
              message = function(conn, text)
                if text == '{"action":"subscribe"}' then nightjar.room("feed"):join(conn) end
              end,
            })
            nightjar.http.post("/say", function(request) nightjar.room("feed"):send(request.body) return tostring(nightjar.room("feed"):count()) end)
            return {}
            """
        let service = try await server(["Scripts/source/main.lua": source])
        let server = try await TestServer(packages: ["news": text]) { $0.settings = ["news": #"{"url":"ws://127.0.0.1:\#(service.port)/feed"}"#] }
        let reader = try await server.connect("/news")
        try await eventually("the subscription") {
            let there = try await service.request("POST", "/say", body: "hello").text
            return there == "1"
        }
        #expect(try await reader.receiveText() == "hello")
        #expect(try await server.get("/news/status").contains(#""state":"open""#))
        #expect(server.scriptErrors == [])
        await server.stop()
        await service.stop()
    }

    @Test(arguments: [
        ("`manifest.json`:", "json", "games/coin_toss/manifest.json"), ("`engine.lua`:", "lua", "games/coin_toss/engine.lua"),
    ])
    func theGameOfThePageIsOneOfTheProject(_ mark: String, _ language: String, _ path: String) throws {
        // What dresses the game up in the lobby is told beside the example.
        let lines = try String(contentsOfFile: Self.project + "/" + path, encoding: .utf8).components(separatedBy: "\n")
        let file = lines.filter { !$0.contains("\"description\":") && !$0.contains("\"cover\":") }.joined(separator: "\n")
        #expect(try Self.block("docs/writing-games.md", after: mark, language) == file)
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: project + "/" + path, encoding: .utf8) }

    @Test func theExampleWalletIsAsShortAsThePageSays() throws {
        func lines(_ folder: String) throws -> Int {
            let names = try FileManager.default.contentsOfDirectory(atPath: Self.project + "/" + folder).filter { $0.hasSuffix(".lua") }
            return try names.reduce(0) { $0 + (try Self.text(folder + "/" + $1).split(separator: "\n", omittingEmptySubsequences: false).count - 1) }
        }
        let code = try lines("Scripts/examples/wallet"), tests = try lines("Scripts/examples/wallet/spec")
        let said = try #require(try Self.text("docs/casino-wallets.md").firstMatch(of: /`Scripts\/examples\/wallet`, (\d+) lines of Lua and (\d+) of tests/))
        #expect((code + 5) / 10 * 10 == Int(said.1) && (tests + 5) / 10 * 10 == Int(said.2), "\(code) and \(tests)")
    }

    @Test func theTimesOfThePagesAreThoseOfTheServer() throws {
        let times = CasinoConfiguration()
        #expect(times.startTimeout == .seconds(30) && times.sessionIdle == .seconds(600) && times.playerReportInterval == .seconds(30))
        #expect(times.roundOpenMax == 24 * 60 * 60 * 1000 && CasinoLimits.goneAfter == 12 * 60 * 60 * 1000)
        for (page, words) in [
            ("README.md", "| `session_idle_s` | 600 |"), ("README.md", "What nobody finishes within 24 hours is paid or given back"),
            ("README.md", "has been without its game or its site for 12 hours"), ("docs/writing-games.md", "has been without for 12 hours"),
            ("docs/casino.md", "no such message within 30 s with 4408"), ("docs/session-protocol.md", "Nothing within 30 s closes"),
            ("docs/casino-backoffice.md", "every 30 s while it changes"),
        ] { #expect(try Self.text(page).contains(words), "\(page): \(words)") }
    }

    @Test func theSpecOfThePagePasses() async throws {
        let spec = try Self.block("docs/writing-games.md", after: "## Tests", "lua")
        let server = try await server(["games/coin_toss/spec/page_spec.lua": spec])
        #expect(await server.host.status().first { $0.unit == .game("coin_toss") }?.error == nil)
        await server.stop()
    }
}
