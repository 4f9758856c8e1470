import Logging
import NIOCore
import Host
import Store

/// Why a transition does not stand.
enum CommitFailure {
    /// Somebody else changed the account; it has been read again.
    case conflict
    case insufficient
    case overflow
    /// The store failed; whether it stands will show when the account is read again.
    case unknown

    func error(_ re: SessionMessageType) -> SessionError {
        switch self {
        case .conflict: SessionError(.staleState, "the state has changed since", re: re)
        case .insufficient: SessionError(.insufficientFunds, "the balance does not cover the stake", re: re)
        case .overflow: SessionError(.internal, "the balance would become too large", re: re)
        case .unknown: .storeAway(re)
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
    private let ledger: any Ledger
    private let loop: any EventLoop
    private let logger: Logger
    /// By denomination.
    private var heads: [String: Account] = [:]

    init(of user: UserKey, in ledger: any Ledger, on loop: any EventLoop, logger: Logger) {
        self.user = user
        self.ledger = ledger
        self.loop = loop
        self.logger = logger
    }

    /// Of the accounts that are known.
    var denoms: [String] { heads.keys.sorted() }

    /// The account of a denomination, if it is known.
    subscript(denom: String) -> Account? { heads[denom] }

    /// Gives the account, read if it is not known; nil when it cannot be read, which is logged.
    ///
    /// - Parameter initialCredits: What the account begins with if there is none yet.
    func read(_ denom: String, initialCredits: Int64, _ done: @escaping (Account?) -> Void) {
        if let account = heads[denom] { return done(account) }
        let key = AccountKey(realm: user.realm, user: user.user, denom: denom)
        ledger.account(
            key, initialCredits: initialCredits, on: loop,
            loop.back { result in
                switch result {
                case .success(let account):
                    self.heads[denom] = account
                    done(account)
                case .failure(let error):
                    self.logger.error("account not read", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    done(nil)
                }
            })
    }

    /// Commits and keeps the head in step.
    func commit(_ transition: Transition, _ done: @escaping (CommitFailure?) -> Void) {
        let denom = transition.account.denom
        ledger.commit(
            transition, on: loop,
            loop.back { result in
                switch result {
                case .committed(let credits, let version), .duplicate(let credits, let version):
                    self.heads[denom]?.apply(transition, credits: credits, version: version)
                    if let parked = self.heads[denom]?.parked.count, parked > StoreLimits.parkedPerAccount {
                        return self.readAgain(denom) { done(nil) }  // the store has let one go
                    }
                    done(nil)
                case .conflict(let actual):
                    self.logger.warning("another writer changed the account", metadata: ["user": "\(self.user.user)"])
                    self.heads[denom] = actual
                    done(.conflict)
                case .refused(.insufficient): self.readAgain(denom) { done(.insufficient) }
                case .refused(.overflow): done(.overflow)
                case .unavailable(let error):
                    self.logger.error("not committed", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    self.readAgain(denom) { done(.unknown) }
                }
            })
    }

    /// Without success the head is forgotten.
    private func readAgain(_ denom: String, _ done: @escaping () -> Void) {
        heads[denom] = nil
        read(denom, initialCredits: 0) { _ in done() }
    }
}

extension Account {
    /// The stored state of a game, loaded or put aside.
    func slot(_ key: GameKey) -> GameSlot? {
        if let active, active.key == key { return active }
        return parked[key]
    }

    /// Takes over what a commit did.
    fileprivate mutating func apply(_ transition: Transition, credits: Int64, version: Int64) {
        self.credits = credits
        self.version = version
        switch transition.slot {
        case .keep: break
        case .clear: active = nil
        case .set(let slot):
            if transition.displaces, let active { parked[active.key] = active }
            parked[slot.key] = nil
            active = slot
        }
    }
}
