import LuaRuntime

/// A mistake in an engine. For the log, and in development mode for the page.
public struct GameFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable code.
    public var code: String
    public var game: String
    /// What was being done: `action bet`, `init`, `timeout`, `can_finish`, `migrate`.
    public var operation: String
    /// File and line. Of a value that was returned: where the function that returned it begins. Nil if no script is to blame.
    public var position: String?
    /// What is wrong, without the position.
    public var reason: String
    public var traceback: String?

    public init(code: String, game: String, operation: String, position: String?, reason: String, traceback: String? = nil) {
        self.code = code
        self.game = game
        self.operation = operation
        self.position = position
        self.reason = reason
        self.traceback = traceback
    }

    /// One line with all of it but the traceback.
    public var message: String {
        let place = "game \(game), \(operation): "
        return position.map { "\(place)\($0): \(reason)" } ?? place + reason
    }

    public var description: String { message }
}

extension GameFault {
    /// An error of a script, or one that the host found in what a function gave back.
    ///
    /// - Parameter definition: Where the function begins; used when the error itself has no position.
    init(_ error: ScriptError, game: String, operation: String, definition: String?) {
        let position = error.chunk.map { chunk in error.line.map { "\(chunk):\($0)" } ?? chunk }
        self.init(
            code: error.code, game: game, operation: operation, position: position ?? definition, reason: error.message,
            traceback: error.traceback)
    }

    static func notLoaded(_ game: String, operation: String) -> GameFault {
        GameFault(code: "no_such_game", game: game, operation: operation, position: nil, reason: "the game is not loaded")
    }
}

extension GameCall.Operation {
    /// For people: `action bet`, or the name of the engine's function.
    var label: String {
        switch self {
        case .start: "init"
        case .action(let name, _): "action \(name)"
        case .timeout: "timeout"
        case .void: "init of a voided round's game"
        }
    }
}
