import Bytes
import Foundation
import Logging
import NIOPosix
import Synchronization
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import NightjarTesting
@testable import Store

/// Jackpots over the wire: fed by bets, won, told, replayed.
@Suite(.serialized, .timeLimit(.minutes(2))) struct JackpotWireTests {
    static let files = [
        "games/pots/manifest.json": #"{"id":"pots","settings":{"jackpot":["one","night"]}}"#,
        "games/pots/engine.lua": """
            local json = require("nightjar").json
            local M = { version = 1, actions = {} }
            local function state(won)
              return { name = "idle", data = { won = won or json.array() }, actions = { "bet", "hit", "both" } }
            end
            function M.init() return state() end
            function M.actions.bet(_, params, ctx)
              ctx:debit(params.amount)
              return state(ctx:contribute(params.amount))
            end
            function M.actions.hit(_, params, ctx)
              return state(ctx:award(params.event or "bingo", params.amount))
            end
            function M.actions.both(_, params, ctx)
              ctx:step(M.actions.bet(nil, params, ctx))
              return M.actions.hit(nil, params, ctx)
            end
            return M
            """,
        "Scripts/casino/sites/pots.json": """
            {"id":"pots","initial_credits":100000,"games":{"pots":{},"joker_bingo":{}},"jackpots":[
              {"id":"one","min":5000,"max":100000,"rate_bp":1000},
              {"id":"night","levels":[
                {"id":"mini","min":2000,"max":50000,"rate_bp":500,"hidden_rate_bp":100,"trigger":{"must_hit_by":20000}},
                {"id":"grand","min":9000,"max":90000,"rate_bp":100,"qualifying_bet":5,"trigger":{"on":"sun"}}]}]}
            """,
    ]

    private func options() -> ServerOptions {
        var options = ServerOptions.casino()
        options.files.merge(Self.files) { _, new in new }
        return options
    }

    private func subscribe(_ session: WireSession, _ id: String) throws {
        try session.send(#"{"t":"component","which":"jackpot","message":{"what":"subscribe","to":"\#(id)"}}"#)
    }

    private func message(_ session: WireSession) throws -> [String: Any] {
        let received = try session.receive()
        guard received["which"] as? String == "jackpot", let message = received["message"] as? [String: Any] else {
            throw WireSession.Failure.unexpected("\(received)")
        }
        return message
    }

    /// The messages up to one that fits, whatever else comes. Of a win and the value after it either may come first.
    private func messages(_ session: WireSession, until fits: ([[String: Any]]) -> Bool) throws -> [[String: Any]] {
        var found: [[String: Any]] = []
        repeat {
            if let message = try session.receive()["message"] as? [String: Any] { found.append(message) }
        } while !fits(found)
        return found
    }

    private func state(_ session: WireSession) throws -> [String: Any] {
        while true {
            let message = try session.receive()
            if message["t"] as? String == "state" { return message }
            if message["t"] as? String == "error" { throw WireSession.Failure.unexpected("\(message)") }
        }
    }

    @Test func aSubscriberHearsTheValueAtOnceThenChangesAndThatItWasWon() async throws {
        try await withTestServer(options()) { server in
            let watcher = try server.session("eve", site: "pots")
            try subscribe(watcher, "one")
            let first = try message(watcher)
            #expect(first["what"] as? String == "value" && first["id"] as? String == "one" && first["value"] as? Int == 5_000)
            #expect(first["storage_multiplier"] as? Int == 1_000 && first["denom"] as? String == "CRE" && first["amount"] as? Double == 5.0)
            let player = try server.session("ann", site: "pots")
            _ = try player.load("pots")
            try player.act("bet", #"{"amount":20}"#)
            _ = try state(player)
            _ = try messages(watcher) { $0.last?["what"] as? String == "value" && $0.last?["value"] as? Int == 7_000 }
            let before = player.credits
            try player.act("hit", #"{"amount":1}"#)
            let paid = try state(player)
            #expect(player.credits == before + 7)
            let won = try #require((paid.data["won"] as? [[String: Any]])?.first)
            #expect(won["id"] as? String == "one" && won["level"] as? String == "one" && won["amount"] as? Int == 7)
            let heard = try messages(watcher) { all in
                all.contains { $0["what"] as? String == "won" } && all.contains { $0["value"] as? Int == 5_000 }
            }
            let told = try #require(heard.first { $0["what"] as? String == "won" })
            #expect(told["id"] as? String == "one" && told["amount"] as? Int == 7)
            try watcher.send(#"{"t":"component","which":"jackpot","message":{"what":"unsubscribe_all"}}"#)
            _ = try state(watcher)
            for wrong in [#"{"what":"subscribe","to":"none"}"#, #"{"what":"subscribe"}"#, #"{"what":"sing"}"#] {
                try watcher.send(#"{"t":"component","which":"jackpot","message":\#(wrong)}"#)
                #expect(try watcher.error() == "component_error")
            }
        }
    }

    @Test func aLevelThatIsWonAndComesToTheSameValueIsToldAgain() async throws {
        try await withTestServer(options()) { server in
            let player = try server.session("ann", site: "pots"), watcher = try server.session("eve", site: "pots")
            _ = try player.load("pots")
            try subscribe(watcher, "one")
            #expect(try message(watcher)["value"] as? Int == 5_000)
            try player.act("hit", #"{"amount":1}"#)
            _ = try state(player)
            let heard = try messages(watcher) { Set($0.compactMap { $0["what"] as? String }) == ["won", "value"] }
            #expect(heard.allSatisfy { $0["what"] as? String == "won" || $0["value"] as? Int == 5_000 })
        }
    }

    /// Whom nobody could tell of a win, the log tells.
    @Test func aWinThatCouldNotBeToldIsReported() throws {
        final class Answering: ScriptCaller {
            var answer = ScriptAnswer.failed(code: "timeout")
            func call(_ function: String, _ arguments: [[UInt8]], _ done: @escaping (ScriptAnswer) -> Void) { done(answer) }
        }
        let caller = Answering(), level = try #require(JackpotPlan(settings: Array(Self.plan.utf8))?.levels.first)
        for (answer, expected) in [
            (ScriptAnswer.failed(code: "timeout"), ["timeout"]), (.failed(code: "no_such_function"), []), (.results([]), []),
        ] {
            caller.answer = answer
            var codes: [String] = []
            let news = JackpotNews(level: level.id, credits: 5, secret: "", commitment: "", site: "s", platform: "demo")
            CasinoScripts(caller).won(news) { codes.append($0) }
            #expect(codes == expected)
        }
    }

    private static let plan = """
        {"jackpot_levels":[{"id":"one","level":"one","storage_multiplier":1000,"min":0,"max":9000,"rate_bp":1,"hidden_rate_bp":0,"qualifying_bet":0}]}
        """

    @Test func subscribingToAJackpotIsSubscribingToAllItsLevels() async throws {
        try await withTestServer(options()) { server in
            let watcher = try server.session("eve", site: "pots")
            try subscribe(watcher, "night")
            let values = [try message(watcher), try message(watcher)]
            #expect(values.map { $0["id"] as? String } == ["night/mini", "night/grand"])
            try subscribe(watcher, "night/grand")
            #expect(try message(watcher)["id"] as? String == "night/grand")
        }
    }

    /// The stake that reaches the threshold wins it, the text behind the commitment is told, and the hash fits.
    @Test func aLevelThatMustBeWonIsWonAndItsCommitmentHolds() async throws {
        try await withTestServer(options()) { server in
            let player = try server.session("ann", site: "pots")
            _ = try player.load("pots")
            try player.act("bet", #"{"amount":1}"#)
            _ = try state(player)
            let watcher = try server.session("eve", site: "pots")
            try subscribe(watcher, "night/mini")
            let commitment = try #require(try message(watcher)["commitment"] as? String)
            var won: [[String: Any]] = []
            var bets = 0
            while won.isEmpty, bets < 100 {
                bets += 1
                try player.act("bet", #"{"amount":10}"#)
                won = try state(player).data["won"] as? [[String: Any]] ?? []
            }
            #expect(won.first?["id"] as? String == "night/mini")
            let heard = try messages(watcher) { all in
                all.contains { $0["what"] as? String == "won" }
                    && all.contains { $0["what"] as? String == "value" && $0["commitment"] as? String != commitment }
            }
            let told = try #require(heard.first { $0["what"] as? String == "won" })
            let secret = try #require(told["secret"] as? String)
            let hash = ContentID.digest(Array(secret.utf8)).map { String(format: "%02x", $0) }.joined()
            #expect(hash == commitment)
            let threshold = try #require(Int(secret.prefix { $0 != ":" }))
            #expect(threshold > 2_000 && threshold <= 20_000)
            // 50 units from the first bet, 500 from each later one: it was the first that reached it.
            #expect(2_050 + bets * 500 >= threshold && 2_050 + (bets - 1) * 500 < threshold)
        }
    }

    /// Of a level that must be won.
    struct Terms: Sendable {
        let multiplier: Int64
        let range: ClosedRange<Int64>
        let limit: Int64

        init(_ multiplier: Int64, _ range: ClosedRange<Int64>, by limit: Int64) { (self.multiplier, self.range, self.limit) = (multiplier, range, limit) }

        /// The file of a site with such a level, which a stake of ten credits feeds with half a credit.
        var site: String {
            """
            {"id":"pots","initial_credits":100000,"games":{"pots":{}},"jackpots":[{"id":"night","storage_multiplier":\(multiplier),"levels":[
              {"id":"mini","min":\(range.lowerBound),"max":\(range.upperBound),"rate_bp":500,"trigger":{"must_hit_by":\(limit)}}]}]}
            """
        }
    }

    /// The site's file is edited between two bets: what must be won is won under the new terms, too, and every bet is answered.
    @Test(arguments: [
        // The limit falls below the value that was drawn, which can then never be reached.
        [Terms(1_000, 2_000...1_000_000_000_000, by: 1_000_000_000_000), Terms(1_000, 2_000...4_000, by: 4_000)],
        // The units become a thousandth, so that what was drawn is less than a credit.
        [Terms(1, 2...5, by: 4), Terms(1_000, 2_000...5_000, by: 4_000)],
    ])
    func aLevelThatMustBeWonIsWonUnderEditedTerms(_ terms: [Terms]) async throws {
        let path = "Scripts/casino/sites/pots.json"
        var options = options()
        options.files[path] = terms[0].site
        try await withTestServer(options) { server in
            let player = try server.session("ann", site: "pots")
            _ = try player.load("pots")
            try player.act("bet", #"{"amount":1}"#)
            _ = try state(player)
            #expect(try await server.save(path, terms[1].site, andWaitFor: "package casino") == "package casino: loaded")
            await server.casino?.refreshSites()
            var wins = 0
            for _ in 0..<20 {
                try player.act("bet", #"{"amount":10}"#)
                wins += (try state(player).data["won"] as? [[String: Any]] ?? []).count
            }
            // Ten thousand units went in, and two thousand are the way from the seed to the limit.
            #expect(wins >= 3)
            let loop = server.anyLoop
            let jackpot = try #require(try await answer("the jackpots") { server.store.jackpots(realm: "demo", site: "pots", on: loop, $0) }.get().first)
            #expect(jackpot.fault == nil && (jackpot.threshold?.hitAt ?? .max) <= terms[1].limit && jackpot.value < terms[1].limit)
        }
    }

    /// As the README says.
    @Test func onTheShippedSiteTheSmallestLevelIsWonWithinFiveBets() async throws {
        try await withTestServer(ServerOptions.casino()) { server in
            let player = try server.session("ann", site: "night")
            _ = try player.load("joker_bingo")
            try subscribe(player, "night")
            var heard: [[String: Any]] = []
            func isWon() -> Bool { heard.contains { $0["what"] as? String == "won" && $0["id"] as? String == "night/mini" } }
            for _ in 0..<5 where !isWon() {
                let known = player.sid
                try player.act("bet", #"{"amount":200}"#)
                var message = try player.receive()
                while message.gameName != "game" || player.sid == known {
                    if let news = message["message"] as? [String: Any] { heard.append(news) }
                    message = try player.receive()
                }
            }
            if !isWon() { heard += try messages(player) { $0.last?["what"] as? String == "won" && $0.last?["id"] as? String == "night/mini" } }
            #expect(isWon() && heard.count { $0["what"] as? String == "value" } >= 4)
        }
    }

    @Test func smallBetsFeedButDoNotWinAndForeignEventsPayNothing() async throws {
        try await withTestServer(options()) { server in
            let player = try server.session("ann", site: "pots")
            _ = try player.load("pots")
            for (event, amount, wins) in [("sun", 4, ["one"]), ("moon", 5, ["one"]), ("sun", 5, ["one", "night/grand"])] {
                try player.act("hit", #"{"event":"\#(event)","amount":\#(amount)}"#)
                let won = try state(player).data["won"] as? [[String: Any]] ?? []
                #expect(won.compactMap { $0["id"] as? String } == wins)
            }
        }
    }

    /// Two loops, many players who all win again and again: each award is taken once, the sums hold, and the journal runs again to the
    /// byte in engines put together from it.
    @Test func whatManyPlayersWinAtOnceAddsUpAndReplays() async throws {
        let folder = TestFolder()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let store = try SQLiteStore(path: folder.path + "/store.sqlite", logger: logger)
        var options = options()
        options.folder = folder
        options.store = store
        let fresh = ManualCount()
        options.casino?.entropy = Entropy { memory in
            fresh.add()
            return Entropy.system.fill(memory)
        }
        try await withTestServer(options) { server in
            let players = try (0..<8).map { number in
                let session = try server.session("p\(number)", site: "pots")
                _ = try session.load("pots")
                return Given(session: session)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, player) in players.enumerated() {
                    group.addTask {
                        try await blocking {
                            for round in 0..<60 {
                                let action = round % 3 == 2 ? "both" : "bet"
                                try player.session.act(action, #"{"amount":\#(5 + (number + round) % 20),"event":"sun"}"#)
                                _ = try player.session.state()
                                if action == "both" { _ = try player.session.state() }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let jackpots = try await answer("the jackpots") { store.jackpots(realm: "demo", site: "pots", on: loop, $0) }.get()
        let journal = try await answer("the journal") { store.journal(since: 0, limit: 10_000, on: loop, $0) }.get()
        #expect(jackpots.count == 3)
        for jackpot in jackpots { #expect(jackpot.fault == nil, "\(jackpot.key.id): \(jackpot.fault ?? "")") }
        // What the journal tells is what the meters count.
        var told: [String: (contributed: Int64, hidden: Int64, awarded: Int64)] = [:]
        for entry in journal {
            let body = try JSONSerialization.jsonObject(with: Data(entry.body.isEmpty ? Array("{}".utf8) : entry.body)) as? [String: Any]
            for step in body?["steps"] as? [[String: Any]] ?? [] {
                for effect in step["jackpots"] as? [[Any]] ?? [] {
                    let id = try #require(effect[0] as? String), amount = Int64(try #require(effect[1] as? Int))
                    if effect.count == 3 {
                        told[id, default: (0, 0, 0)].contributed += amount
                        told[id, default: (0, 0, 0)].hidden += Int64(try #require(effect[2] as? Int))
                    } else {
                        told[id, default: (0, 0, 0)].awarded += amount
                    }
                }
            }
        }
        for jackpot in jackpots {
            let sums = told[jackpot.key.id] ?? (0, 0, 0)
            #expect(jackpot.meters.contributed == sums.contributed && jackpot.meters.hidden == sums.hidden)
            #expect(jackpot.meters.awarded == sums.awarded)
        }
        let paid = journal.flatMap(\.ledger).filter { $0.kind == .jackpot }.reduce(0) { $0 + $1.amount }
        #expect(paid * 1_000 == jackpots.reduce(0) { $0 + $1.meters.awarded })
        #expect(jackpots.first { $0.key.id == "one" }?.version == Int64(8 * 20))
        // Calls that were made again, because somebody else was faster, took no other chance.
        let steps = try journal.reduce(0) { $0 + (try Self.body($1)["steps"] as? [Any] ?? []).count }
        #expect(fresh.value == steps)
        try Self.checkThresholds(journal, of: "night/mini", seed: 2_000)

        await store.close()
        let history = try JournalHistory(path: folder.path + "/store.sqlite")
        let replayer = Replayer(history, registry: HostRegistry(StandardModules(store: MemoryStore()).list() + [EngineModule()]))
        defer { replayer.close() }
        let odd = try journal.map { try replayer.replay(try #require(try history.entry($0.seq))) }.filter { $0.verdict != .equal && $0.verdict != .nothingToRun }
        #expect(odd.isEmpty, "\(odd.prefix(3).map { "\($0.seq): \($0.verdict)" })")
    }

    private static func body(_ entry: JournalEntry) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(entry.body.isEmpty ? Array("{}".utf8) : entry.body)) as? [String: Any] ?? [:]
    }

    /// By the journal alone: a level was won by the stake that reached the value committed to, and by no other; each award says what the
    /// next one is committed to.
    private static func checkThresholds(_ journal: [JournalEntry], of id: String, seed: Int) throws {
        var value = seed, highest = seed, wins = 0
        var commitment: String?
        for entry in journal {
            let body = try body(entry)
            for step in body["steps"] as? [[String: Any]] ?? [] {
                for effect in step["jackpots"] as? [[Any]] ?? [] where effect[0] as? String == id {
                    let amount = try #require(effect[1] as? Int)
                    guard effect.count == 2 else {
                        highest = max(highest, value)
                        value += amount
                        continue
                    }
                    let pot = try #require((body["pots"] as? [[Any]])?.first { $0[0] as? String == id })
                    #expect(pot.count == 6 && pot[2] as? Int == wins)
                    let hitAt = try #require(pot[3] as? Int), secret = try #require(pot[4] as? String), next = try #require(pot[5] as? String)
                    #expect(value >= hitAt && highest < hitAt, "won at \(value), \(highest) before, must be at \(hitAt)")
                    #expect(secret.hasPrefix("\(hitAt):"))
                    if let commitment { #expect(JackpotSecret.commitment(secret) == commitment) }
                    commitment = next
                    value += seed - amount
                    highest = value
                    wins += 1
                }
            }
        }
        #expect(wins > 0)
    }

    private struct Given: @unchecked Sendable { let session: WireSession }  // each belongs to one task
}

/// Counts. Any thread.
private final class ManualCount: Sendable {
    private let count = Lock(0)

    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}
