import Bytes
import Host
import Logging
import LuaRuntime
import Synchronization

/// An action that a state offers and the engine does not have. A player who does it hears `action_not_allowed` and no more, so whoever
/// works on the game must hear of it: from `nightjar check`, and while developing from the log.
struct MissingAction: Equatable {
    /// The state's name.
    var state: String
    var action: String
    /// What the engine has.
    var known: [String]

    /// In words, with the name that was probably meant.
    var text: String {
        let hint = Suggestion.hint(action, among: known)
        return "the state \"\(state)\" offers the action \"\(action)\", which the engine does not have" + (hint.isEmpty ? ": it has none" : hint)
    }

    /// Those of a state in its stored form.
    static func all(in blob: [UInt8], of program: GameProgram) -> [MissingAction] {
        let offered = StateBlob.offered(in: blob)
        let missing = offered.actions.filter { program.action($0) == nil }
        guard !missing.isEmpty else { return [] }
        let known = program.actionNames()
        return missing.map { MissingAction(state: offered.name, action: $0, known: known) }
    }
}

/// Tells the log of actions that are offered and are not there: once for each engine, as its files are, and action, on however many
/// workers it runs. Any thread.
final class MissingActionNews: Sendable {
    /// Engines are saved all day long while somebody works on them; beyond this nothing is told until a restart.
    private static let toldMax = 1_024

    private struct Topic: Hashable {
        let engine: ContentID
        let action: String
    }

    private let told = Lock<Set<Topic>>([])

    /// What a call has made is looked at step by step. Only in debug mode: it reads each state once more.
    func look(_ outcome: ActionOutcome, of program: GameProgram, game: String) {
        for step in outcome.steps {
            for missing in MissingAction.all(in: step.blob, of: program) where isNew(missing, program) {
                program.generation.services.logger.warning(
                    "\(program.engine.files[0].chunk): \(missing.text)", metadata: ["game": "\(game)", "code": "no_such_action"])
            }
        }
    }

    private func isNew(_ missing: MissingAction, _ program: GameProgram) -> Bool {
        told.withLock { $0.count < Self.toldMax && $0.insert(Topic(engine: program.engine.id, action: missing.action)).inserted }
    }
}
