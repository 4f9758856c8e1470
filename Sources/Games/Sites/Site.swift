import Bytes
import LuaRuntime

/// A place where games are offered (docs/casino.md), as `Scripts/casino` describes it. Immutable; any
/// thread.
public final class Site: Sendable {
    /// Most credits of a new user: what every client can hold exactly (2^53), as `Scripts/casino/sites.lua` has it.
    static let initialCreditsMax: Int64 = 9_000_000_000_000_000

    public let id: String
    public let denomination: Denomination
    /// Balance of a new user, smallest unit, ≥ 0.
    public let initialCredits: Int64
    /// May clients change their own credits (development)?
    public let manualCredits: Bool
    /// How players of a platform rise, by platform; none where its components keep no level.
    private let levels: [String: LevelCurve]
    /// The levels of the site's jackpots, by the jackpot's id.
    let jackpots: [String: [JackpotLevel]]
    /// All levels of those jackpots of which one must be won by a certain value, in the order of their names.
    let committedLevels: [JackpotLevel]
    /// The games on offer: folded id → settings that overlay the manifest's, as JSON text.
    private let games: [String: [UInt8]]
    /// What differs between sites in a wallet's JSON.
    let walletTail: [UInt8]
    /// The description it was made from, by which a change is noticed.
    let text: [UInt8]

    /// - Parameter description: `{"id":…,"denomination":{…},"initial_credits":…,"manual_credits":…,"games":[{"id":…,"settings":{…}}]}`,
    ///   optionally `"jackpots":[{"id":…,"levels":[…]}]` (``JackpotLevel``)
    ///   and `"levels":{"facebook":{"widths":[70],"step":30}}`.
    /// - Returns: nil when something of it is missing or of another type.
    init?(_ description: JSONValue) {
        guard let object = description.object, let id = object["id"]?.string, !id.isEmpty, id.utf8.count <= StartRequest.nameBytesMax,
            let denomination = object["denomination"].flatMap({ Denomination($0) }),
            let initialCredits = object["initial_credits"]?.integer, (0...Self.initialCreditsMax).contains(initialCredits),
            let manualCredits = object["manual_credits"]?.boolean, let entries = object["games"]?.elements
        else { return nil }
        var games: [String: [UInt8]] = [:]
        for entry in entries {
            guard let game = entry.object, let name = game["id"]?.string, let settings = game["settings"], settings.kind == .object else { return nil }
            games[GameName.folded(name)] = [UInt8](settings.bytes)
        }
        var levels: [String: LevelCurve] = [:]
        if let curves = object["levels"] {
            guard let curves = curves.object else { return nil }
            for index in 0..<curves.count {
                let (platform, value) = curves.member(at: index)
                guard let curve = LevelCurve(value) else { return nil }
                levels[platform] = curve
            }
        }
        self.levels = levels
        var jackpots: [String: [JackpotLevel]] = [:]
        for entry in object["jackpots"]?.elements ?? [] {
            guard let jackpot = entry.object, let name = jackpot["id"]?.string, let list = jackpot["levels"]?.elements else { return nil }
            let levels = list.compactMap { JackpotLevel($0) }
            guard levels.count == list.count else { return nil }
            jackpots[name] = levels
        }
        self.jackpots = jackpots
        committedLevels = jackpots.values.filter { $0.contains { if case .mustHitBy = $0.trigger { true } else { false } } }
            .joined().sorted { $0.id < $1.id }
        self.id = id
        self.denomination = denomination
        self.initialCredits = initialCredits
        self.manualCredits = manualCredits
        self.games = games
        walletTail = denomination.walletTail
        text = [UInt8](description.bytes)
    }

    /// How players who come from a platform rise; nil: they have no level.
    func levels(on platform: String) -> LevelCurve? { levels.isEmpty ? nil : levels[platform] }

    /// The site's settings for a game; nil when the game is not offered.
    func settings(of game: String) -> [UInt8]? { games[GameName.folded(game)] }
}
