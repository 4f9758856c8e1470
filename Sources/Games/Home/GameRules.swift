import Store

/// How a game is played on a site now: kept until the game is loaded anew or the site changes. Loop-bound.
final class GameRules {
    let site: Site
    let game: LoadedGame
    let settings: GameSettings
    /// The store has the engine and the settings, so that journal entries may name them.
    var isKept = false

    init(site: Site, game: LoadedGame, place: GameKey) {
        self.site = site
        self.game = game
        settings = game.manifest.effectiveSettings(site: site.settings(of: place.game))
    }

    /// Was the state made by an older version of the engine, which it would have to be taken over from?
    func isOutdated(_ slot: GameSlot) -> Bool { game.migrates && slot.engineVersion < game.version }
}
