import Bytes
package import NIOCore
package import Store
import Synchronization

/// The way from scripts to the casino's loops, once it has started. Any thread.
package final class CasinoLink: AccountHolder {
    /// Changes and looks that wait for the start: far more than packages make in `on_ready`, each some hundred bytes.
    static let waitingMax = 10_000

    private struct State {
        var peers: [CasinoPeer] = []
        var shared: CasinoShared?
        /// A casino is to come: whose credits are where is not known before.
        var isExpected: Bool
        var waiting: [@Sendable () -> Void] = []
    }

    private let state: Lock<State>

    /// - Parameter isExpected: A casino will start; until then what concerns accounts waits.
    package init(isExpected: Bool = false) { state = Lock(State(isExpected: isExpected)) }

    func set(_ peers: [CasinoPeer], _ shared: CasinoShared) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            (state.peers, state.shared, state.isExpected) = (peers, shared, false)
            return state.waiting
        }
        for body in waiting { body() }
    }

    package func whenReady(_ body: @escaping @Sendable () -> Void) -> Bool {
        let isNow: Bool? = state.withLock { state in
            guard state.isExpected else { return true }
            guard state.waiting.count < Self.waitingMax else { return nil }
            state.waiting.append(body)
            return false
        }
        if isNow == true { body() }
        return isNow != nil
    }

    /// Where the accounts and jackpots of a platform are; nil when the casino has not started.
    func ledger(of realm: String) -> (any Ledger)? { state.withLock { $0.shared }?.ledger(of: realm) }

    /// The home of a user; nil when the casino has not started.
    func home(of user: UserKey) -> CasinoPeer? {
        let homes = homes
        return homes.isEmpty ? nil : homes[user.home(among: homes.count)]
    }

    /// A change of a player's account has its turn at the player's home, and is told to the player's sessions. Accounts of realms that
    /// are no platforms go the same way: they have homes without sessions.
    package func adjust(
        _ change: Adjustment, on loop: any EventLoop, _ done: @escaping @Sendable (Result<Adjusted, AdjustFailure>) -> Void
    ) -> Bool {
        guard let home = home(of: UserKey(realm: change.account.realm, user: change.account.user)) else { return false }
        home.run { $0.adjust(change) { result in loop.execute { done(result) } } }
        return true
    }

    package func ledger(of account: AccountKey, asking package: String) throws(StoreError) -> (any Ledger)? {
        guard let shared = state.withLock({ $0.shared }) else { return nil }
        if let problem = shared.wallets.problem(with: account, asking: package) { throw problem }
        return shared.ledger(of: account.realm)
    }

    /// Every home.
    var homes: [CasinoPeer] { state.withLock { $0.peers } }
}
