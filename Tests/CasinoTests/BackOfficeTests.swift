import Foundation
import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Testing
import Transport

@testable import Games

/// The casino with the shipped back office: what it hears, and what becomes of players while it does not.
@Suite(.serialized, .timeLimit(.minutes(3))) struct BackOfficeTests {
    /// However the back office behaves, each round arrives once by its id, and with its player.
    @Test(arguments: BackOfficeServer.Mode.allCases)
    func everyRoundArrivesExactlyOnce(_ mode: BackOfficeServer.Mode) async throws {
        let office = try await BackOfficeServer()
        let casino = try await office.casino()
        let player = try casino.session("ann")
        _ = try player.load("coin_toss")
        try player.toss(3)
        try await office.become(mode)
        try player.toss(9)
        // Nobody has waited: what is to be told lies in the outbox.
        try await office.become(mode == .shaky || mode == .twice || mode == .slow ? mode : .fine)
        try await eventually("twelve rounds", within: .seconds(60)) { try await office.rounds() == 12 }
        try await office.become(.fine)
        try await eventually("an empty outbox", within: .seconds(60)) { try await self.waiting(casino).isEmpty }
        let totals = try #require(try await office.totals())
        #expect(totals["rounds"] as? Int == 12 && totals["total_in"] as? Int == 60)
        #expect(1_000 - 60 + (totals["total_out"] as? Int ?? 0) == player.credits)
        let players = try await office.rows("players")
        try #require(players.count == 1)
        let id = try #require(players[0]["id"] as? String)
        let rounds = try await office.rows("rounds?player=\(id)")
        #expect(rounds.count == 12 && Set(rounds.map { $0["round_id"] as? String }).count == 12)
        await stop(casino)
        await office.stop()
    }

    /// Stops a server of games, none of whose scripts may have failed, but for want of time on a busy machine.
    private func stop(_ casino: TestServer) async {
        let errors = casino.scriptErrors.filter { !$0.contains("the script took longer than") && !$0.contains("the handler's time is over") }
        await casino.stop()
        #expect(errors.isEmpty, "\(errors)")
    }

    private func waiting(_ casino: TestServer) async throws -> [OutboxEntry] {
        let loop = casino.anyLoop
        return try await answer("what waits") { done in
            casino.store.pending(topic: nil, limit: 1_000, now: .max, on: loop) { done($0) }
        }.get()
    }

    /// What a player stakes on top is of whatever kind its engine says: every report is taken, and the sums are those of the wallet.
    @Test func stakesOfEveryKindAreCountedAsPaid() async throws {
        let games = #"{"blackjack":{},"raise":{}}"#
        let office = try await BackOfficeServer(sites: ["demo.json": #"{"id":"demo","initial_credits":1000,"games":\#(games)}"#])
        let casino = try await office.casino(file: #"{"id":"demo","initial_credits":1000,"games":\#(games)}"#) { options in
            options.files["games/raise/manifest.json"] = #"{"id":"raise"}"#
            options.files["games/raise/engine.lua"] = """
                local M = { version = 1, actions = {} }
                local function state(name, actions) return { name = name, data = {}, actions = actions } end
                function M.init() return state("idle", { "bet" }) end
                function M.actions.bet(_, _, ctx)
                  ctx:debit(5)
                  return state("open", { "raise" })
                end
                function M.actions.raise(_, _, ctx)
                  ctx:debit(7, "raise")
                  ctx:credit(3, "raise")
                  return state("idle", { "bet" })
                end
                function M.can_finish(state) return state.name == "idle" end
                return M
                """
        }
        let player = try casino.session("ann")
        _ = try player.load("raise")
        for action in ["bet", "raise"] {
            try player.act(action)
            try player.state()
        }
        #expect(player.credits == 991)
        try player.send(#"{"t":"gamefinish"}"#)
        try player.state()
        _ = try player.load("blackjack")
        // A hand that is a blackjack at once cannot be doubled.
        var staked = 0
        while true {
            try player.act("deal", #"{"amount":10}"#)
            staked += 10
            if try player.state().gameName == "playing" { break }
        }
        try player.act("double")
        staked += 10
        try player.state()
        try await eventually("an empty outbox", within: .seconds(60)) { try await self.waiting(casino).filter { $0.topic == "casino:rounds" }.isEmpty }
        let raise = try #require(try await office.totals("raise")), blackjack = try #require(try await office.totals("blackjack"))
        #expect(raise["total_in"] as? Int == 12 && raise["total_out"] as? Int == 3)
        #expect(blackjack["total_in"] as? Int == staked && 991 - staked + (blackjack["total_out"] as? Int ?? 0) == player.credits)
        await stop(casino)
        await office.stop()
    }

    /// A back office that has lost its books hears of every round that comes from then on, and gets its players anew.
    @Test func aBackOfficeThatForgetsIsToldAnew() async throws {
        let office = try await BackOfficeServer()
        let fresh = try await BackOfficeServer()
        let casino = try await office.casino()
        let player = try casino.session("ann")
        _ = try player.load("coin_toss")
        try player.toss(2)
        try await eventually("the first rounds") { try await office.rounds() == 2 }
        try await office.handOver(to: fresh)
        try player.toss(3)
        try await eventually("the others") { try await fresh.rounds() == 3 }
        let players = try await fresh.rows("players")
        #expect(players.map { $0["uid"] as? String } == ["ann"])
        let rounds = try await fresh.rows("rounds")
        #expect(rounds.allSatisfy { $0["player_id"] as? String == players[0]["id"] as? String })
        #expect(try await office.rounds() == 2)
        await stop(casino)
        await fresh.stop()
        await office.stop()
    }

    @Test func settingsOfTheBackOfficeHoldRatherThanTheFile() async throws {
        let office = try await BackOfficeServer(sites: ["demo.json": #"{"id":"demo","title":"Theirs","initial_credits":50,"games":{"coin_toss":{"max_bet":7}},"note":1}"#])
        let casino = try await office.casino()
        let player = try casino.session("ann")
        #expect(player.credits == 50)
        _ = try player.load("coin_toss")
        try player.act("toss", #"{"call":"heads","amount":8}"#)
        #expect(try player.error() == "bad_params")
        #expect(try await casino.get("/demo/portal?site=demo").contains("Theirs"))
        // A saved file of the back office holds for whoever plays as soon as anybody comes.
        let saved = try await office.server.save(
            "Scripts/backoffice/sites/demo.json", #"{"id":"demo","games":{"coin_toss":{"max_bet":9}}}"#, andWaitFor: "package backoffice")
        #expect(saved == "package backoffice: loaded")
        _ = try casino.session("bob")
        try player.act("toss", #"{"call":"heads","amount":8}"#)
        #expect(try player.state().game != nil)
        // Clients of the back office's sites do not make money.
        try player.send(#"{"t":"component","which":"fb_social","message":{"what":"manual_buy","amount":5}}"#)
        #expect(["component_error", "unknown_component"].contains(try player.error()))
        await stop(casino)
        await office.stop()
    }

    @Test func sitesThatOnlyTheBackOfficeKnowsArePlayed() async throws {
        let office = try await BackOfficeServer(sites: ["far.json": #"{"id":"far","games":{"coin_toss":{}}}"#, "face.json": #"{"id":"face","platform":"facebook","games":{}}"#])
        let store = MemoryStore()
        var casino = try await office.casino(file: nil) { $0.store = store }
        #expect(try await casino.get("/demo/portal?site=far").contains("coin_toss"))
        #expect(try await casino.get("/demo/portal?site=nowhere").hasPrefix("404"))
        let player = try casino.session("ann", site: "far")
        _ = try player.load("coin_toss")
        try player.toss(1)
        for (site, code) in [("nowhere", 4404), ("face", 4404), ("other", 4404)] {
            let stranger = try casino.session()
            try stranger.send(#"{"auth":{"uid":"x"},"platform":"demo","site":"\#(site)"}"#)
            #expect(try stranger.error() == "unknown_site")
            #expect(try await WireSession.waitForClose(stranger) == UInt16(code))
        }
        // A round that is open when the server is started again belongs to a site that no file describes.
        try player.act("toss", #"{"call":"heads","amount":5}"#)
        _ = try player.state()
        await stop(casino)
        casino = try await office.casino(file: nil) { $0.store = store }
        #expect(casino.casino?.sites.site("far") != nil)
        await stop(casino)
        await office.stop()
    }

    /// Whoever makes up names of sites leaves players their requests, while the back office does not answer.
    @Test func madeUpSitesKeepNobodyFromPlaying() async throws {
        let office = try await BackOfficeServer(sites: ["far.json": #"{"id":"far","games":{"coin_toss":{}}}"#])
        let casino = try await office.casino(file: nil)
        try await office.hold("GET /rgs-api/sites/")
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<100 {
                group.addTask { try await casino.request("GET", "/lobby/games?site=made-up-\(number)").status }
            }
            try await eventually("sixteen questions") { try await office.held() == 16 }
            // The others are told to come again.
            for _ in 16..<100 { #expect(try await group.next() == 503) }
            _ = try casino.session("ann", site: "far")
            #expect(try await office.rows("sessions?open=1").count == 1)
            #expect(try await office.held() == 16)
            try await office.release()
            for try await status in group { #expect([404, 503].contains(status)) }
        }
        #expect(try await casino.request("GET", "/lobby/games?site=made-up").status == 404, "their places are free again")
        await stop(casino)
        await office.stop()
    }

    @Test func aSiteIsAskedForOnceByAllWhoComeToIt() async throws {
        let office = try await BackOfficeServer(sites: ["far.json": #"{"id":"far","games":{"coin_toss":{}}}"#])
        let casino = try await office.casino(file: nil)
        try await office.hold("GET /rgs-api/sites/")
        try await withThrowingTaskGroup(of: Int.self) { group in
            for path in ["/lobby/games?site=far", "/demo/portal?site=far"] {
                for _ in 0..<10 { group.addTask { try await casino.request("GET", path).status } }
            }
            try await eventually("a question") { try await office.held() == 1 }
            try await eventually("all who come") { casino.transport.connectionCount >= 20 }
            try await office.release()
            for try await status in group { #expect(status == 200) }
        }
        #expect(try await office.held() == 1)
        await stop(casino)
        await office.stop()
    }

    /// What a back office has not said is not remembered.
    @Test func aSiteIsThereAsSoonAsTheBackOfficeIs() async throws {
        let office = try await BackOfficeServer(sites: ["far.json": #"{"id":"far","games":{"coin_toss":{}}}"#])
        let casino = try await office.casino(file: nil)
        try await office.become(.down)
        #expect(try await casino.request("GET", "/lobby/games?site=far").status == 503)
        #expect(try await casino.request("GET", "/demo/portal?site=far").status == 503)
        try await office.become(.fine)
        #expect(try await casino.request("GET", "/demo/portal?site=far").status == 200)
        #expect(try await casino.request("GET", "/lobby/games?site=far").status == 200)
        await stop(casino)
        await office.stop()
    }

    /// News of jackpots overtake each other in the outbox; what the back office shows at last is what the store has.
    @Test func jackpotsArriveWithTheirMetersAndTheNewestCounts() async throws {
        let site = "Scripts/casino/sites/pots.json"
        let office = try await BackOfficeServer(sites: ["pots.json": try #require(JackpotWireTests.files[site])])
        let casino = try await office.casino(file: nil) { options in
            options.files.merge(JackpotWireTests.files.filter { $0.key != site }) { _, new in new }
        }
        let player = try casino.session("ann", site: "pots")
        let loop = casino.anyLoop
        // What must be won by a certain value is committed to on every site and platform.
        func rows() async throws -> [[String: Any]] {
            try await office.rows("jackpots").filter { $0["platform"] as? String == "demo" && $0["site"] as? String == "pots" }
        }
        // What the server has committed itself to is known before anybody has opened a game.
        let early = try await answer("the jackpots") { casino.store.jackpots(realm: "demo", site: "pots", on: loop, $0) }.get()
        let secret = try #require(early.first { $0.key.id == "night/mini" }?.threshold?.secret)
        try await eventually("the commitment", within: .seconds(30)) {
            let levels = try await rows().flatMap { $0["levels"] as? [[String: Any]] ?? [] }
            return levels.contains { $0["level"] as? String == "mini" && $0["commitment"] as? String == JackpotSecret.commitment(secret) }
        }
        _ = try player.load("pots")
        func both(_ count: Int) throws {
            for _ in 0..<count {
                try player.act("both", #"{"amount":9,"event":"sun"}"#)
                _ = (try player.state(), try player.state())
            }
        }
        try both(5)
        try await eventually("both jackpots", within: .seconds(30)) { try await rows().count == 2 }
        try await office.become(.down)
        try both(7)
        // Longer than one look takes; nobody who plays notices.
        try await eventually("news that wait", within: .seconds(30)) { try await !self.waiting(casino).filter { $0.topic.hasSuffix("jackpots") }.isEmpty }
        try both(3)
        try await office.become(.fine)
        let stored = try await answer("the jackpots") { casino.store.jackpots(realm: "demo", site: "pots", on: loop, $0) }.get()
        let values = Dictionary(uniqueKeysWithValues: stored.map { ($0.key.id, $0) })
        try await eventually("what the store has", within: .seconds(60)) {
            let levels = try await rows().flatMap { row in
                (row["levels"] as? [[String: Any]] ?? []).map { level -> (String, [String: Any]) in
                    let id = row["id"] as? String ?? "", name = level["level"] as? String ?? ""
                    return (id == name ? id : "\(id)/\(name)", level)
                }
            }
            return levels.count == 3 && levels.allSatisfy { id, level in
                let meters = level["meters"] as? [String: Any]
                return level["value"] as? Int64 == values[id]?.value && level["wins"] as? Int64 == values[id]?.version
                    && meters?["awarded"] as? Int64 == values[id]?.meters.awarded && level["fault"] == nil
            }
        }
        #expect(values["one"]?.version == 15)
        await stop(casino)
        await office.stop()
    }

    @Test func whoIsBlockedDoesNotGetIn() async throws {
        let office = try await BackOfficeServer()
        let casino = try await office.casino()
        let player = try casino.session("ann")
        let id = try #require(try await office.rows("players").first?["id"] as? String)
        let answer = try await office.server.request("POST", "/books/players/\(id)/blocked", body: #"{"blocked":true}"#)
        #expect(answer.status == 200)
        let again = try casino.session()
        try again.send(#"{"auth":{"uid":"ann"},"platform":"demo","site":"demo"}"#)
        #expect(try again.error() == "auth_failed")
        #expect(try await WireSession.waitForClose(again) == 4401)
        // Who plays already plays on: the back office is asked at the start of a session.
        _ = try player.load("coin_toss")
        _ = try await office.server.request("POST", "/books/players/\(id)/blocked", body: #"{"blocked":false}"#)
        _ = try casino.session("ann")
        await stop(casino)
        await office.stop()
    }

    /// Down from the start: sites of files go on, others do not, and what was played meanwhile is told with its player.
    @Test func withoutAnAnswerLocalSitesGoOn() async throws {
        let office = try await BackOfficeServer(sites: ["far.json": #"{"id":"far","games":{"coin_toss":{}}}"#])
        try await office.become(.down)
        let casino = try await office.casino()
        let player = try casino.session("ann")
        #expect(player.credits == 1_000)
        _ = try player.load("coin_toss")
        try player.toss(4)
        let stranger = try casino.session()
        try stranger.send(#"{"auth":{"uid":"x"},"platform":"demo","site":"far"}"#)
        #expect(try stranger.error() == "unknown_site")
        #expect(try await office.rows("players").isEmpty)
        try await office.become(.fine)
        try await eventually("four rounds", within: .seconds(60)) { try await office.rounds() == 4 }
        let players = try await office.rows("players")
        #expect(players.map { $0["uid"] as? String } == ["ann"])
        #expect(try await office.rows("rounds").allSatisfy { $0["player_id"] as? String == players[0]["id"] as? String })
        await stop(casino)
        await office.stop()
    }

    @Test func playersAndEndsOfSessionsAreTold() async throws {
        let office = try await BackOfficeServer()
        let casino = try await office.casino()
        let player = try casino.session("ann")
        #expect(try await office.rows("sessions?open=1").count == 1)
        _ = try player.load("coin_toss")
        try player.toss(2)
        func credits() async throws -> Int? {
            let accounts = try await office.rows("players").first?["accounts"] as? [String: [String: Any]]
            return accounts?["CRE"]?["credits"] as? Int
        }
        try await eventually("the balance") { try await credits() == player.credits }
        try player.toss(1)
        try player.send("", opcode: 8)
        try await eventually("the end of the session") { try await office.rows("sessions?open=1").isEmpty }
        try await eventually("the balance at the end") { try await credits() == player.credits }
        let session = try #require(try await office.rows("sessions").first)
        #expect(session["ended"] as? Int ?? 0 >= session["started"] as? Int ?? .max)
        await stop(casino)
        await office.stop()
    }

    /// The back office answers a client who is gone; the session is not to stay open there.
    @Test func aSessionWhoseClientLeavesWhileItIsRegisteredIsEnded() async throws {
        let office = try await BackOfficeServer()
        let casino = try await office.casino()
        try await office.hold("POST /rgs-api/sessions")
        var leaving: WireSession? = try casino.session()
        try leaving?.send(#"{"auth":{"uid":"ann"},"platform":"demo","site":"demo"}"#)
        try await eventually("the registration is under way") { try await office.held() == 1 }
        leaving = nil
        try await eventually("the client is gone") { casino.transport.connectionCount == 0 }
        try await office.release()
        try await eventually("the session is there and has ended") {
            let (all, open) = (try await office.rows("sessions"), try await office.rows("sessions?open=1"))
            return all.count == 1 && open.isEmpty
        }
        await stop(casino)
        await office.stop()
    }

    /// A process that ends without a word leaves its sessions open; the next one ends them.
    @Test func sessionsOfTheProcessBeforeAreEnded() async throws {
        let office = try await BackOfficeServer()
        let store = MemoryStore()
        let before = try await office.casino { $0.store = store }
        _ = try before.session("ann")
        try await office.become(.down)
        let after = try await office.casino { $0.store = store }
        try await office.become(.fine)
        try await eventually("the end of the session", within: .seconds(60)) { try await office.rows("sessions?open=1").isEmpty }
        await stop(after)
        await stop(before)
        await office.stop()
    }

    /// Bets are answered at once while the back office takes all the time it can.
    @Test func nobodyWaitsForTheBackOffice() async throws {
        let office = try await BackOfficeServer()
        let casino = try await office.casino()
        let player = try casino.session("ann")
        _ = try player.load("coin_toss")
        try await office.become(.slow)
        try player.toss(20)
        // All bets are answered, and a request takes a second and a half.
        #expect(try await office.rounds() < 20)
        try await office.become(.fine)
        try await eventually("all rounds", within: .seconds(60)) { try await office.rounds() == 20 }
        await stop(casino)
        await office.stop()
    }

    /// Without a back office nothing is kept for one.
    @Test func nothingIsToldWhereNobodyListens() async throws {
        let casino = try await TestServer(.casino())
        let player = try casino.session("ann")
        _ = try player.load("coin_toss")
        try player.toss(3)
        try player.send("", opcode: 8)
        _ = try await WireSession.waitForClose(player)
        #expect(try await waiting(casino).isEmpty)
        await stop(casino)
    }
}

extension TestServer {
    /// One of the server's loops.
    var anyLoop: any EventLoop { transport.group.next() }
}
