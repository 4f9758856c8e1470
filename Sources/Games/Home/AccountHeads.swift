import Logging
import NIOCore
import Host
import Store

/// Why a transition does not stand.
enum CommitFailure: Equatable {
    /// Somebody else changed the account; it has been read again.
    case conflict
    /// A jackpot was won by somebody else, or has to be won by this.
    case jackpot
    case insufficient
    case overflow
    /// The store failed; whether it stands will show when the account is read again.
    case unknown
    /// The operator's wallet has not taken the stake.
    case stakeRefused(WalletRefusal)
    /// The operator's wallet does not answer. Nothing stands.
    case walletAway

    func error(_ re: SessionMessageType) -> SessionError {
        switch self {
        case .jackpot: SessionError(.internal, "others win the jackpot all the time, try again later", re: re)
        case .conflict: SessionError(.staleState, "the state has changed since", re: re)
        case .insufficient: SessionError(.insufficientFunds, "the balance does not cover the stake", re: re)
        case .overflow: SessionError(.internal, "the balance would become too large", re: re)
        case .unknown: .storeAway(re)
        case .stakeRefused(let refusal) where refusal.code == .insufficientFunds:
            SessionError(.insufficientFunds, "the wallet does not cover the stake", re: re)
        case .stakeRefused(let refusal):
            SessionError(.walletRefused, "the wallet does not take the stake (\(refusal.code.rawValue))", re: re)
        case .walletAway: .walletAway(re)
        }
    }
}

/// A user's accounts as the store said last, and the one way to change them.
///
/// **The cache is not the truth.** Each transition names the version it starts from, so a change by another machine is a
/// conflict, and the store's answer replaces the head. Where it is unknown what the store holds (a failed commit), the head is
/// dropped and read again before the answer.
///
/// Loop-bound; one call at a time, as the user's queue has it.
final class AccountHeads {
    private let user: UserKey
    let ledger: any Ledger
    private let loop: any EventLoop
    private let logger: Logger
    /// The accounts follow those at an operator, and begin with nothing.
    var isFollowing = false
    /// What transitions want told outside is kept with them. Not where the accounts are in memory: nobody would fetch it.
    var tellsOutside = true
    /// A user has one or two, so that looking through them is faster than a dictionary.
    private var heads: [(denom: String, account: Account)] = []

    init(of user: UserKey, in ledger: any Ledger, on loop: any EventLoop, logger: Logger) {
        self.user = user
        self.ledger = ledger
        self.loop = loop
        self.logger = logger
    }

    /// The account of a denomination, if it is known.
    private(set) subscript(denom: String) -> Account? {
        get { index(of: denom).map { heads[$0].account } }
        set {
            switch (index(of: denom), newValue) {
            case (let index?, let account?): heads[index].account = account
            case (let index?, nil): heads.remove(at: index)
            case (nil, let account?): heads.append((denom, account))
            case (nil, nil): break
            }
        }
    }

    private func index(of denom: String) -> Int? { heads.firstIndex { $0.denom == denom } }

    /// Gives the account, read if it is not known; nil when it cannot be read, which is logged.
    ///
    /// - Parameter initialCredits: What the account begins with if there is none yet.
    func read(_ denom: String, initialCredits: Int64, _ done: @escaping (Account?) -> Void) {
        if let account = self[denom] { return done(account) }
        let key = AccountKey(realm: user.realm, user: user.user, denom: denom)
        ledger.account(
            key, initialCredits: isFollowing ? 0 : initialCredits, on: loop,
            loop.back { result in
                switch result {
                case .success(let account):
                    self[denom] = account
                    done(account)
                case .failure(let error):
                    self.logger.error("account not read", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    done(nil)
                }
            })
    }

    /// Makes the account known, if it is not; the store's refusal otherwise.
    ///
    /// - Parameter initialCredits: nil: it is not opened if there is none yet.
    func open(_ denom: String, initialCredits: Int64?, _ done: @escaping (StoreError?) -> Void) {
        guard self[denom] == nil else { return done(nil) }
        ledger.account(
            AccountKey(realm: user.realm, user: user.user, denom: denom), initialCredits: initialCredits, on: loop,
            loop.back { result in
                switch result {
                case .success(let account):
                    self[denom] = account
                    done(nil)
                case .failure(let error): done(error)
                }
            })
    }

    /// Commits and keeps the head in step.
    func commit(_ transition: Transition, _ done: @escaping (CommitFailure?) -> Void) {
        let denom = transition.account.denom
        let change = HeadChange(transition)
        let (expected, hasJackpots) = (transition.expectedVersion, !transition.jackpots.isEmpty)
        ledger.commit(
            tellsOutside || transition.outbox.isEmpty ? transition : transition.untold, on: loop,
            loop.back { result in
                switch result {
                case .committed(let credits, let version), .duplicate(let credits, let version):
                    // The store has perhaps let one go.
                    if self.take(change, of: denom, credits, version) { return self.readAgain(denom) { done(nil) } }
                    done(nil)
                case .conflict(let actual):
                    self[denom] = actual
                    // At the expected version it is a jackpot that is no more what it was.
                    if actual.version == expected, hasJackpots { return done(.jackpot) }
                    self.logger.warning("another writer changed the account", metadata: ["user": "\(self.user.user)"])
                    done(.conflict)
                case .refused(.insufficient): self.readAgain(denom) { done(.insufficient) }
                case .refused(.overflow): done(.overflow)
                case .unavailable(let error):
                    self.logger.error("not committed", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    self.readAgain(denom) { done(.unknown) }
                }
            })
    }

    /// Makes a round void whose stake is noted, unless it is committed: an entry without effect takes its id.
    ///
    /// - Parameter attempts: How often it is tried while others change the account.
    func void(_ note: WalletNote, now: Int64, attempts: Int = 4, _ done: @escaping (WalletTurn.Voided) -> Void) {
        void(note, expecting: note.version, now: now, attempts: attempts, done)
    }

    private func void(
        _ note: WalletNote, expecting version: Int64, now: Int64, attempts: Int, _ done: @escaping (WalletTurn.Voided) -> Void
    ) {
        let denom = note.account.denom
        let transition = note.void(expecting: version, credits: self[denom]?.credits, now: now)
        ledger.commit(
            transition, on: loop,
            loop.back { result in
                switch result {
                case .committed(let credits, let version):
                    self.take(HeadChange(transition), of: denom, credits, version)
                    done(.void)
                case .duplicate: self.readAgain(denom) { done(.stands) }
                case .conflict(let actual):
                    self[denom] = actual
                    guard attempts > 1 else { return done(.unclear) }
                    self.void(note, expecting: actual.version, now: now, attempts: attempts - 1, done)
                case .refused: done(.unclear)
                case .unavailable(let error):
                    self.logger.error("a round was not made void", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    self.readAgain(denom) { done(.unclear) }
                }
            })
    }

    /// Changes the account outside of its games. Nothing of such a change depends on a state, so if somebody else was faster it is made
    /// anew from what is true then.
    ///
    /// - Parameters:
    ///   - attempts: How often it is tried; beyond, `unknown`.
    ///   - make: The change of the account as it is; nil: there is none to be made.
    func adjust(
        _ denom: String, attempts: Int = 16, _ make: @escaping (Account) -> Transition?, _ done: @escaping (Result<Adjusted, AdjustFailure>) -> Void
    ) {
        guard let account = self[denom] else { return done(.failure(.unknown(StoreError(.notFound, "the account is not known")))) }
        guard let transition = make(account) else {
            return done(.success(Adjusted(credits: account.credits, version: account.version, isRepeated: false)))
        }
        ledger.commit(
            transition, on: loop,
            loop.back { result in
                switch result {
                case .committed(let credits, let version):
                    self.take(HeadChange(transition), of: denom, credits, version)
                    done(.success(Adjusted(credits: credits, version: version, isRepeated: false)))
                case .duplicate(let credits, let version):
                    // The figures are those of that time.
                    self.readAgain(denom) { done(.success(Adjusted(credits: credits, version: version, isRepeated: true))) }
                case .conflict(let actual):
                    self[denom] = actual
                    if actual.version == transition.expectedVersion { return done(.failure(.taken)) }
                    guard attempts > 1 else { return done(.failure(.unknown(StoreError(.busy, "others change the account all the time")))) }
                    self.adjust(denom, attempts: attempts - 1, make, done)
                case .refused(.insufficient): self.readAgain(denom) { done(.failure(.insufficient)) }
                case .refused(.overflow): done(.failure(.overflow))
                case .unavailable(let error):
                    self.logger.error("not committed", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    self.readAgain(denom) { done(.failure(.unknown(error))) }
                }
            })
    }

    /// Takes over what a commit did.
    ///
    /// - Returns: There are now more games put aside than the store keeps.
    @discardableResult
    private func take(_ change: HeadChange, of denom: String, _ credits: Int64, _ version: Int64) -> Bool {
        guard let index = index(of: denom) else { return false }
        heads[index].account.apply(change, credits: credits, version: version)
        return heads[index].account.parked.count > StoreLimits.parkedPerAccount
    }

    /// Without success the head is forgotten.
    private func readAgain(_ denom: String, _ done: @escaping () -> Void) {
        self[denom] = nil
        read(denom, initialCredits: 0) { _ in done() }
    }
}

extension Account {
    /// The stored state of a game, loaded or put aside.
    func slot(_ key: GameKey) -> GameSlot? {
        if let active, active.key == key { return active }
        return parked[key]
    }

    fileprivate mutating func apply(_ change: HeadChange, credits: Int64, version: Int64) {
        self.credits = credits
        self.version = version
        let (sum, overflow) = spent.addingReportingOverflow(change.spent)
        spent = overflow ? .max : sum
        switch change.slot {
        case .keep: break
        case .clear: active = nil
        case .set(let slot):
            if change.displaces, let active { parked[active.key] = active }
            if !parked.isEmpty { parked[slot.key] = nil }
            active = slot
        }
    }
}

/// What a commit does to the head besides balance and version: kept until the store has answered, where the whole transition would be
/// a dozen references more.
private struct HeadChange {
    let slot: SlotChange
    let displaces: Bool
    let spent: Int64

    init(_ transition: Transition) {
        slot = transition.slot
        displaces = transition.displaces
        spent = transition.spent
    }
}

extension Transition {
    /// Without what is told outside.
    fileprivate var untold: Transition {
        var transition = self
        transition.outbox = []
        return transition
    }
}
