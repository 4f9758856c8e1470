import Foundation
import Store
import NightjarTesting
import Testing

@testable import Bytes
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// Sites: what the package `casino` describes, and what becomes of their files. How a file is read is tested in
/// `Scripts/casino/spec/sites_spec.lua`.
@Suite(.serialized, .timeLimit(.minutes(1))) struct SiteTests {
    @Test func descriptionIsReadAsAWhole() throws {
        let directory = SiteDirectory()
        let text = #"""
            [{"id":"demo","initial_credits":5,"manual_credits":false,
              "denomination":{"name":"usd","prefix":"US$ ","suffix":"","integer":false,"money_multiplier":0.01,"rgs_id":"USD"},
              "games":[{"id":"joker-bingo","settings":{"max_bet": 200}},{"id":"coin_toss","settings":{}}]}]
            """#
        #expect(directory.replace(Array(text.utf8)))
        let site = try #require(directory.site("demo"))
        #expect(site.denomination == Denomination(
            name: "usd", prefix: "US$ ", suffix: "", isInteger: false, moneyMultiplier: "0.01", rgsID: "USD"))
        #expect(site.initialCredits == 5)
        #expect(!site.manualCredits)
        #expect(site.settings(of: "joker_bingo").map { String(decoding: $0, as: UTF8.self) } == "{\"max_bet\": 200}")
        #expect(site.settings(of: "coin-toss") != nil)
        #expect(site.settings(of: "chess") == nil)
        // What is described as before stays the same object; what cannot be read changes nothing.
        #expect(directory.replace(Array(text.utf8)))
        #expect(directory.site("demo") === site)
        for broken in ["{}", "[{}]", #"[{"id":"a"}]"#, "[1]", ""] { #expect(!directory.replace(Array(broken.utf8))) }
        #expect(directory.site("demo") === site)
        #expect(directory.replace(Array("[]".utf8)))
        #expect(directory.all.isEmpty)
    }

    @Test func sitesThatArePutAreBoundedInNumberAndBytes() throws {
        func text(_ id: String, _ bytes: Int = 0) -> [UInt8] {
            Array("""
                {"id":"\(id)","initial_credits":5,"manual_credits":false,"games":[],"text":"\(String(repeating: "x", count: bytes))",
                 "denomination":{"name":"usd","prefix":"","suffix":"","integer":false,"money_multiplier":0.01,"rgs_id":"USD"}}
                """.utf8)
        }
        let many = SiteDirectory()
        for number in 0..<SiteDirectory.sitesMax { try many.put(text("\(number)")) }
        #expect(throws: SiteDirectory.Refusal.full) { try many.put(text("more")) }
        #expect(throws: SiteDirectory.Refusal.bad) { try many.put(Array("{}".utf8)) }
        // One that is there is still replaced, and one that is as it was is none more.
        try many.put(text("7", 1))
        #expect(try many.put(text("7", 1)) === many.site("7") && many.all.count == SiteDirectory.sitesMax)
        let large = SiteDirectory()
        let part = SiteDirectory.bytesMax / 4
        for number in 0..<3 { try large.put(text("\(number)", part)) }
        #expect(throws: SiteDirectory.Refusal.full) { try large.put(text("3", part)) }
        try large.put(text("0"))
        try large.put(text("3", part))
    }

    @Test func aSitesCapGoesWithTheSettingsOfEachOfItsGames() async throws {
        var options = ServerOptions.casino()
        options.files["Scripts/casino/sites/low.json"] = #"{"id":"low","max_win":7,"games":{"joker_bingo":{"max_bet":8},"coin_toss":{}}}"#
        let server = try await TestServer(options)
        let site = try #require(server.casino?.sites.site("low"))
        for game in ["joker_bingo", "coin_toss"] {
            let settings = try #require(site.settings(of: game))
            #expect(GameSettings(json: settings).caps?.most(in: nil, staked: 0) == 7, "\(game)")
        }
        await server.stop()
    }

    @Test func withoutAFolderThereAreNoSites() async throws {
        var options = ServerOptions.casino()
        let folder = TestFolder()
        for (name, source) in options.copies { try folder.copy(source, to: name) }
        folder.remove("Scripts/casino/sites")
        options.folder = folder
        let server = try await TestServer(options)
        #expect(server.casino?.sites.all.isEmpty == true)
        #expect(try await server.get("/").hasPrefix("404 "))
        server.save("Scripts/casino/sites/late.json", #"{"id":"late","games":{}}"#)
        #expect(try await server.casinoReload() == nil)
        #expect(server.casino?.sites.all.map(\.id) == ["late"])
        await server.stop()
    }

    @Test func brokenFileKeepsTheSitesAsTheyWereAndADeletedOneTakesItsSiteAway() async throws {
        var options = ServerOptions.casino()
        options.files["Scripts/casino/sites/a.json"] = #"{"id":"a","initial_credits":1,"games":{}}"#
        options.files["Scripts/casino/sites/b.json"] = #"{"id":"b","games":{}}"#
        options.files["Scripts/casino/sites/notes.txt"] = "not a site"
        let server = try await TestServer(options)
        let sites = server.casino!.sites
        #expect(sites.all.map(\.id) == ["a", "b", "demo", "night"])

        try server.folder.edit("Scripts/casino/sites/a.json") { _ in "{\"id\":\"a\",\n\"initial_credits\":22," }
        let failed = try #require(try await server.casinoReload())
        #expect("\(failed)".hasPrefix("sites/a.json:2: not a JSON object"), "\(failed)")
        #expect(sites.site("a")?.initialCredits == 1)

        try server.folder.edit("Scripts/casino/sites/a.json") { _ in #"{"id":"a","initial_credits":333,"games":{}}"# }
        #expect(try await server.casinoReload() == nil)
        #expect(sites.site("a")?.initialCredits == 333)

        server.folder.remove("Scripts/casino/sites/b.json")
        #expect(try await server.casinoReload() == nil)
        #expect(sites.site("b") == nil)

        server.save("Scripts/casino/sites/c.json", #"{"id":"a","games":{}}"#)
        #expect("\(try #require(try await server.casinoReload()))".contains("defined in another file too"))
        await server.stop()
    }

    /// No spec: it would keep an edited table from being taken over.
    @Test func theShippedKindsOfMoneyAreThoseOfTheProtocol() async throws {
        var options = ServerOptions.casino()
        for name in ["credit", "usd", "brl"] {
            options.files["Scripts/casino/sites/\(name).json"] = #"{"id":"\#(name)","denom":"\#(name)","games":{}}"#
        }
        let server = try await TestServer(options)
        for (name, prefix, isInteger, multiplier, rgsID) in [
            ("credit", "", true, "1", "CRE"), ("usd", "US$ ", false, "0.01", "USD"), ("brl", "R$ ", false, "0.01", "BRL"),
        ] {
            #expect(server.casino?.sites.site(name)?.denomination == Denomination(
                name: name, prefix: prefix, suffix: "", isInteger: isInteger, moneyMultiplier: multiplier, rgsID: rgsID))
        }
        await server.stop()
    }

    @Test func anEditedKindOfMoneyIsShownToOpenSessionsAndOtherMoneyToThoseThatStartAfterwards() async throws {
        let wallet = { (message: [String: Any]) in message["wallet"] as? [String: Any] }
        let info = { (message: [String: Any]) in (wallet(message)?["denom_info"] as? [String: Any]) ?? [:] }
        var options = ServerOptions.casino()
        options.files["Scripts/casino/sites/cash.json"] = #"{"id":"cash","denom":"usd","games":{"coin_toss":{}}}"#
        let server = try await TestServer(options)
        let session = try server.session("u", site: "cash")
        let before = try session.load("coin_toss")
        #expect(info(before)["prefix"] as? String == "US$ " && info(before)["money_multiplier"] as? Double == 0.01)

        try server.folder.edit("Scripts/casino/denominations.lua") { text in
            text.replacingOccurrences(of: "prefix = \"US$ \"", with: "prefix = \"$\"")
        }
        #expect(try await server.casinoReload() == nil)
        try session.send(#"{"t":"gamefinish"}"#)
        let after = try session.state()
        #expect(info(after)["prefix"] as? String == "$" && wallet(after)?["denom"] as? String == "usd")

        // Its credits are dollars.
        server.save("Scripts/casino/sites/cash.json", #"{"id":"cash","denom":"brl","games":{"coin_toss":{}}}"#)
        #expect(try await server.casinoReload() == nil)
        #expect(wallet(try session.load("coin_toss"))?["denom"] as? String == "usd")
        let late = try server.session()
        try late.send(#"{"auth":{"uid":"late","token":""},"platform":"demo","site":"cash"}"#)
        #expect(wallet(try late.receive())?["denom"] as? String == "brl")
        await server.stop()
    }

    /// What `check` tells of sites, by file and line.
    @Test(arguments: [
        (#"{"id":"x","games":{"#  + "\n" + #""jocker_bingo":{}}}"#, 2, "there is no game \"jocker_bingo\"; did you mean \"joker_bingo\"?"),
        (#"{"id":"x","games":{"joker_bingo":{"# + "\n\n" + #""maxbet":9}}}"#, 3, "no setting \"maxbet\"; did you mean \"max_bet\"?"),
        (#"{"id":"x","games":{"coin_toss":{"# + "\n" + #""max_bet":"9"}}}"#, 2, "is of type string, in the manifest of type number"),
        (#"{"id":"x","games":{"coin_toss":{"max_bet":2.5}}}"#, 1, "is a whole number in the manifest"),
        (#"{"id":"x","intial_credits":7,"games":{}}"#, 1, "unknown key \"intial_credits\"; did you mean \"initial_credits\"?"),
    ])
    func checkNamesMistakesOfASite(_ text: String, _ line: Int, _ part: String) throws {
        let (problems, findings) = try Self.check(["Scripts/casino/sites/x.json": text])
        #expect(problems.isEmpty, "\(problems)")
        let finding = try #require(findings.first)
        #expect(findings.count == 1, "\(findings)")
        #expect(finding.file == "sites/x.json" && finding.line == line, "\(finding)")
        #expect(finding.message.contains(part), "\(finding)")
    }

    @Test func checkBeginsEachGameWithTheSettingsOfEachSite() throws {
        let (problems, findings) = try Self.check(["Scripts/casino/sites/x.json": "{\"id\":\"x\",\"games\":{\n\"joker-bingo\":{\"draw\":61}}}"])
        #expect(findings.isEmpty, "\(findings)")
        let problem = try #require(problems.first)
        #expect(problem.hasPrefix("sites/x.json:2: joker_bingo does not begin with the settings of this site: "), "\(problem)")
        #expect(problem.contains("engines/bingo.lua:") && problem.contains("draw must be from 1 to numbers"), "\(problem)")
    }

    @Test func shippedSitesAndGamesAreInOrder() throws {
        let (problems, findings) = try Self.check([:])
        #expect(problems.isEmpty && findings.isEmpty, "\(problems) \(findings)")
    }

    @Test func lobbyTellsOfAGameThatDoesNotExistWhileDeveloping() async throws {
        for debug in [true, false] {
            var options = ServerOptions.casino()
            options.debug = debug
            options.files["Scripts/casino/sites/x.json"] = #"{"id":"x","games":{"jocker_bingo":{}}}"#
            let server = try await TestServer(options)
            let page = try await HTTPTestClient.request(port: server.port, "GET", "/demo/portal?site=x")
            #expect(page.status == 200)
            #expect(page.text.contains("there is no game") == debug)
            await server.stop()
        }
    }

    private static func check(_ files: [String: String]) throws -> ([String], [SiteProblem]) {
        let folder = TestFolder(), project = TestFolder.project(of: #filePath)
        for name in ["Scripts", "games"] { try folder.copy(project + "/" + name, to: name) }
        for (path, text) in files { folder.write(path, text) }
        let sites = SiteFiles(SourceFolder(path: folder.path + "/Scripts/casino/sites", label: "sites"))
        let games = SourceFolder(path: folder.path + "/games", label: "games")
        let modules: [any HostModule] = StandardModules(store: MemoryStore()).list() + [
            EngineModule(), CasinoModule(sites: sites, games: games, isCheck: true),
        ]
        let configuration = ScriptHostConfiguration(
            scriptsDirectories: [folder.path + "/Scripts"], gamesDirectory: folder.path + "/games", debug: true)
        let begin = SiteCheck(sites, now: 1)
        var problems: [String] = []
        problems += ScriptHost.check(configuration, modules: modules) { _, generation in
            if let generation { problems += begin.problems(of: generation).map(\.description) }
            return []
        }.map(\.description)
        let casino = try #require(modules.compactMap { $0 as? CasinoModule }.first)
        return (problems, casino.problems)
    }
}

extension TestServer {
    /// Takes over what has changed; why the package `casino` was refused, or nil.
    func casinoReload() async throws -> (any Error)? {
        _ = try await reloadEvents()  // the watcher may have been faster
        await casino?.refreshSites()
        return await host.status().first { $0.unit == .package("casino") }?.error
    }
}
