import Bytes
import Logging
import NIOCore
import Store

/// A user's money at the operator: the accounts here follow it, and what games move goes there first or is owed to it.
///
/// docs/casino-wallets.md tells the order of events and what each crash leads to; ``WalletTurn`` decides, this carries out.
///
/// Loop-bound to the user's home; one call at a time, as the user's queue has it, but for ``told(_:of:isPaid:)``.
final class RemoteWallet {
    /// A stake that is under way.
    private struct Stake {
        var transition: Transition
        let movement: WalletMovement
        let note: WalletNote
        let debit: WalletCall
        let retold: Retold?
        /// `movements` when it was sent.
        var movements = 0
        /// Why the transition was not committed.
        var failure: CommitFailure?
    }

    /// What the operator says of who accepts his token.
    struct Told: Sendable {
        fileprivate var balance: Int64
        /// `movements` when it was asked.
        fileprivate var movements: Int
    }

    /// What came of a question after the balance.
    enum Refreshed {
        case changed
        /// The account is as it was.
        case same
        /// The operator has not told.
        case notTold
        /// The store has not taken what was told.
        case notKept
    }

    private let user: UserKey
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let desk: WalletDesk
    /// Counts what began or ended that changes a balance at the operator: what was told before may not hold afterwards. It begins
    /// anywhere: what another home of the user was told need not hold here.
    private var movements = Int.random(in: 0..<1 << 62)
    private var purses: [String: WalletPurse] = [:]

    /// A stake waits so long for the answers to the wins before it, whose amounts would otherwise be missing in what the
    /// operator says is left.
    private static let paymentWait = TimeAmount.seconds(3)

    init(of user: UserKey, on loop: CasinoLoop, heads: AccountHeads) {
        self.user = user
        self.loop = loop
        self.heads = heads
        desk = WalletDesk(of: user, on: loop)
    }

    // MARK: What the player has

    /// Is the token the user's? Not in a turn of the user's: nothing of his is read or changed.
    func authenticate(_ session: HomeSession, _ done: @escaping (Result<Told, SessionError>) -> Void) {
        let holder = desk.holder(session.site), movements = movements
        let call = WalletCall.authenticate(id: Self.newID("a"), holder, token: session.token, site: session.site.id)
        desk.ask(call, by: .tokens, attempts: WalletDesk.askingMax) { answer in
            switch answer {
            case .unknown: return done(.failure(.walletAway(.start)))
            case .refused(let refusal):
                self.desk.log(.info, "the wallet refused a session", ["code": "\(refusal.code.rawValue)"])
            case .accepted(let told) where told.isOf(holder): return done(.success(Told(balance: told.balance, movements: movements)))
            case .accepted: self.desk.log(.error, "the wallet has the token for another player or currency")
            }
            done(.failure(SessionError(.authFailed, SessionErrorCode.authFailed.startText ?? "", re: .start)))
        }
    }

    /// Takes up a session whose token is the user's. The account is known.
    func open(_ session: HomeSession, _ told: Told, _ done: @escaping (SessionError?) -> Void) {
        clear(session.denom) { isClear in
            guard isClear else { return done(.storeAway(.start)) }
            // Another session's bet, or a payment, may have come between.
            guard self.movements == told.movements else {
                return self.refresh(session.denom, site: session.site) { refreshed in
                    switch refreshed {
                    case .changed, .same: done(nil)
                    case .notTold: done(.walletAway(.start))
                    case .notKept: done(.storeAway(.start))
                    }
                }
            }
            self.follow(told.balance, session.denom) { done($0 ? nil : .storeAway(.start)) }
        }
    }

    /// Asks what the player has.
    func refresh(_ denom: String, site: Site, _ done: @escaping (Refreshed) -> Void) {
        guard let before = heads[denom]?.credits else { return done(.notKept) }
        let movements = movements
        desk.ask(WalletCall.balance(id: Self.newID("b"), desk.holder(site))) { answer in
            guard case .accepted(let told) = answer else { return done(.notTold) }
            // What was paid meanwhile may be in it or not; here it has long been counted.
            guard movements == self.movements else { return done(.same) }
            self.follow(told.balance, denom) { isKept in
                // Also what somebody else has made of it, which only then was found out.
                let isChanged = self.heads[denom].map { $0.credits != before } ?? false
                done(isChanged ? .changed : isKept ? .same : .notKept)
            }
        }
    }

    /// Makes the account what the operator says, unless wins are owed that it may or may not have counted.
    private func follow(_ balance: Int64, _ denom: String, _ done: @escaping (Bool) -> Void) {
        guard let account = heads[denom] else { return done(false) }
        guard purses[denom]?.owesNothing() ?? true, balance != account.credits else { return done(true) }
        let difference = balance - account.credits
        var body: [UInt8] = []
        body.append(text: "{\"op\":\"wallet\",\"now\":")
        body.append(decimal: loop.now())
        body.append(text: ",\"credits_before\":")
        body.append(decimal: account.credits)
        body.append(text: ",\"credits_after\":")
        body.append(decimal: balance)
        body.append(text: "}")
        var transition = Transition(
            account: account.key, id: .random(), expectedVersion: account.version, kind: .adjustment, body: body)
        guard transition.follow(difference) else { return done(true) }
        movements += 1
        heads.commit(transition) { done($0 == nil) }
    }

    // MARK: What games move

    /// Commits what an engine has made, with all that it means to the operator. Instead of ``AccountHeads/commit(_:_:)``.
    ///
    /// - Parameter steps: Those of the transition, which move its credits.
    func commit(
        _ transition: Transition, _ steps: [GameStep], at place: GameKey, retold: Retold? = nil, _ answer: @escaping (CommitFailure?) -> Void
    ) {
        let denom = transition.account.denom
        let movement = WalletMovement(transition, steps, at: place)
        movements += 1
        let done = { (failure: CommitFailure?) in
            self.movements += 1
            answer(failure)
        }
        clear(denom) { isClear in
            guard isClear else { return done(.unknown) }
            // What has mended a stake has changed the account: nobody is to be asked for a stake of a round that cannot stand.
            guard self.heads[denom]?.version == transition.expectedVersion else { return done(.conflict) }
            var transition = transition
            let holder = self.desk.holder(at: place, denom)
            if movement.win > 0 {
                let credit = movement.credit(of: holder)
                transition.outbox.append(OwedCall(credit, account: transition.account, amount: movement.win).item)
            }
            guard movement.stake > 0 else {
                return self.owe(movement, denom, { self.heads.commit(transition, $0) }, done)
            }
            let debit = movement.debit(of: holder)
            let note = WalletNote(
                account: transition.account, transition: transition.id, version: transition.expectedVersion, debit: debit.id, holder: holder,
                place: place, round: movement.stakeRound)
            self.afterPayments(denom) {
                let stake = Stake(transition: transition, movement: movement, note: note, debit: debit, retold: retold)
                self.owe(movement, denom, { self.go(.new, stake, $0) }, done)
            }
        }
    }

    /// Notes the win before it can be paid, and forgets it if it is not to be.
    private func owe(
        _ movement: WalletMovement, _ denom: String, _ work: (@escaping (CommitFailure?) -> Void) -> Void, _ done: @escaping (CommitFailure?) -> Void
    ) {
        guard movement.win > 0 else { return work(done) }
        let id = "c-\(movement.id)"
        purses[denom, default: WalletPurse()].owe(id)
        work { failure in
            if failure == nil {
                self.loop.wakeCourier(of: self.user.realm)
            } else {
                self.purses[denom]?.forget(id)
            }
            done(failure)
        }
    }

    /// One step of a stake's way after the other.
    private func go(_ turn: WalletTurn, _ stake: Stake, _ done: @escaping (CommitFailure?) -> Void) {
        func next(_ event: WalletTurn.Event, _ stake: Stake) {
            var turn = turn
            turn.take(event)
            go(turn, stake, done)
        }
        let denom = stake.note.account.denom
        switch turn.step {
        case .note:
            loop.shared.keys.apply(stake.note.kept(at: loop.now()), on: loop.eventLoop, loop.eventLoop.back { result in
                if case .failure(let error) = result { self.desk.log(.error, "a stake was not noted", ["error": "\(error)"]) }
                next(.noted((try? result.get()) != nil), stake)
            })
        case .debit:
            var stake = stake
            stake.movements = movements
            desk.ask(stake.debit) { next(.debit($0), stake) }
        case .commit(let balance):
            var stake = stake
            if let credits = heads[denom]?.credits, stake.movements == movements, purses[denom]?.owesNothing(but: "c-\(stake.movement.id)") ?? true {
                // A balance that was none before the stake is a wallet's mistake, and nothing to go by.
                let (before, overflow) = balance.addingReportingOverflow(stake.movement.stake)
                if !overflow { follow(before - credits, with: &stake) }
            }
            heads.commit(stake.transition) { failure in
                stake.failure = failure
                next(.committed(failure == nil), stake)
            }
        case .void: heads.void(stake.note, now: loop.now()) { next(.voided($0), stake) }
        case .end(let end):
            finish(end, stake.note)
            done(Self.failure(end, stake.failure))
        }
    }

    /// Has the stake's transition begin with the balance that differs by so much. One with which a sum leaves 64 bits is not followed.
    private func follow(_ difference: Int64, with stake: inout Stake) {
        var transition = stake.transition
        guard transition.follow(difference) else { return }
        if let retold = stake.retold {
            guard let told = retold(difference) else { return }
            // What is owed to the wallet stands behind what is told to others.
            let owed = transition.outbox.filter { $0.topic == OwedCall.topic(user.realm) }
            (transition.body, transition.outbox) = (told.body, told.outbox + owed)
        }
        stake.transition = transition
    }

    private static func failure(_ end: WalletTurn.End, _ commit: CommitFailure?) -> CommitFailure? {
        switch end {
        case .stands: nil
        case .refused(let refusal), .undone(.refused(let refusal)): .stakeRefused(refusal)
        case .undone(.noAnswer), .undone(.interrupted): .walletAway
        case .undone(.notCommitted): commit ?? .unknown
        case .notTried, .unclear: .unknown
        }
    }

    /// After the end of a stake: its note goes, and what it owes is sent.
    private func finish(_ end: WalletTurn.End, _ note: WalletNote) {
        let denom = note.account.denom
        if case .undone = end {
            desk.log(.warning, "a stake was rolled back", ["debit": "\(note.debit)", "why": "\(end)"])
            loop.wakeCourier(of: user.realm)
        }
        switch end {
        case .unclear: purses[denom]?.isClear = false
        case .notTried: purses[denom]?.isClear = false  // a write that failed may have come through all the same
        default:
            loop.shared.keys.apply(WalletNote.forgotten(note.account), on: loop.eventLoop, loop.eventLoop.back { result in
                // A note that stays is looked at before the next stake, and found to be done with.
                if case .failure = result { self.purses[denom]?.isClear = false }
            })
        }
    }

    // MARK: Mending

    /// Sees to it that no stake from before is left half done. False: it cannot be told now.
    func clear(_ denom: String, _ done: @escaping (Bool) -> Void) {
        if purses[denom, default: WalletPurse()].isClear { return done(true) }
        let account = AccountKey(realm: user.realm, user: user.user, denom: denom)
        loop.shared.keys.get(WalletNote.key(WalletNote.name(of: account)), on: loop.eventLoop, loop.eventLoop.back { result in
            switch result {
            case .failure(let error):
                self.desk.log(.error, "it cannot be told whether a stake is half done", ["error": "\(error)"])
                done(false)
            case .success(nil):
                self.purses[denom, default: WalletPurse()].isClear = true
                done(true)
            case .success(let value?):
                guard let note = WalletNote(value.bytes) else {
                    self.desk.log(.error, "the note of a stake cannot be read")
                    return done(false)
                }
                self.mend(note, done)
            }
        })
    }

    private func mend(_ note: WalletNote, _ done: @escaping (Bool) -> Void) {
        heads.void(note, now: loop.now()) { voided in
            var turn = WalletTurn.mending
            turn.take(.voided(voided))
            guard case .end(let end) = turn.step, end != .unclear else { return done(false) }
            self.purses[note.account.denom, default: WalletPurse()].isClear = true
            self.finish(end, note)
            done(true)
        }
    }

    // MARK: What was paid

    /// The courier has tried to pay what is owed: the wallet has accepted it, or will be asked again.
    ///
    /// - Returns: Whether something is paid of which nobody knew here, as after a restart.
    func told(_ id: String, of denom: String, isPaid: Bool) -> Bool {
        // Also of a player of whom nothing is known yet: a session may be arriving with what was told before.
        movements += 1
        guard var purse = purses[denom] else { return isPaid }
        let wasKnown = purse.told(id, isPaid: isPaid)
        purses[denom] = purse
        if !purse.isPaying { goOn(denom) }
        return isPaid && !wasKnown
    }

    /// When the wins before have been tried to pay, or take too long.
    private func afterPayments(_ denom: String, _ work: @escaping () -> Void) {
        guard purses[denom]?.isPaying == true else { return work() }
        purses[denom]?.wait(work)
        loop.eventLoop.assumeIsolated().scheduleTask(in: Self.paymentWait) { [weak self] in self?.goOn(denom) }
    }

    private func goOn(_ denom: String) {
        for work in purses[denom]?.takeWaiting() ?? [] { work() }
    }

    private static func newID(_ kind: String) -> String { "\(kind)-\(StateID.random())" }
}
