import Logging
import NIOCore
import Host
import Store

/// Looks for rounds that nobody has finished in time, whoever plays them: the players are away, as a rule, or the server has been
/// started since. Asks the store a page at a time and hands each account to its home, where the round is looked at again and
/// ended (`RoundSettler`). Those of a platform that nobody names any more are left alone: their wins may belong to an operator, and
/// paid here they would be lost. One for all loops; loop-bound.
final class OverdueRounds {
    private let ledger: any Ledger
    private let loop: any EventLoop
    private let shared: CasinoShared
    private let found: (UserKey, _ denom: String, WalletKind) -> Void
    /// Realms that nobody names, as the log has it.
    private var unnamed: Set<String> = []

    /// - Parameter found: Gets each account; it may be named although its round has ended meanwhile.
    init(_ shared: CasinoShared, on loop: any EventLoop, _ found: @escaping (UserKey, _ denom: String, WalletKind) -> Void) {
        self.shared = shared
        self.loop = loop
        self.found = found
        ledger = shared.ledger
    }

    func begin() { look(in: shared.configuration.firstRoundSweep, after: 0) }

    private func look(in time: TimeAmount, after cursor: Int64) {
        loop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.look(after: cursor) }
    }

    private func look(after cursor: Int64) {
        // Nobody has said yet whose wins are to be paid elsewhere.
        guard shared.wallets.isKnown else { return look(in: shared.configuration.firstRoundSweep, after: cursor) }
        let moment = shared.wallClock() - shared.configuration.roundOpenMax
        ledger.overdue(
            openedBefore: moment, after: cursor, limit: CasinoLimits.overduePerRead, on: loop,
            loop.back { [weak self] (result: Result<OverduePage, StoreError>) in self?.take(result) })
    }

    private func take(_ result: Result<OverduePage, StoreError>) {
        switch result {
        case .success(let page):
            for account in page.accounts { take(account) }
            if let next = page.next { return look(in: CasinoLimits.overduePause, after: next) }
        case .failure(let error):
            shared.logger.error("unfinished rounds were not looked for, the next look will", metadata: ["error": "\(error)"])
        }
        look(in: shared.configuration.roundSweepInterval, after: 0)
    }

    private func take(_ account: AccountKey) {
        guard let wallet = shared.wallets.named(account.realm) else {
            guard unnamed.insert(account.realm).inserted else { return }
            return shared.logger.error(
                "unfinished rounds of this platform wait until Scripts/casino/platforms has a file of it again: nobody says where its credits are",
                metadata: ["platform": "\(account.realm)"])
        }
        unnamed.remove(account.realm)
        found(UserKey(realm: account.realm, user: account.user), account.denom, wallet)
    }
}
