import ArgumentParser
import Games
import LuaRuntime
import Store

/// Shows rounds with every step.
struct RoundsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rounds",
        abstract: "Show a player's last rounds, or one round, with every step.",
        discussion: """
            Reads the store and its archives; a server may run. Without a player the last rounds of all are shown, for which the whole \
            journal is read. The newest come first: of one player by their beginning, of all by their last step. Exit status 0: something was \
            found; 1: nothing, or an option is wrong; 2: the store cannot be read.

              nightjar rounds ann                          ann's last rounds, newest first
              nightjar rounds ann --outcome voided         those that were taken back
              nightjar rounds --mark max_win --last 10     the last ten of all players that paid all they may
              nightjar rounds --round ID                   the round with this id, or with this state
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "The player's id at the platform.")
    var player: String?

    @Option(help: "Id of a round, or of any state in it.")
    var round: String?

    @Option(help: "The player's platform, if there are players of this id on several.")
    var platform: String?

    @Option(help: "The wallet's denomination, if the player has several.")
    var denom: String?

    @Option(help: "So many rounds at most, 1 to 100.")
    var last = RoundHistory.roundsMax

    @Option(help: "Only rounds that ended so: settled, expired, voided, refused; open: those that are not over.")
    var outcome: String?

    @Option(help: "Only rounds in which the engine has set this mark.")
    var mark: String?

    @Option(help: "Only rounds of this game.")
    var game: String?

    @Option(help: "Only rounds on this site.")
    var site: String?

    @Flag(help: "A line of JSON for each round.")
    var json = false

    func run() async throws {
        let settings = try await shared.settings()
        guard (1...RoundHistory.roundsMax).contains(last) else {
            throw CommandFailure(code: "range", description: "--last must be from 1 to \(RoundHistory.roundsMax).")
        }
        let outcomes = RoundOutcome.known.map(\.rawValue) + [RoundFilter.open]
        if let outcome, !outcomes.contains(outcome) {
            throw CommandFailure(
                code: "no_outcome",
                description: "no round ends as \"\(outcome)\"\(Suggestion.hint(outcome, among: outcomes)). They end as \(outcomes.dropLast().joined(separator: ", ")), or are \(RoundFilter.open).")
        }
        let id = try round.map { text throws(CommandFailure) in
            guard let id = StateID(text) else {
                throw CommandFailure(code: "no_id", description: "--round must be an id like 82f304a9-8fd6-4c29-a513-e084b8769df9.")
            }
            return id
        }
        let history = try AuditStore.history(settings)
        let rounds = try AuditStore.reading(settings) { try find(id, RoundHistory(history), history) }
        for round in rounds {
            if json { Console.say(round.json) } else { for line in round.lines { Console.say(line) } }
        }
        guard rounds.isEmpty else { return }
        throw CommandFailure(code: "no_rounds", description: "no round that fits. Those that are played in memory (--ephemeral) are not kept.")
    }

    private func find(_ id: StateID?, _ rounds: RoundHistory, _ history: JournalHistory) throws -> [PlayedRound] {
        var progress = Progress()
        defer { progress.end() }
        func tell(_ seq: Int64) { progress.tell("entry \(seq) of \(history.lastSeq)") }
        if let id { return try rounds.round(id, progress: tell).map { [$0] } ?? [] }
        let filter = RoundFilter(outcome: outcome, mark: mark, site: site, game: game)
        guard let player else { return try rounds.rounds(limit: last, where: filter, progress: tell) }
        let accounts = try accounts(of: player, history).filter { (platform == nil || platform == $0.realm) && (denom == nil || denom == $0.denom) }
        guard let account = accounts.first else {
            throw CommandFailure(code: "no_player", description: "there is no player \(player)\(platform.map { " on \($0)" } ?? ""). Is the id the platform's?")
        }
        guard accounts.count == 1 else {
            let choices = accounts.map { "--platform \($0.realm) --denom \($0.denom)" }.joined(separator: ", ")
            throw CommandFailure(code: "ambiguous", description: "\(player) has several wallets. Say which: \(choices).")
        }
        return try rounds.rounds(of: account, limit: last, where: filter)
    }

    /// By the id at the platform, or as it is printed: with the platform before it.
    private func accounts(of player: String, _ history: JournalHistory) throws -> [AccountKey] {
        let found = try history.accounts(of: player)
        guard found.isEmpty, let colon = player.firstIndex(of: ":") else { return found }
        return try history.accounts(of: String(player[player.index(after: colon)...])).filter { $0.realm == player[..<colon] }
    }
}
