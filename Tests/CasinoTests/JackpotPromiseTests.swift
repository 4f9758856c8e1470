import Foundation
import LuaRuntime
import NightjarTesting
import Store
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What docs/casino-jackpots.md says and no other test holds.
@Suite(.serialized, .timeLimit(.minutes(2))) struct JackpotPromiseTests {
    private func options() -> ServerOptions {
        var options = ServerOptions.casino()
        options.files.merge(JackpotWireTests.files) { _, new in new }
        return options
    }

    private func subscribe(_ session: WireSession, _ id: String, count: Int) throws -> [[String: Any]] {
        try session.send(#"{"t":"component","which":"jackpot","message":{"what":"subscribe","to":"\#(id)"}}"#)
        return try (0..<count).map { _ in try session.receive()["message"] as? [String: Any] ?? [:] }
    }

    private func value(_ server: TestServer, _ uid: String, _ id: String, site: String = "pots") throws -> Int {
        try subscribe(try server.session(uid, site: site), id, count: 1)[0]["value"] as? Int ?? -1
    }

    /// Both examples are sites as they stand there: the second with its four levels, each with its seed.
    @Test func theExamplesOfThePageAreSites() async throws {
        let page = try String(contentsOfFile: TestFolder.project(of: #filePath) + "/docs/casino-jackpots.md", encoding: .utf8)
        let blocks = page.components(separatedBy: "```json\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        #expect(blocks.count == 2)
        var options = options()
        for ((name, jackpot), block) in zip([("single", "jp_joker_bingo"), ("night4", "night")], blocks) {
            options.files["Scripts/casino/sites/\(name).json"] = #"{"id":"\#(name)","games":{"pots":{"jackpot":["\#(jackpot)"]}},\#(block)}"#
        }
        try await withTestServer(options) { server in
            let single = try subscribe(try server.session("ann", site: "single"), "jp_joker_bingo", count: 1)[0]
            #expect(single["value"] as? Int == 1_000_000 && single["amount"] as? Double == 1_000)
            let levels = try subscribe(try server.session("ann", site: "night4"), "night", count: 4)
            #expect(levels.map { $0["id"] as? String } == ["night/mini", "night/minor", "night/major", "night/grand"])
            #expect(levels.map { $0["value"] as? Int } == [10_000, 100_000, 1_000_000, 10_000_000])
            #expect(try await server.get("/demo/portal?site=night").contains("Jackpot night"))
        }
    }

    /// A bet feeds by the new rate at once, on top of what was there.
    @Test func whatIsSavedIsLiveAndTheValuesStay() async throws {
        try await withTestServer(options()) { server in
            let player = try server.session("ann", site: "pots")
            _ = try player.load("pots")
            try player.act("bet", #"{"amount":20}"#)
            try player.state()
            #expect(try value(server, "eve", "one") == 7_000)
            let path = "Scripts/casino/sites/pots.json"
            let saved = JackpotWireTests.files[path]!.replacingOccurrences(of: #""min":5000,"max":100000,"rate_bp":1000"#, with: #""min":9000,"max":100000,"rate_bp":500"#)
            #expect(try await server.save(path, saved, andWaitFor: "package casino") == "package casino: loaded")
            await server.casino?.refreshSites()
            try player.act("bet", #"{"amount":20}"#)
            try player.state()
            #expect(try value(server, "bob", "one") == 8_000)
        }
    }

    /// A game that plays for jackpots is offered by a site that has none: nothing is fed, nothing is won, nothing fails.
    @Test func withoutAJackpotBothFunctionsDoNothing() async throws {
        var options = options()
        options.files["Scripts/casino/sites/plain.json"] = #"{"id":"plain","games":{"pots":{}}}"#
        try await withTestServer(options) { server in
            let player = try server.session("ann", site: "plain")
            _ = try player.load("pots")
            try player.act("both", #"{"amount":20,"event":"sun"}"#)
            for _ in 0..<2 { #expect((try player.state().data["won"] as? [Any])?.isEmpty == true) }
            #expect(player.credits == 980)
            let loop = server.anyLoop
            let stored = try await answer("the jackpots") { server.store.jackpots(realm: "demo", site: "plain", on: loop, $0) }.get()
            #expect(stored.isEmpty)
        }
    }

    /// The lot of a level is of the step's key and of a stream of its own.
    @Test func theEnginesDrawsAreTheSameWithAndWithoutAJackpot() async throws {
        var options = ServerOptions.casino()
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = """
            local M = { actions = {} }
            function M.init() return { name = "idle", data = {}, actions = { "bet" } } end
            function M.actions.bet(_, _, ctx)
              ctx:debit(5)
              local before = ctx.random:sample(60, 5)
              local won = ctx:contribute(5)
              return { name = "idle", data = { before = before, after = ctx.random:sample(60, 5), won = won and #won or 0 }, actions = { "bet" } }
            end
            return M
            """
        try await withTestServer(options) { (server: TestServer) async throws in
            let key = try #require(RandomKey(bytes: Array(0..<32)))
            func bet(_ settings: String) async throws -> [String: Any] {
                var call = GameCall(
                    game: "probe", operation: .action("bet", params: []), state: Array(#"{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","name":"idle","data":{},"actions":["bet"]}"#.utf8),
                    stateVersion: 0, site: "s", settings: GameSettings(json: Array(settings.utf8)), credits: 100, now: 1)
                call.replayed = [.init(id: .random(), key: key)]
                if let plan = call.settings.jackpots { call.pots = plan.levels.map { _ in JackpotPot(value: 9_000) } }
                let blob = try #require(try await server.act(call).steps.last?.blob)
                return (try JSONSerialization.jsonObject(with: Data(blob)) as? [String: Any])?["data"] as? [String: Any] ?? [:]
            }
            let level = #"{"id":"l","level":"l","storage_multiplier":1000,"min":0,"max":9000,"rate_bp":100,"hidden_rate_bp":0,"qualifying_bet":0,"one_in":1}"#
            let plain = try await bet("{}"), fed = try await bet(#"{"jackpot_levels":[\#(level)]}"#)
            #expect(plain["won"] as? Int == 0 && fed["won"] as? Int == 1)
            for draws in ["before", "after"] { #expect(plain[draws] as? [Int] == fed[draws] as? [Int] && (plain[draws] as? [Int])?.count == 5) }
        }
    }

    /// Every credit that an operator is to pay says what it is.
    @Test func aCreditOfAJackpotSaysSoToTheOperatorsWallet() throws {
        let id = StateID.random()
        let place = GameKey(site: "pots", game: "pots")
        let step = GameStep(
            id: id, blob: [], hidden: [], effects: [LedgerEntry(.bet, -5), LedgerEntry(.jackpot, 7)], key: RandomKey(words: (1, 2, 3, 4)), draws: 0,
            round: id, marks: [], mode: nil)
        let transition = Transition(
            account: AccountKey(realm: "house", user: "ann", denom: "credit"), id: id, expectedVersion: 1, slot: .keep, kind: .action, body: [])
        let credit = WalletMovement(transition, [step], at: place).credit(of: WalletCall.Holder(player: "ann", currency: "CRE"))
        #expect(String(decoding: credit.body, as: UTF8.self).contains(#""amount":7,"#))
        #expect(String(decoding: credit.body, as: UTF8.self).contains(#""kinds":["jackpot"]"#))
    }

    /// More than a bet can feed, or a level that would be fed twice by it, is a mistake of the file.
    @Test(arguments: [
        (#""jackpot":["a","b"]"#, "the game \"pots\" plays for 18 levels of jackpots, at most 16"),
        (#""jackpot":["a","a"]"#, "the game \"pots\" names the jackpot \"a\" twice"), (#""jackpot":["a","c"]"#, nil), (#""jackpot":"a""#, nil),
    ])
    func aGamePlaysForSixteenLevelsAtMost(_ setting: String, _ problem: String?) async throws {
        func jackpot(_ id: String, _ count: Int) -> String {
            #"{"id":"\#(id)","levels":[\#((0..<count).map { #"{"id":"l\#($0)"}"# }.joined(separator: ","))]}"#
        }
        var options = options()
        options.files["Scripts/casino/sites/many.json"] = """
            {"id":"many",
            "games":{"pots":{\(setting)}},
            "jackpots":[\(jackpot("a", 9)),\(jackpot("b", 9)),\(jackpot("c", 7))]}
            """
        let server = try await TestServer(options)
        let told = await server.host.status().first { $0.unit == .package("casino") }?.error?.description
        if let problem { #expect(told?.contains("many.json:2: " + problem) == true, "\(told ?? "loaded")") } else { #expect(told == nil, "\(told ?? "")") }
        await server.stop()
    }
}
