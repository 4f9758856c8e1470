import Foundation
import Logging
import NIOCore
import NightjarTesting
import Store
import Testing
import Transport

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// Over a live port, with the shipped engine in Lua.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WireTests {
    /// `session_idle_s`: whoever says nothing for so long is closed; the round stays.
    @Test func aSilentSessionIsClosed() async throws {
        var options = ServerOptions.casino()
        options.casino?.sessionIdle = .milliseconds(250)
        let server = try await TestServer(options)
        let silent = try server.session("silent")
        #expect(try await WireSession.waitForClose(silent) == 1000)
        await server.stop()
    }

    @Test func workedRoundOfTheProtocol() async throws {
        let server = try await TestServer(.casino())
        let player = try server.session("worked")
        #expect(player.credits == 1000)
        let idle = try player.load("joker-bingo")
        #expect(idle["curr_game"] as? String == "joker_bingo")
        #expect(idle.gameName == "idle")
        #expect((idle.data["cards"] as? [[Int]])?.map(\.count) == [15, 15, 15, 15])
        #expect(Set((idle.data["cards"] as? [[Int]] ?? []).flatMap { $0 }) == Set(1...60))

        try player.act("bet", #"{"amount":4}"#)
        var game = try player.state()
        #expect(game.gameName == "game")
        #expect((game.data["balls"] as? [Int])?.count == 30)
        #expect(player.credits == 996)
        let price = try #require(game.data["extra_cost"] as? Int)
        try player.act("extra")
        game = try player.state()
        #expect((game.data["balls"] as? [Int])?.count == 31)
        #expect(player.credits == 996 - price)
        let won = try #require(game.data["total_winnings"] as? Int)
        let before = player.sid

        try player.act("bet", #"{"amount":4}"#)
        let ended = try player.state()
        #expect(ended.gameName == "idle")
        #expect(player.credits == 996 - price + won)
        let next = try player.state()
        #expect(next.gameName == "game")
        #expect(player.credits == 996 - price + won - 4)
        #expect(Set([before, ended.game?["id"] as? String, next.game?["id"] as? String]).count == 3)

        try player.act("end", sid: before)
        #expect(try player.error() == "stale_state")
        #expect(try player.state().game?["id"] as? String == player.sid)
        await server.stop()
    }

    @Test func everyErrorHasItsCode() async throws {
        var options = ServerOptions.casino()
        options.files["games/broken/manifest.json"] = #"{"id":"broken"}"#
        options.files["games/broken/engine.lua"] = """
            local M = { actions = {} }
            function M.init() return { name = "idle", data = {}, actions = { "raise", "none", "overdraw", "swallow", "id" } } end
            function M.actions.raise() error("broken on purpose") end
            function M.actions.none() return { name = "idle" } end
            function M.actions.id(state) state.id = "mine" return state end
            function M.actions.overdraw(state, _, ctx) ctx:debit(5000) return state end
            function M.actions.swallow(state, _, ctx) pcall(ctx.debit, ctx, 5000) ctx:credit(1) return state end
            return M
            """
        options.files["Scripts/casino/sites/test.json"] = #"{"id":"test","initial_credits":100,"games":{"joker_bingo":{},"broken":{},"gone":{}}}"#
        let server = try await TestServer(options)
        let early = try server.session()
        try early.send("{")
        #expect(try early.error() == "bad_message")
        try early.send(#"{"t":"gamefinish"}"#)
        #expect(try early.error() == "not_started")
        try early.start("errors", site: "test")
        try early.send(#"{"auth":{"uid":"x"},"platform":"demo","site":"test"}"#)
        #expect(try early.error() == "already_started")
        try early.send("x", opcode: 2)
        #expect(try early.error() == "bad_message")
        try early.act("bet")
        #expect(try early.error() == "no_game")
        for game in ["chess", "gone", "coin_toss"] {
            try early.send(#"{"t":"gameload","gameid":"\#(game)"}"#)
            #expect(try early.error() == "unknown_game")
        }
        try early.send(#"{"t":"component","which":"clock","message":{}}"#)
        #expect(try early.error() == "unknown_component")
        try early.send(#"{"t":"component","which":"userdata","message":{"what":"dance"}}"#)
        #expect(try early.error() == "component_error")

        _ = try early.load("joker_bingo")
        try early.act("end")
        #expect(try early.error() == "action_not_allowed")
        try early.state()
        for params in ["{}", #"{"amount":5}"#, #"{"amount":"4"}"#, #"{"amount":4000}"#] {
            try early.act("bet", params)
            #expect(try early.error() == "bad_params")
        }
        try early.act("bet", #"{"amount":104}"#)
        #expect(try early.error() == "insufficient_funds")
        #expect(try early.state().gameName == "idle")
        try early.act("bet", #"{"amount":4}"#)
        try early.state()
        try early.send(#"{"t":"gamefinish"}"#)
        #expect(try early.error() == "finish_refused")
        try early.state()
        try early.send(#"{"t":"gameload","gameid":"broken"}"#)
        #expect(try early.error() == "game_running")
        try early.state()
        try early.act("end")
        try early.state()
        let credits = early.credits

        try early.send(#"{"t":"gameload","gameid":"broken"}"#)
        #expect(try early.state().game == nil)
        #expect(try early.state()["curr_game"] as? String == "broken")
        for action in ["raise", "none", "id"] {
            try early.act(action)
            let shown = try early.receive()
            #expect(shown["which"] as? String == "engine")
            #expect(try early.error() == "internal")
            try early.state()
        }
        for action in ["overdraw", "swallow"] {
            try early.act(action)
            #expect(try early.error() == "insufficient_funds")
            try early.state()
        }
        #expect(early.credits == credits)
        await server.stop()
    }

    @Test func firstSessionEverIsMarkedAndTheNextOneIsNot() async throws {
        let server = try await TestServer(.casino())
        for expected in [true, nil, nil] as [Bool?] {
            let session = try server.session()
            try session.send(#"{"auth":{"uid":"marked","token":""},"platform":"demo","site":"demo"}"#)
            let data = try session.state()["userdata"] as? [String: Any]
            #expect(data?["first_time"] as? Bool == expected)
        }
        await server.stop()
    }

    @Test func refusedStartsCloseTheSocketWithTheirCode() async throws {
        let server = try await TestServer(.casino())
        for (platform, site, code, close) in [
            ("mars", "demo", "unknown_platform", 4401), ("nobody", "demo", "auth_failed", 4401), ("demo", "nowhere", "unknown_site", 4404),
        ] as [(String, String, String, UInt16)] {
            let session = try server.session()
            try session.send(#"{"auth":{"uid":"a"},"platform":"\#(platform)","site":"\#(site)"}"#)
            #expect(try session.error() == code)
            #expect(try session.waitForClose() == close)
        }
        await server.stop()
    }

    @Test func socketWithoutStartMessageIsClosed() async throws {
        var options = ServerOptions.casino()
        options.casino?.startTimeout = .milliseconds(50)
        let server = try await TestServer(options)
        #expect(try server.session().waitForClose() == 4408)
        await server.stop()
    }

    @Test func sessionsOfOneUserShareWalletAndGame() async throws {
        let server = try await TestServer(.casino())
        // Enough of them that they live on both loops.
        let sessions = try (0..<6).map { _ in try server.session("shared") }
        for session in sessions { _ = try session.load("joker_bingo") }
        #expect(Set(sessions.map(\.sid)).count == 1)
        for (index, actor) in sessions.enumerated() {
            try actor.act(index.isMultiple(of: 2) ? "bet" : "end", index.isMultiple(of: 2) ? #"{"amount":8}"# : "{}")
            for session in sessions { try session.state() }
            #expect(Set(sessions.map(\.sid)).count == 1)
            #expect(Set(sessions.map(\.credits)).count == 1)
        }
        // Of two actions on one state exactly one succeeds.
        let sid = sessions[0].sid
        for session in sessions { try session.act("bet", #"{"amount":4}"#, sid: sid) }
        var errors = 0
        for session in sessions {
            for _ in 0..<2 {
                let message = try session.receive()
                guard message["t"] as? String == "error" else { break }
                #expect(message["code"] as? String == "stale_state")
                errors += 1
            }
        }
        try sessions[0].send(#"{"t":"component","which":"userdata","message":{"what":"set","values":{"seen":true,"soc_level":9}}}"#)
        var last: [String: Any] = [:]
        for session in sessions {
            repeat { last = try session.receive() } while (last["userdata"] as? [String: Any])?["seen"] == nil
            #expect((last["userdata"] as? [String: Any])?["soc_level"] as? Int == 1)
        }
        let sums = try await server.sums()
        #expect(sums.ledger == sums.heads)
        await server.stop()
    }

    @Test func lostConnectionRestoresTheRoundWithTheSameId() async throws {
        let server = try await TestServer(.casino())
        let first = try server.session("lost")
        _ = try first.load("joker_bingo")
        try first.act("bet", #"{"amount":4}"#)
        let round = try first.state()
        let second = try server.session("lost")
        let restored = try second.load("joker_bingo")
        #expect(NSDictionary(dictionary: restored.game ?? [:]) == NSDictionary(dictionary: round.game ?? [:]))
        try second.act("end")
        #expect(try second.state().gameName == "idle")
        await server.stop()
    }

    @Test func reloadDuringARoundKeepsItAndTheNextBetObeys() async throws {
        let server = try await TestServer(.casino())
        let player = try server.session("reload")
        _ = try player.load("joker_bingo")
        try player.act("bet", #"{"amount":4}"#)
        let round = try player.state()
        // The game's specs would refuse an engine that draws one ball more.
        server.folder.remove("games/joker_bingo/spec")
        try server.folder.edit("Scripts/engines/bingo.lua") {
            $0.replacingOccurrences(of: "sample(settings.numbers, settings.draw)", with: "sample(settings.numbers, settings.draw + 1)")
        }
        _ = try await server.reloadEvents()
        var notice = try player.receive()
        #expect((notice["message"] as? [String: Any])?["what"] as? String == "reloaded")
        try player.act("end")
        let ended = try player.state()
        #expect(player.credits == 996 + (round.data["total_winnings"] as? Int ?? 0))
        #expect(ended.gameName == "idle")
        try player.act("bet", #"{"amount":4}"#)
        #expect((try player.state().data["balls"] as? [Int])?.count == 31)

        try server.folder.edit("Scripts/engines/bingo.lua") { $0 + "\nthis is no Lua" }
        _ = try await server.reloadEvents()
        notice = try player.receive()
        let message = notice["message"] as? [String: Any]
        #expect(message?["what"] as? String == "error")
        #expect(message?["during"] as? String == "load")
        #expect((message?["text"] as? String)?.contains("bingo.lua:") == true)
        try player.act("end")
        #expect(try player.state().gameName == "idle")
        await server.stop()
    }

    @Test func journalRepeatsEveryActionToTheByte() async throws {
        var options = ServerOptions.casino()
        options.workers = 1
        let server = try await TestServer(options)
        let player = try server.session("replay")
        _ = try player.load("joker_bingo")
        for action in ["bet", "extra", "extra", "bet", "end", "cards", "bet", "bet", "end"] {
            try player.act(action, action == "bet" ? #"{"amount":8}"# : "{}")
            try player.state()
            // A bet during a round answers with two states.
            if action == "bet", try await server.stateCount(of: player) { try player.state() }
        }
        let entries = try await server.journal().filter { $0.kind != .opening }
        #expect(entries.count == 10)
        let results = try await server.replay(entries)
        #expect(results == entries.map { _ in true })
        await server.stop()
    }

    /// A game with a wrong table of wins can be stopped: the round that is open goes on to its end, and no other begins.
    @Test func aGameThatIsTakenOffTheSiteTakesNoNewBets() async throws {
        var options = ServerOptions.casino()
        options.debug = true
        let site = "Scripts/casino/sites/stage.json"
        options.files[site] = #"{"id":"stage","initial_credits":100,"games":{"joker_bingo":{},"coin_toss":{}}}"#
        let server = try await TestServer(options)
        let player = try server.session("ann", site: "stage")
        _ = try player.load("joker_bingo")
        try player.act("bet", #"{"amount":4}"#)
        try player.state()
        #expect(try await server.save(site, #"{"id":"stage","initial_credits":100,"games":{"coin_toss":{}}}"#, andWaitFor: "package casino").hasSuffix("loaded"))
        try await eventually("the site without the game") { server.casino?.sites.site("stage")?.settings(of: "joker_bingo") == nil }
        try player.act("bet", #"{"amount":4}"#)
        #expect(try player.error() == "unknown_game")
        try player.act("end")
        try player.state()
        let credits = player.credits
        try player.act("bet", #"{"amount":4}"#)
        #expect(try player.error() == "unknown_game" && player.credits == credits)
        await server.stop()
    }

    /// While a manifest is broken the game goes on, and says of itself what it is played by.
    @Test func theManifestThatIsServedIsThatOfTheGameAsItRuns() async throws {
        var options = ServerOptions.casino()
        options.debug = true
        let server = try await TestServer(options)
        let path = "games/coin_toss/manifest.json"
        let whole = try String(contentsOfFile: server.folder.path + "/" + path, encoding: .utf8)
        let outcome = try await server.save(path, whole + ",,", andWaitFor: "game coin_toss")
        #expect(!outcome.hasSuffix("loaded"))
        let served = try await HTTPTestClient.request(port: server.port, "GET", "/game/coin_toss/manifest.json")
        #expect(served.status == 200 && served.text == whole)
        #expect(!server.log.all.contains { $0.description.contains("has no setting") })
        await server.stop()
    }

    @Test func onlyPublicFilesOfAGameAreServed() async throws {
        let server = try await TestServer(.casino())
        for (path, status) in [
            ("/game/joker_bingo/manifest.json", 200), ("/game/joker_bingo/cover.svg", 200), ("/game/joker_bingo/client/cover.svg", 404),
            ("/game/joker_bingo/engine.lua", 404), ("/game/coin_toss/engine.lua", 404), ("/game/coin_toss/client/../engine.lua", 404),
            ("/game/coin_toss/%2e%2e/engine.lua", 404), ("/game/coin_toss/..%2fengine.lua", 404), ("/game/", 404), ("/game/coin_toss", 404),
            ("/game/coin_toss/", 404), ("/game/coin_toss/spec/", 404),
        ] {
            #expect(try await HTTPTestClient.request(port: server.port, "GET", path).status == status, "\(path)")
        }
        await server.stop()
    }

    @Test func roundSurvivesARestartOnDisk() async throws {
        let folder = TestFolder()
        var sid = ""
        for pass in 0..<2 {
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let store = try SQLiteStore(path: folder.path + "/store.sqlite", logger: logger)
            var options = ServerOptions.casino()
            options.folder = folder
            options.store = store
            let server = try await TestServer(options)
            let player = try server.session("disk")
            let loaded = try player.load("joker_bingo")
            if pass == 0 {
                try player.act("bet", #"{"amount":4}"#)
                try player.state()
                sid = player.sid
            } else {
                #expect(loaded.gameName == "game")
                #expect(player.sid == sid)
                #expect(player.credits == 996)
            }
            await server.stop()
            await store.close()
        }
    }

    /// Those made with Godot with a code that they understand.
    @Test func stoppingServerTellsItsClients() async throws {
        let server = try await TestServer(.casino())
        let player = try server.session("stop")
        let godot = try WireSession(port: server.port, path: "/session/ws?x=1&stop_code=1001")
        let odd = try WireSession(port: server.port, path: "/session/ws?stop_code=4000")
        async let stopped: Void = server.stop()
        #expect(try await WireSession.waitForClose(player) == SessionCloseCode.stopping)
        #expect(try await WireSession.waitForClose(godot) == SessionCloseCode.stoppingForGodot)
        #expect(try await WireSession.waitForClose(odd) == SessionCloseCode.stopping)
        await stopped
    }
}

extension TestServer {
    func sums() async throws -> StoreSums {
        let promise = transport.eventLoops[0].makePromise(of: StoreSums.self)
        store.sums(on: transport.eventLoops[0]) { promise.completeWith($0.mapError { $0 as any Error }) }
        return try await promise.futureResult.get()
    }

    func journal() async throws -> [JournalEntry] {
        try await answer("the journal") { store.journal(since: 0, limit: 10_000, on: transport.eventLoops[0], $0) }.get()
    }

    /// Did the last journalled action have two steps?
    func stateCount(of session: WireSession) async throws -> Bool {
        guard let last = try await journal().last, let record = JournalRecord(parsing: last.body) else { return false }
        return record.steps.count == 2
    }

    /// Repeats the entries of one game session on worker 0: which of them came out equal?
    func replay(_ entries: [JournalEntry]) async throws -> [Bool] {
        try await answer("the entries played again") { done in
            let sites = casino?.sites
            host.withWorker(0) { worker in
                let runner = GameRunner(worker: worker)
                var slot: GameSlot?
                var results: [Bool] = []
                for entry in entries {
                    guard let record = JournalRecord(parsing: entry.body), let manifest = runner.loaded(record.place.game)?.manifest else {
                        results.append(false)
                        continue
                    }
                    let site = sites?.site(record.place.site)
                    let settings = JackpotPlan.settings(manifest.effectiveSettings(site: site?.settings(of: record.place.game)), with: site?.jackpots ?? [:])
                    let call = record.call(on: slot, settings: settings)
                    let outcome = runner.act(call)
                    results.append(record.settings.names(settings) && record.matches(outcome))
                    slot = GameSlot(call, outcome)
                }
                done(results)
            }
        }
    }
}
