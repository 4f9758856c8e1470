import Store

/// How a game is played on a site now: kept until the game is loaded anew or the site changes. Loop-bound.
final class GameRules {
    let site: Site
    let game: LoadedGame
    let settings: GameSettings
    /// The site has it; else a round that is open may be played to its end, and no other begins.
    let isOffered: Bool
    /// The store has the engine and the settings, so that journal entries may name them.
    var isKept = false
    /// The levels of its jackpots, by realm, once they were read.
    var cells: [String: [JackpotCell]] = [:]

    init(site: Site, game: LoadedGame, place: GameKey) {
        self.site = site
        self.game = game
        let own = site.settings(of: place.game)
        isOffered = own != nil
        settings = JackpotPlan.settings(game.manifest.effectiveSettings(site: own), with: site.jackpots)
    }

    /// What the money of a session that plays by them is called at the back office.
    func currency(of session: HomeSession) -> String {
        site.denomination.name == session.denom ? site.denomination.rgsID : session.site.denomination.rgsID
    }

    /// Was the state made by an older version of the engine, which it would have to be taken over from?
    func isOutdated(_ slot: GameSlot) -> Bool { game.migrates && slot.engineVersion < game.version }
}
