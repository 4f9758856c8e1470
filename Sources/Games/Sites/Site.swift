import Host

/// A place where games are offered (webingo protocol, sections 1 and 11). Immutable; any thread.
public final class Site: Sendable {
    /// Balance of a new user where the site does not say: enough for a long try.
    static let defaultInitialCredits: Int64 = 1000

    public let id: String
    public let title: String?
    /// Platform the site is made for; a local site may be used with another one.
    public let platform: String
    public let url: String?
    public let denomination: Denomination
    /// Balance of a new user, smallest unit, ≥ 0.
    public let initialCredits: Int64
    /// May clients change their own credits (development)?
    public let manualCredits: Bool
    /// The games on offer: folded id → settings that overlay the manifest's, as JSON text.
    let games: [String: [UInt8]]
    /// Ids of the games as written, in the file's order.
    public let gameIDs: [String]
    /// The whole file, for pages that show the site.
    let text: [UInt8]
    /// What differs between sites in a wallet's JSON.
    let walletTail: [UInt8]

    init(
        id: String, title: String?, platform: String, url: String?, denomination: Denomination, initialCredits: Int64,
        manualCredits: Bool, games: [String: [UInt8]], gameIDs: [String], text: [UInt8]
    ) {
        self.id = id
        self.title = title
        self.platform = platform
        self.url = url
        self.denomination = denomination
        self.initialCredits = initialCredits
        self.manualCredits = manualCredits
        self.games = games
        self.gameIDs = gameIDs
        self.text = text
        self.walletTail = denomination.walletTail
    }

    /// The site's settings for a game; nil when the game is not offered.
    func settings(of game: String) -> [UInt8]? { games[GameName.folded(game)] }
}

/// A mistake in a site file.
public struct SiteProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public let file: String
    /// From 1.
    public let line: Int
    public let message: String

    public var description: String { "\(file):\(line): \(message)" }
}
