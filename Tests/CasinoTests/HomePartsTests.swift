import Bytes
import Logging
import NIOCore
import NIOEmbedded
@testable import Games
import Store
import Testing
import Transport

/// The parts of a user's home one by one.
@Suite struct TaskQueueTests {
    @Test func tasksHaveTheirTurnsOneAtATimeAndInOrder() {
        var queue = TaskQueue<Int>()
        var turn: Int?
        #expect(queue.isIdle)
        queue.submit(1)
        queue.submit(2)
        turn = queue.next()
        #expect(turn == 1)
        turn = queue.next()
        #expect(turn == nil)
        queue.finish()
        turn = queue.next()
        #expect(turn == 2)
        #expect(!queue.isIdle)
        queue.finish()
        #expect(queue.isIdle)
    }

    @Test func taskSetAsideLetsOthersPassAndComesBehindThem() {
        var queue = TaskQueue<Int>()
        var turn: Int?
        queue.submit(1)
        queue.submit(2)
        turn = queue.next()
        #expect(turn == 1)
        queue.setAside()
        turn = queue.next()
        #expect(turn == 2)
        queue.submit(3)
        queue.takeUp(1)
        queue.finish()
        turn = queue.next()
        #expect(turn == 3)
        queue.finish()
        #expect(!queue.isIdle)
        turn = queue.next()
        #expect(turn == 1)
        queue.finish()
        #expect(queue.isIdle)
    }

    @Test func whoIsSetAsideKeepsTheQueueFromBeingIdle() {
        var queue = TaskQueue<Int>()
        queue.submit(1)
        _ = queue.next()
        queue.setAside()
        #expect(!queue.isIdle)
    }
}

@Suite struct UserdataLineTests {
    private func question(_ site: String, _ name: String) -> UserdataQuestion {
        let fixture = SiteDirectory()
        _ = fixture.replace(Array("""
            [{"id":"\(site)","initial_credits":0,"manual_credits":true,"games":[],
            "denomination":{"name":"credit","prefix":"","suffix":"","integer":true,"money_multiplier":1,"rgs_id":"CRE"}}]
            """.utf8))
        return UserdataQuestion(
            session: HomeSession(AttachRequest(
                user: UserKey(realm: "demo", user: "u"), isFirst: false, connection: ConnectionID(rawValue: 1), site: fixture.site(site)!)), subject: .message(to: name, []))
    }

    private func name(_ question: UserdataQuestion?) -> String? {
        if case .message(let name, _)? = question?.subject { name } else { nil }
    }

    @Test func questionsAboutOneSiteWaitForEachOther() {
        var line = UserdataLine()
        let entered = [("s", "a"), ("s", "b"), ("t", "x"), ("s", "c")].map { line.enter(question($0, $1)) }
        #expect(entered == [true, false, true, false])
        var answered = [name(line.leave("s"))]
        let late = line.enter(question("s", "d"))
        #expect(!late, "whoever comes now does not pass those that wait")
        for site in ["s", "s", "s", "t"] { answered.append(name(line.leave(site))) }
        #expect(answered == ["b", "c", "d", nil, nil])
        let again = line.enter(question("s", "e"))
        #expect(again)
    }
}

/// What the store says, with failures at every point.
@Suite struct AccountHeadsTests {
    private let loop = EmbeddedEventLoop()
    private let faults = StoreFaults()
    private let user = UserKey(realm: "demo", user: "u")
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func heads(_ store: MemoryStore) -> AccountHeads { AccountHeads(of: user, in: store, on: loop, logger: logger) }

    private func read(_ heads: AccountHeads) -> Account? {
        var found: Account?
        heads.read("credit", initialCredits: 10) { found = $0 }
        loop.run()
        return found
    }

    private func bet(_ account: Account, _ amount: Int64) -> Transition {
        Transition(
            account: account.key, id: .random(), expectedVersion: account.version, delta: -amount, lowest: -amount,
            slot: .set(GameSlot(key: GameKey(site: "s", game: "g"), id: .random(), engineVersion: 1, openedAt: 1, blob: [])),
            kind: .action, opensRound: true, body: [], ledger: [LedgerEntry(.bet, -amount)])
    }

    /// Nil: it stands.
    private func commit(_ heads: AccountHeads, _ transition: Transition) -> CommitFailure? {
        var failure: CommitFailure?
        heads.commit(transition) { failure = $0 }
        loop.run()
        return failure
    }

    @Test func headFollowsItsCommits() throws {
        let heads = heads(MemoryStore())
        #expect(heads["credit"] == nil)
        let account = try #require(read(heads))
        #expect(commit(heads, bet(account, 4)) == nil)
        #expect(heads["credit"]?.credits == 6)
        #expect(heads["credit"]?.slot(GameKey(site: "s", game: "g")) != nil)
    }

    @Test func anotherWritersChangeReplacesTheHead() throws {
        let store = MemoryStore()
        let (heads, others) = (heads(store), heads(store))
        let account = try #require(read(heads))
        #expect(commit(others, bet(try #require(read(others)), 4)) == nil)
        #expect(commit(heads, bet(account, 1)) == .conflict)
        #expect(heads["credit"] == others["credit"])
    }

    @Test func stakeThatIsNotCoveredChangesNothing() throws {
        let heads = heads(MemoryStore())
        let account = try #require(read(heads))
        #expect(commit(heads, bet(account, 11)) == .insufficient)
        #expect(heads["credit"] == account)
    }

    /// Before or behind the commit: afterwards the head is what the store holds.
    @Test(arguments: StoreFaults.Point.allCases)
    func headIsReadAgainAfterAFailure(_ point: StoreFaults.Point) throws {
        let store = MemoryStore(faults: faults)
        let heads = heads(store)
        let account = try #require(read(heads))
        faults.fail(point, at: 1)
        #expect(commit(heads, bet(account, 4)) == .unknown)
        faults.clear()
        #expect(heads["credit"] == read(self.heads(store)))
    }

    @Test func headThatCannotBeReadIsForgotten() throws {
        let store = MemoryStore(faults: faults)
        let heads = heads(store)
        let account = try #require(read(heads))
        faults.fail(.call, at: 1, times: 2)
        #expect(commit(heads, bet(account, 4)) == .unknown)
        #expect(heads["credit"] == nil)
        #expect(read(heads) == account)
    }
}

@Suite struct UserdataKeeperTests {
    private let loop = EmbeddedEventLoop()
    private let faults = StoreFaults()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func keeper(_ store: MemoryStore) -> UserdataKeeper {
        UserdataKeeper(of: UserKey(realm: "demo", user: "u"), in: store, on: loop, logger: logger)
    }

    private func read(_ keeper: UserdataKeeper) -> Bool {
        var isKnown = false
        keeper.read("s") { isKnown = $0 }
        loop.run()
        return isKnown
    }

    private func store(_ keeper: UserdataKeeper, _ text: String) -> Bool {
        var isStored = false
        keeper.store(Array(text.utf8), site: "s") { isStored = $0 }
        loop.run()
        return isStored
    }

    @Test func dataThatNobodyHasStoredAreEmpty() {
        let keeper = keeper(MemoryStore())
        #expect(read(keeper))
        #expect(keeper["s"] == Userdata.empty)
        #expect(keeper["t"] == Userdata.empty)
    }

    @Test(arguments: StoreFaults.Point.allCases)
    func dataAreReadAgainAfterAFailure(_ point: StoreFaults.Point) {
        let data = MemoryStore(faults: faults)
        let keeper = keeper(data)
        #expect(read(keeper) && store(keeper, #"{"a":1}"#))
        faults.fail(point, at: 1)
        #expect(!store(keeper, #"{"a":2}"#))
        let others = self.keeper(data)
        #expect(read(others))
        #expect(keeper["s"] == others["s"])
    }

    @Test func dataInDoubtAreShownAndReadBeforeTheyAreUsed() {
        let data = MemoryStore(faults: faults)
        let keeper = keeper(data)
        #expect(read(keeper) && store(keeper, #"{"a":1}"#))
        faults.fail(.answer, at: 1)
        faults.fail(.call, at: 2)
        #expect(!store(keeper, #"{"a":2}"#))
        #expect(keeper["s"] == Array(#"{"a":1}"#.utf8), "the last that is known")
        #expect(read(keeper))
        #expect(keeper["s"] == Array(#"{"a":2}"#.utf8), "the store has them after all")
    }
}

@Suite struct UserKeyTests {
    /// Two people at a platform are two, also where their names look the same and Swift's texts are equal.
    @Test func usersAreToldApartByTheBytesOfTheirNames() {
        let composed = UserKey(realm: "token", user: "jos\u{e9}"), decomposed = UserKey(realm: "token", user: "jose\u{301}")
        #expect("jos\u{e9}" == "jose\u{301}")
        #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
        #expect(composed == UserKey(realm: "token", user: "jos\u{e9}"))
        #expect(UserKey(realm: "a", user: "bc") != UserKey(realm: "ab", user: "c"))
    }
}

@Suite struct TopicBoardTests {
    private final class Heard { var texts: [String] = [] }

    private func board(_ loop: EmbeddedEventLoop) -> (TopicBoard, Heard) {
        let heard = Heard()
        return (TopicBoard(on: loop) { _, text in heard.texts.append(String(decoding: text, as: UTF8.self)) }, heard)
    }

    private let one = ConnectionID(rawValue: 1)

    @Test func theNewestComesWhenItsPublisherWantsItAlsoAfterASlowerOne() throws {
        let loop = EmbeddedEventLoop()
        defer { try? loop.close() }
        let (board, heard) = board(loop)
        board.subscribe(one, "t")
        board.publish("t", Array("1".utf8), atMostEvery: .hours(1))
        board.publish("t", Array("2".utf8), atMostEvery: .milliseconds(200))
        board.publish("t", Array("3".utf8), atMostEvery: .milliseconds(200))
        #expect(heard.texts == [])
        loop.advanceTime(by: .milliseconds(200))
        #expect(heard.texts == ["3"])
        board.publish("t", Array("4".utf8), atMostEvery: .milliseconds(200))
        loop.advanceTime(by: .hours(2))
        #expect(heard.texts == ["3", "4"])
    }

    @Test func whoHasAllTopicsMayChangeOneForAnother() throws {
        let loop = EmbeddedEventLoop()
        defer { try? loop.close() }
        let (board, _) = board(loop)
        for number in 0..<ComponentLimits.topicsPerSession { board.subscribe(one, "\(number)") }
        #expect(!board.hasRoom(one, ["more"]))
        #expect(board.hasRoom(one, ["more"], leaving: .topics(["0"])))
        #expect(!board.hasRoom(one, ["more"], leaving: .topics(["none"])))
        #expect(board.hasRoom(one, ["more"], leaving: .all))
    }
}

@Suite struct MovementBoundTests {
    /// What a wallet or a component says of money may be any number; it is refused, and nothing ends by it.
    @Test func numbersThatCannotBeAreNotFollowed() throws {
        let account = Account(key: AccountKey(realm: "r", user: "u", denom: "credit"), credits: 1_000, version: 1)
        var transition = Transition(account: account.key, id: .random(), expectedVersion: 1, delta: 5, kind: .action, ledger: [LedgerEntry(.win, 5)])
        var isFollowed = transition.follow(.max)
        #expect(!isFollowed && transition.delta == 5 && transition.ledger.count == 1)
        isFollowed = transition.follow(0)
        #expect(!isFollowed)
        isFollowed = transition.follow(-7)
        #expect(isFollowed && transition.delta == -2 && transition.lowest == -7)
        for amounts in [[Int64.min, -1_000], [.max, .max], [.max]] {
            let change = Adjustment(
                account: account.key, id: .random(), movements: amounts.map { .init(kind: .win, amount: .by($0)) }, source: "test")
            #expect(change.transition(account, now: 0) == nil, "\(amounts)")
        }
    }
}
