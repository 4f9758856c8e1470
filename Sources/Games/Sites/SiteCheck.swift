package import Host
import LuaRuntime

/// What `nightjar check` asks about sites and engines together: does each game begin with the settings of each site, and does the
/// engine have what its first state offers? A player would find it out otherwise. (What stands in the files is checked by
/// `Scripts/casino/sites.lua`.) Used on one thread, with games that are loaded but run nowhere.
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
        var problems = version(program, generation.settings)
        switch begin(program, game, site: "", manifest.effectiveSettings(site: nil)) {
        case .success(let state): problems += missingActions(in: state, program)
        case .failure(let problem):
            let text = "\(game) does not begin with its own settings: \(problem.text)"
            problems.append(SiteProblem(file: "games/\(game)/manifest.json", line: 1, message: text))
        }
        for entry in sites.entries(of: game) {
            switch begin(program, game, site: entry.site, manifest.effectiveSettings(site: entry.settings)) {
            // Most sites begin with the same state: what is wrong with it is wrong once.
            case .success(let state): problems += missingActions(in: state, program).filter { !problems.contains($0) }
            case .failure(let problem):
                let text = "\(game) does not begin with the settings of this site: \(problem.text)"
                problems.append(SiteProblem(file: entry.file, line: entry.line, message: text))
            }
        }
        return problems
    }

    private struct Problem: Error { let text: String }

    /// The first state, in its stored form.
    private func begin(_ program: GameProgram, _ game: String, site: String, _ settings: GameSettings) -> Result<[UInt8], Problem> {
        let call = GameCall(
            game: game, operation: .start, state: nil, stateVersion: 0, site: site, settings: settings, credits: 0, now: now)
        let outcome = EngineCaller(program, game: game).act(call)
        if let fault = outcome.fault { return .failure(Problem(text: fault.position.map { "\($0): \(fault.reason)" } ?? fault.reason)) }
        if let refusal = outcome.refusal { return .failure(Problem(text: "init refuses (\(refusal.code.rawValue))")) }
        return .success(outcome.steps.last?.blob ?? [])
    }

    private func missingActions(in state: [UInt8], _ program: GameProgram) -> [SiteProblem] {
        let site = program.generation.state.definition(of: program.initialize)
        return MissingAction.all(in: state, of: program).map {
            SiteProblem(file: site?.chunk ?? program.engine.files[0].chunk, line: site?.line ?? 1, message: $0.text)
        }
    }

    /// There was a version before, and nobody has said what becomes of its states. (Whether the store has any, a check does not know.)
    private func version(_ program: GameProgram, _ settings: UnitSettings) -> [SiteProblem] {
        guard program.version > 1, program.migrate == nil else { return [] }
        let file = program.engine.files[0].chunk
        return [SiteProblem(file: settings.versionSite?.chunk ?? file, line: settings.versionSite?.line ?? 1, message: UnitSettings.unmigrated(program.version))]
    }
}
