import Foundation
import Logging
import NIOPosix
import NightjarTesting
import Testing

@testable import Games
@testable import Store

/// Rounds are found again with every step, by player, id, outcome and mark, in the store and in archives.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RoundHistoryTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Played over the wire: rounds of bingo, one that a bet has ended, one that is open.
    @Test func aPlayersRoundsAreShownWithEveryStep() async throws {
        let folder = TestFolder()
        let store = try SQLiteStore(path: folder.path + "/store.sqlite", logger: Self.logger)
        var options = ServerOptions.casino()
        options.workers = 2
        options.folder = folder
        options.store = store
        let server = try await TestServer(options)
        let ann = try server.session("ann")
        let bob = try server.session("bob")
        var ids: [String] = []
        func act(_ session: WireSession, _ action: String, _ params: String = "{}") throws -> [String: Any] {
            let before = session.sid
            try session.act(action, params)
            var message = try session.receive()
            while message["t"] as? String != "state" || session.sid == before { message = try session.receive() }
            return message.game ?? [:]
        }
        _ = try ann.load("joker_bingo")
        _ = try bob.load("joker_bingo")
        _ = try act(ann, "bet", #"{"amount":4}"#)
        ids.append(ann.sid)
        _ = try act(ann, "extra")
        let middle = ann.sid
        _ = try act(bob, "bet", #"{"amount":8}"#)
        _ = try act(ann, "end")
        let shown = try act(ann, "bet", #"{"amount":12}"#)
        ids.append(ann.sid)
        // Ends that round and begins another one: two states.
        _ = try act(ann, "bet", #"{"amount":4}"#)
        _ = try ann.state()
        ids.append(ann.sid)
        await server.stop()
        await store.close()

        func check(_ history: JournalHistory) throws {
            let rounds = RoundHistory(history)
            let account = AccountKey(realm: "demo", user: "ann", denom: "credit")
            let found = try rounds.rounds(of: account, limit: 100)
            #expect(found.map(\.id.description) == ids.reversed())
            #expect(found.map(\.outcome) == [nil, "settled", "settled"])
            #expect(found.map { $0.steps.map(\.operation) } == [["bet"], ["bet", "bet"], ["bet", "extra", "end"]])
            #expect(found.map(\.staked).dropLast() == [4, 12])
            #expect(found[2].staked > 4 && found[2].steps[1].effects.first?.kind == .extra)
            #expect(found[2].steps[0].params == Array(#"{"amount":4}"#.utf8))
            #expect(found[2].steps.last?.credits == 1_000 - found[2].staked + found[2].paid)
            let state = try JSONSerialization.jsonObject(with: Data(try #require(found[1].steps[0].state))) as? [String: Any]
            #expect(NSDictionary(dictionary: state ?? [:]) == NSDictionary(dictionary: shown))
            // The first of two steps of an action is known by its fingerprint alone.
            #expect(found[1].steps[1].state == nil)
            #expect(try rounds.rounds(of: account, limit: 2) == Array(found.prefix(2)))
            #expect(try rounds.rounds(of: account, limit: 100, where: RoundFilter(outcome: "settled")) == Array(found.suffix(2)))
            #expect(try rounds.rounds(of: account, limit: 100, where: RoundFilter(outcome: "open")) == Array(found.prefix(1)))
            #expect(try rounds.rounds(of: account, limit: 100, where: RoundFilter(game: "coin_toss")).isEmpty)
            // By its id and by that of any state in it, the step in the middle of an action included.
            for id in [ids[0], middle] { #expect(try rounds.round(try #require(StateID(id))) == found[2]) }
            #expect(try rounds.round(found[1].steps[1].id) == found[1])
            #expect(try rounds.round(.random()) == nil)
            // Of all players.
            let all = try rounds.rounds(limit: 100, where: RoundFilter())
            #expect(all.count == 4 && Set(all.map(\.account.user)) == ["ann", "bob"])
            // The newest first, also of two that one action has ended and begun.
            #expect(all.filter { $0.account.user == "ann" } == found)
            #expect(try rounds.rounds(limit: 1, where: RoundFilter(outcome: "settled")) == [found[1]])
            // Both forms.
            for round in all {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(round.json.utf8)) as? [String: Any])
                #expect(object["round"] as? String == round.id.description && object["outcome"] as? String == round.outcome)
                #expect((object["steps"] as? [[String: Any]])?.count == round.steps.count)
                #expect(round.lines.count == 1 + 2 * round.steps.count)
                #expect(round.lines[0].contains("\(round.id): joker_bingo on demo, demo:\(round.account.user)"))
            }
            // Each entry of a round comes out as it was written.
            let replayer = Replayer(history, registry: ReplayTests.registry)
            for seq in found.flatMap(\.entries) { #expect(try replayer.replay(try #require(try history.entry(seq))).verdict == .equal) }
            replayer.close()
        }
        try check(try JournalHistory(path: folder.path + "/store.sqlite"))
        var archiver = try Archiver(path: folder.path + "/store.sqlite", folder: folder.path + "/archive")
        archiver.bounds = Archiver.Bounds(fileEntries: 3, fileEntriesMin: 1, fileBytes: 1 << 20, keptEntries: 0, deletedRows: 5, pause: 0)
        #expect(try archiver.run(before: .max) { _ in }.deleted > 0)
        try check(try JournalHistory(path: folder.path + "/store.sqlite"))
    }

    /// Many rounds with marks and outcomes of all kinds, written as the journal has them.
    @Test func roundsAreFoundByOutcomeAndMark() async throws {
        let folder = TestFolder()
        let path = folder.path + "/store.sqlite"
        let store = try SQLiteStore(path: path, logger: Self.logger)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let users = ["ann", "bob"].map { AccountKey(realm: "demo", user: $0, denom: "credit") }
        let place = GameKey(site: "demo", game: "wheel")
        var ids: [StateID] = []
        for user in users { _ = try await answer("an account") { store.account(user, initialCredits: 1_000, on: loop, $0) }.get() }
        for number in 0..<150 {
            let (id, user) = (StateID.random(), users[number % 2])
            ids.append(id)
            let outcome = number % 10 == 3 ? "voided" : number % 10 == 7 ? "refused" : "settled"
            let marks = number % 25 == 0 ? #","marks":["jackpot","wild"]"# : number % 5 == 0 ? #","marks":["wild"]"# : ""
            let body = #"{"op":"action","action":"spin","params":{},"game":"wheel","site":"demo","now":\#(number),"steps":[{"id":"\#(id)","effects":[["bet",-1]],"round":"\#(id)","outcome":"\#(outcome)"\#(marks)}],"credits_before":9,"credits_after":8}"#
            let transition = Transition(
                account: user, id: id, expectedVersion: Int64(number / 2) + 1, delta: -1, lowest: -1,
                slot: .set(GameSlot(key: place, id: id, blob: Array(#"{"id":"\#(id)"}"#.utf8))), opensRound: true, body: Array(body.utf8),
                ledger: [LedgerEntry(.bet, -1)])
            _ = try await answer("a commit") { store.commit(transition, on: loop, $0) }
        }
        await store.close()
        let history = try JournalHistory(path: path)
        let rounds = RoundHistory(history)
        func numbers(_ found: [PlayedRound]) -> [Int] { found.map { Int($0.startedAt) } }
        let ann = Array(stride(from: 148, through: 0, by: -2))
        #expect(numbers(try rounds.rounds(of: users[0], limit: 100)) == ann)
        #expect(numbers(try rounds.rounds(of: users[0], limit: 100, where: RoundFilter(mark: "wild"))) == ann.filter { $0 % 5 == 0 })
        #expect(numbers(try rounds.rounds(of: users[1], limit: 3, where: RoundFilter(outcome: "voided"))) == [143, 133, 123])
        #expect(numbers(try rounds.rounds(of: users[1], limit: 100, where: RoundFilter(outcome: "refused", mark: "wild"))).isEmpty)
        #expect(numbers(try rounds.rounds(limit: 100, where: RoundFilter())) == Array((50..<150).reversed()))
        #expect(numbers(try rounds.rounds(limit: 2, where: RoundFilter(mark: "jackpot"))) == [125, 100])
        #expect(try rounds.rounds(limit: 2, where: RoundFilter(site: "other")).isEmpty)
        let one = try #require(try rounds.round(ids[100]))
        #expect(one.marks == ["jackpot", "wild"] && one.outcome == "settled" && one.staked == 1 && one.paid == 0)
        #expect(one.lines[0].hasSuffix("settled, staked 1, paid 0 credit, marks jackpot wild"))
    }
}
