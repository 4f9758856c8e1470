import Bytes
import LuaRuntime

/// A place where games are offered (webingo protocol, sections 1 and 11), as `Scripts/casino` describes it. Immutable; any
/// thread.
public final class Site: Sendable {
    public let id: String
    public let denomination: Denomination
    /// Balance of a new user, smallest unit, ≥ 0.
    public let initialCredits: Int64
    /// May clients change their own credits (development)?
    public let manualCredits: Bool
    /// The games on offer: folded id → settings that overlay the manifest's, as JSON text.
    private let games: [String: [UInt8]]
    /// What differs between sites in a wallet's JSON.
    let walletTail: [UInt8]
    /// The description it was made from, by which a change is noticed.
    let text: [UInt8]

    /// - Parameter description: `{"id":…,"denomination":{…},"initial_credits":…,"manual_credits":…,"games":[{"id":…,"settings":{…}}]}`.
    /// - Returns: nil when something of it is missing or of another type.
    init?(_ description: JSONValue) {
        guard let object = description.object, let id = object["id"]?.string, !id.isEmpty, id.utf8.count <= StartRequest.nameBytesMax,
            let denomination = object["denomination"].flatMap({ Denomination($0) }),
            let initialCredits = object["initial_credits"]?.integer, initialCredits >= 0,
            let manualCredits = object["manual_credits"]?.boolean, let entries = object["games"]?.elements
        else { return nil }
        var games: [String: [UInt8]] = [:]
        for entry in entries {
            guard let game = entry.object, let name = game["id"]?.string, let settings = game["settings"], settings.kind == .object else { return nil }
            games[GameName.folded(name)] = [UInt8](settings.bytes)
        }
        self.id = id
        self.denomination = denomination
        self.initialCredits = initialCredits
        self.manualCredits = manualCredits
        self.games = games
        walletTail = denomination.walletTail
        text = [UInt8](description.bytes)
    }

    /// The site's settings for a game; nil when the game is not offered.
    func settings(of game: String) -> [UInt8]? { games[GameName.folded(game)] }
}
