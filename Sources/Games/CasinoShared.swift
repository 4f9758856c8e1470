import Bytes
import Logging
import Host
import Store

/// What all loops of the casino share. Immutable or safe from any thread.
final class CasinoShared: Sendable {
    let configuration: CasinoConfiguration
    let sites: SiteDirectory
    let ledger: any Ledger
    /// For what journal entries name.
    let keys: any KeyValue
    /// For what is owed to the wallets of operators; nil in tests of a part.
    let outbox: (any Outbox)?
    /// Where the accounts of platforms are that play from memory.
    let memory: MemoryStore
    /// Which wallet each platform plays from.
    let wallets: WalletDirectory
    let logger: Logger
    /// Milliseconds since 1970.
    let wallClock: WallClock
    let loopCount: Int
    let jackpots = JackpotBoard()
    let commitments = JackpotCommitments()

    /// Where the accounts and jackpots of a platform are.
    func ledger(of realm: String) -> any Ledger { wallets.kind(of: realm) == .memory ? memory : ledger }
    /// Nil in tests of a part.
    let purity: PurityWatch?

    init(
        configuration: CasinoConfiguration, sites: SiteDirectory, ledger: any Ledger, keys: any KeyValue, outbox: (any Outbox)? = nil,
        wallets: WalletDirectory = WalletDirectory(isKnown: true), logger: Logger, loopCount: Int,
        purity: PurityWatch? = nil, wallClock: @escaping WallClock
    ) {
        self.configuration = configuration
        self.sites = sites
        self.ledger = ledger
        self.keys = keys
        self.outbox = outbox
        self.wallets = wallets
        memory = MemoryStore(clock: wallClock)
        self.logger = logger
        self.loopCount = loopCount
        self.purity = purity
        self.wallClock = wallClock
    }
}
