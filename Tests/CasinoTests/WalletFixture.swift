import Bytes
import LuaRuntime
import NIOCore
import NIOEmbedded
import NightjarTesting
import Store
import Synchronization
import Testing

@testable import Games

/// An operator's wallet in the test's process, as the protocol wants it, whose line can be cut.
final class TestOperator: WalletLink {
    /// What becomes of a call.
    enum Line {
        case fine
        /// It does not arrive.
        case lostCall
        /// It arrives, its answer does not.
        case lostAnswer
        /// It waits until ``release()``.
        case held
        /// It arrives, its answer waits until ``release()``.
        case heldAnswer
    }

    /// Balances by player; who is not in it does not exist.
    var balances: [String: Int64]
    /// By call and for each attempt, in order; afterwards all is fine.
    var lines: [WalletCall.Name: [Line]] = [:]
    /// Debits of these players are refused with this code.
    var refusals: [String: WalletRefusal.Code] = [:]
    /// What answers say whose and which money it is; nil: what the call says, in `CRE`.
    var tells: (player: String?, currency: String?) = (nil, nil)
    private(set) var log: [String] = []
    private var entries: [String: (name: WalletCall.Name, amount: Int64, rolledBack: Bool)] = [:]
    private var held: [() -> Void] = []
    private let loop: any EventLoop

    init(_ loop: any EventLoop, balances: [String: Int64]) {
        self.loop = loop
        self.balances = balances
    }

    /// Debits and credits that count.
    func count(_ name: WalletCall.Name) -> Int { entries.values.count { $0.name == name && !$0.rolledBack } }
    /// How often it was asked.
    func asked(_ name: WalletCall.Name) -> Int { log.count { $0 == name.rawValue } }

    func release() {
        let waiting = held
        held = []
        for work in waiting { work() }
    }

    func send(_ call: WalletCall, _ done: @escaping (WalletAnswer) -> Void) {
        log.append(call.name.rawValue)
        let line = lines[call.name]?.isEmpty == false ? lines[call.name]!.removeFirst() : .fine
        let answer = { [loop] (answer: WalletAnswer) in
            let back = NIOLoopBound(done, eventLoop: loop)
            loop.execute { back.value(answer) }
        }
        switch line {
        case .fine: answer(decide(call))
        case .lostCall: answer(.unknown("the call was lost"))
        case .lostAnswer:
            _ = decide(call)
            answer(.unknown("the answer was lost"))
        case .held: held.append { answer(self.decide(call)) }
        case .heldAnswer:
            let decided = decide(call)
            held.append { answer(decided) }
        }
    }

    func decide(_ call: WalletCall) -> WalletAnswer {
        call.body.withUnsafeBytes { bytes in
            let object = try! JSONObject(bytes)
            let player = object["player"]?.string ?? "", amount = object["amount"]?.integer ?? 0
            func refuse(_ code: WalletRefusal.Code) -> WalletAnswer { .refused(WalletRefusal(code: code, detail: "")) }
            guard let balance = balances[player] else { return refuse(.unknownPlayer) }
            switch call.name {
            case .authenticate: if object["token"]?.string != "right" { return refuse(.authFailed) }
            case .balance: break
            case .debit:
                if let entry = entries[call.id] {
                    if entry.rolledBack { return refuse(.rolledBack) }
                    break
                }
                if let code = refusals[player] { return refuse(code) }
                guard balance >= amount else { return refuse(.insufficientFunds) }
                entries[call.id] = (.debit, amount, false)
                balances[player] = balance - amount
            case .credit:
                if entries[call.id] != nil { break }
                entries[call.id] = (.credit, amount, false)
                balances[player] = balance + amount
            case .rollback:
                let debit = object["debit"]?.string ?? ""
                if let entry = entries[debit], !entry.rolledBack { balances[player] = balance + entry.amount }
                entries[debit] = (.debit, entries[debit]?.amount ?? 0, true)
            }
            return .accepted(WalletBalance(balance: balances[player] ?? 0, player: tells.player ?? player, currency: tells.currency ?? "CRE"))
        }
    }
}

/// An outbox whose postponements wait until they are released. Any thread.
final class HeldOutbox: Outbox {
    private let outbox: any Outbox
    private let state = Lock((isHolding: false, held: [@Sendable () -> Void]()))

    init(_ outbox: any Outbox) { self.outbox = outbox }

    func hold() { state.withLock { $0.isHolding = true } }

    func release() {
        let held = state.withLock { state in
            defer { state = (false, []) }
            return state.held
        }
        for work in held { work() }
    }

    func pending(topic: String?, limit: Int, now: Int64, on loop: any EventLoop, _ done: @escaping StoreCallback<[OutboxEntry]>) {
        outbox.pending(topic: topic, limit: limit, now: now, on: loop, done)
    }

    func accept(_ ids: [Int64], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) { outbox.accept(ids, on: loop, done) }

    func postpone(_ id: Int64, until nextAt: Int64, on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        let outbox = outbox
        let work = { @Sendable in outbox.postpone(id, until: nextAt, on: loop, done) }
        let isHeld = state.withLock { state in
            if state.isHolding { state.held.append(work) }
            return state.isHolding
        }
        if !isHeld { work() }
    }
}

/// A home whose users play from ``TestOperator``, over a store that survives it.
final class WalletStand {
    let loop: any EventLoop
    let faults: StoreFaults
    let clock: ManualClock
    let store: MemoryStore
    let op: TestOperator
    private(set) var home: HomeFixture
    /// Those that have ended: the operator may still answer them.
    private var former: [HomeFixture] = []

    /// Its writes may be held back.
    let outbox: HeldOutbox
    /// What the server knows of the platforms.
    private let wallets: WalletDirectory
    let log = KeptLog()

    /// - Parameter former: Another server over the same store, whose loop never turns again.
    init(
        _ loop: any EventLoop, balances: [String: Int64] = ["u": 10], after former: WalletStand? = nil,
        wallets: WalletDirectory = WalletDirectory(isKnown: true)
    ) throws {
        self.loop = loop
        self.wallets = wallets
        let clock = former?.clock ?? ManualClock(), faults = former?.faults ?? StoreFaults()
        (self.clock, self.faults) = (clock, faults)
        store = former?.store ?? MemoryStore(clock: { clock.now }, faults: faults)
        outbox = HeldOutbox(store)
        op = TestOperator(loop, balances: balances)
        home = try HomeFixture(loop, otherStore: store, outbox: outbox, clock: clock, wallets: wallets, log: log)
        prepare()
    }

    private func prepare() {
        home.loop.wallets.use(op, for: "demo")
        home.wallet = .remote
        home.token = "right"
    }

    /// The server has ended and another one begins, over the same store and the same operator.
    func restart() throws {
        _ = home.loop.wallets.end()
        former.append(home)
        home = try HomeFixture(loop, otherStore: store, outbox: outbox, clock: clock, wallets: wallets, log: log)
        prepare()
        home.loop.wallets.begin()
        home.loop.wallets.wake("demo")
        home.settle()
    }

    /// Lets so many milliseconds go by, for the clock and for timers.
    func wait(_ milliseconds: Int64) {
        clock.advance(milliseconds)
        (loop as! EmbeddedEventLoop).advanceTime(by: .milliseconds(milliseconds))
        home.settle()
        home.loop.wallets.wake("demo")
        home.settle()
    }

    var owed: Int {
        final class Box: @unchecked Sendable { var value = -1 }  // filled when the loop has turned, on the thread of the test
        let box = Box()
        store.pending(topic: OwedCall.topic("demo"), limit: 1_000, now: .max, on: loop) { box.value = (try? $0.get().count) ?? -1 }
        home.settle()
        return box.value
    }

    /// What the ledger says the player has.
    var credits: Int64 { home.journal().last { $0.account.user == "u" }?.credits ?? -1 }
}
