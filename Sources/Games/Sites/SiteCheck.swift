package import Host
import LuaRuntime

/// What `nightjar check` asks about sites and engines together: does each game begin with the settings of each site? A player would
/// find it out otherwise. (What stands in the files is checked by `Scripts/casino/sites.lua`.) Used on one thread, with games that
/// are loaded but run nowhere.
package final class SiteCheck {
    private let sites: SiteFiles
    private let now: Int64

    /// - Parameter now: What the games are told is the time, milliseconds since 1970.
    package init(_ sites: SiteFiles, now: Int64) {
        self.sites = sites
        self.now = now
    }

    /// Begins a game with the manifest's settings and with those of each site that offers it.
    package func problems(of generation: Generation) -> [SiteProblem] {
        guard generation.id.kind == .game, let program = generation.program, let manifest = generation.game?.manifest else { return [] }
        let game = generation.id.name
        var problems: [SiteProblem] = []
        if let problem = begin(program, game, site: "", manifest.effectiveSettings(site: nil)) {
            problems.append(SiteProblem(file: "games/\(game)/manifest.json", line: 1, message: "\(game) does not begin with its own settings: \(problem)"))
        }
        for entry in sites.entries(of: game) {
            if let problem = begin(program, game, site: entry.site, manifest.effectiveSettings(site: entry.settings)) {
                problems.append(SiteProblem(
                    file: entry.file, line: entry.line, message: "\(game) does not begin with the settings of this site: \(problem)"))
            }
        }
        return problems
    }

    private func begin(_ program: GameProgram, _ game: String, site: String, _ settings: GameSettings) -> String? {
        let call = GameCall(
            game: game, operation: .start, state: nil, stateVersion: 0, site: site, settings: settings, credits: 0, now: now)
        let outcome = EngineCaller(program, game: game).act(call)
        if let fault = outcome.fault { return fault.position.map { "\($0): \(fault.reason)" } ?? fault.reason }
        return outcome.refusal.map { "init refuses (\($0.code.rawValue))" }
    }
}
