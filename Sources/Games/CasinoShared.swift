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
    let logger: Logger
    /// Milliseconds since 1970.
    let wallClock: WallClock
    let loopCount: Int
    /// Nil in tests of a part.
    let purity: PurityWatch?

    init(
        configuration: CasinoConfiguration, sites: SiteDirectory, ledger: any Ledger, keys: any KeyValue, logger: Logger, loopCount: Int,
        purity: PurityWatch? = nil, wallClock: @escaping WallClock
    ) {
        self.configuration = configuration
        self.sites = sites
        self.ledger = ledger
        self.keys = keys
        self.logger = logger
        self.loopCount = loopCount
        self.purity = purity
        self.wallClock = wallClock
    }
}
