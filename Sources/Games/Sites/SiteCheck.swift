package import Host
import LuaRuntime

/// What `nightjar check` asks about sites: do the games they offer exist, do their settings exist, and does each game begin with
/// them? Used on one thread, with games that are loaded but run nowhere.
package final class SiteCheck {
    private let sites: SiteDirectory
    private let now: Int64
    /// Folded ids of the games that were found, broken ones too.
    private var games: [String: String] = [:]
    /// What is wrong with the files themselves.
    private let unreadable: [SiteProblem]

    /// - Parameters:
    ///   - path: The folder of the site files, which are read now.
    ///   - now: What the games are told is the time, milliseconds since 1970.
    package init(path: String, now: Int64) {
        sites = SiteDirectory(path: path)
        self.now = now
        unreadable = sites.load()
    }

    /// There is a game of this id.
    package func found(_ game: String) { games[GameName.folded(game)] = game }

    /// Begins a game with the manifest's settings and with those of each site that offers it.
    package func problems(of generation: Generation) -> [SiteProblem] {
        guard generation.id.kind == .game, let program = generation.program, let manifest = generation.game?.manifest else { return [] }
        let game = generation.id.name
        var problems: [SiteProblem] = []
        if let problem = begin(program, game, site: "", manifest.effectiveSettings(site: nil), credits: Site.defaultInitialCredits) {
            problems.append(SiteProblem(file: "games/\(game)/manifest.json", line: 1, message: "\(game) does not begin with its own settings: \(problem)"))
        }
        for site in sites.all {
            guard let settings = site.settings(of: game) else { continue }
            let entry = SiteEntry(site, game, file: sites.file(of: site.id))
            problems += entry.unknownSettings(manifest.settings)
            if let problem = begin(program, game, site: site.id, manifest.effectiveSettings(site: settings), credits: site.initialCredits) {
                problems.append(entry.problem("\(game) does not begin with the settings of this site: \(problem)"))
            }
        }
        return problems
    }

    /// Once all games were told: site files that cannot be read, and games that do not exist.
    package func problems() -> [SiteProblem] {
        var problems = unreadable
        for site in sites.all {
            for game in site.gameIDs where games[GameName.folded(game)] == nil {
                let entry = SiteEntry(site, game, file: sites.file(of: site.id))
                problems.append(entry.problem("there is no game '\(game)'" + Suggestion.hint(game, among: games.values.sorted())))
            }
        }
        return problems
    }

    private func begin(_ program: GameProgram, _ game: String, site: String, _ settings: GameSettings, credits: Int64) -> String? {
        let call = GameCall(
            game: game, operation: .start, state: nil, stateVersion: 0, site: site, settings: settings, credits: credits, now: now)
        let outcome = EngineCaller(program, game: game).act(call)
        if let fault = outcome.fault { return fault.position.map { "\($0): \(fault.reason)" } ?? fault.reason }
        return outcome.refusal.map { "init refuses (\($0.code.rawValue))" }
    }
}

/// The entry of one game in a site's file.
private struct SiteEntry {
    private let site: Site
    private let game: String
    private let file: String

    init(_ site: Site, _ game: String, file: String) {
        self.site = site
        self.game = game
        self.file = file
    }

    func problem(_ message: String) -> SiteProblem {
        SiteProblem(file: file, line: site.text.withUnsafeBytes { JSONObject.line($0, offset: entry($0)?.offset ?? 0) }, message: message)
    }

    /// A setting that the manifest does not know does nothing.
    func unknownSettings(_ manifest: [UInt8]) -> [SiteProblem] {
        let known = manifest.withUnsafeBytes { text in (try? JSONObject(text)).map { object in (0..<object.count).map { object.member(at: $0).name } } ?? [] }
        return site.text.withUnsafeBytes { text in
            guard let (offset, settings) = entry(text) else { return [] }
            return (0..<settings.count).compactMap { index in
                let name = settings.member(at: index).name
                guard !known.contains(name) else { return nil }
                return SiteProblem(
                    file: file, line: JSONObject.line(text, offset: offset + settings.offset(at: index)),
                    message: "\(game) has no setting '\(name)'" + Suggestion.hint(name, among: known))
            }
        }
    }

    private func entry(_ text: UnsafeRawBufferPointer) -> (offset: Int, settings: JSONObject)? {
        guard let games = (try? JSONObject(text))?["games"], let list = games.object else { return nil }
        for index in 0..<list.count {
            let (name, settings) = list.member(at: index)
            guard GameName.folded(name) == GameName.folded(game), let object = settings.object else { continue }
            return (games.offset + settings.offset, object)
        }
        return nil
    }
}
