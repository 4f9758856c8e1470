import ArgumentParser
import Games
import Host
import Store

/// Runs recorded rounds again.
struct ReplayRoundsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run recorded rounds again, in the engine of their time, and compare every byte.",
        discussion: """
            Engines and settings are taken from the store, where each was kept when the first round was played with it; scripts and games \
            on the disk do not matter. Reads the store and its archives; a server may run. Exit status 0: everything came out as it was \
            written; 1: something did not, or could not be run; 2: the store cannot be read.

              nightjar replay 82f304a9-8fd6-4c29-a513-e084b8769df9
              nightjar replay --all
            """
    )

    /// Problems that are shown one by one.
    private static let shownMax = 20

    @OptionGroup var shared: SharedOptions

    @Argument(help: "Id of a round, or of any state in it.")
    var round: String?

    @Flag(help: "The whole journal.")
    var all = false

    @Option(help: "With --all: begin at this journal entry.")
    var from: Int64 = 1

    func run() async throws {
        let settings = try await shared.settings()
        guard (round == nil) == all else {
            throw CommandFailure(code: "what", description: "say which round, by its id or that of any state in it, or --all.")
        }
        let history = try AuditStore.history(settings)
        // What is pure of the host; the store in it is nobody's.
        let registry = HostRegistry(settings.hostModules(store: MemoryStore(), outgoing: nil, isCheck: true))
        let replayer = Replayer(history, registry: registry)
        defer { replayer.close() }
        let isEqual = try AuditStore.reading(settings) {
            if let round { try replay(round, history, replayer) } else { try replayAll(history, replayer) }
        }
        if !isEqual { throw ExitCode(1) }
    }

    private func replay(_ text: String, _ history: JournalHistory, _ replayer: Replayer) throws -> Bool {
        guard let id = StateID(text) else {
            throw CommandFailure(code: "no_id", description: "\(text) is no id; ids are like 82f304a9-8fd6-4c29-a513-e084b8769df9.")
        }
        var progress = Progress()
        let rounds = RoundHistory(history)
        let found = try rounds.round(id) { progress.tell("entry \($0) of \(history.lastSeq)") }
        // A state of no round, a game's first for instance, is made by an entry all the same.
        let seqs = try found?.entries ?? rounds.entry(id) { progress.tell("entry \($0) of \(history.lastSeq)") }.map { [$0] } ?? []
        progress.end()
        guard !seqs.isEmpty else {
            throw CommandFailure(code: "no_rounds", description: "there is no round \(id), and no state of this id. nightjar rounds PLAYER lists rounds.")
        }
        var isEqual = true
        for seq in seqs {
            guard let entry = try history.entry(seq) else { continue }
            let result = try replayer.replay(entry)
            Console.say("entry \(seq): \(Self.words(result.verdict))")
            for state in result.states { Console.say("    " + String(decoding: state, as: UTF8.self)) }
            if !Self.isFine(result.verdict) { isEqual = false }
        }
        let what = found.map { "round \($0.id), \($0.outcome ?? RoundFilter.open)" } ?? "state \(id)"
        Console.say("\(what): \(isEqual ? "equal to the byte" : "NOT equal") (\(seqs.count) \(seqs.count == 1 ? "entry" : "entries"))")
        return isEqual
    }

    private func replayAll(_ history: JournalHistory, _ replayer: Replayer) throws -> Bool {
        var progress = Progress()
        var equal = 0, nothing = 0, different = 0, missing = 0
        try history.forEach(from: max(1, from)) { entry in
            let result = try replayer.replay(entry)
            switch result.verdict {
            case .equal: equal += 1
            case .nothingToRun: nothing += 1
            case .different: different += 1
            case .notReplayable: missing += 1
            }
            if !Self.isFine(result.verdict), different + missing <= Self.shownMax {
                progress.end()
                Console.say("entry \(entry.entry.seq), \(entry.entry.account.realm):\(entry.entry.account.user): \(Self.words(result.verdict))")
            }
            progress.tell("entry \(entry.entry.seq) of \(history.lastSeq)")
            return true
        }
        progress.end()
        if different + missing > Self.shownMax { Console.say("… and \(different + missing - Self.shownMax) more") }
        let isEqual = different + missing == 0
        Console.say(
            "\(isEqual ? "equal to the byte" : "NOT equal"): \(equal) entries came out as they were written, \(different) otherwise, "
                + "\(missing) could not be run, \(nothing) are of no engine")
        return isEqual
    }

    private static func isFine(_ verdict: Replayer.Verdict) -> Bool { verdict == .equal || verdict == .nothingToRun }

    private static func words(_ verdict: Replayer.Verdict) -> String {
        switch verdict {
        case .equal: "equal to the byte"
        case .nothingToRun: "nothing to run"
        case .different(let reason): "DIFFERENT: \(reason)"
        case .notReplayable(let reason): "cannot be run: \(reason)"
        }
    }
}
