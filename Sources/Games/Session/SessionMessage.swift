import Bytes
import Host

/// The first message of a client (docs/session-protocol.md).
struct StartRequest: Sendable, Equatable {
    /// Longest user id, platform or site name that is taken: they become store keys.
    static let nameBytesMax = 256
    /// Longest third-party token; those of the known platforms stay under 1 KiB.
    static let tokenBytesMax = 8 * 1024

    /// User id at the platform; empty when the client gave none.
    var uid: String
    /// Third-party token; empty when the client gave none.
    var token: String
    /// The platform's own profile as JSON text; empty when the client gave none.
    var userInfo: [UInt8]
    var platform: String
    var site: String
}

/// A message of a started session that the user's home carries out.
enum SessionCommand: Sendable, Equatable {
    /// A player's action on the state whose id is `sid`; `params` is a JSON object.
    case action(name: String, params: [UInt8], sid: String)
    /// Start or restore a game.
    case load(game: String)
    /// End the running game.
    case finish
    /// A message to a component; `message` is a JSON value.
    case component(which: String, message: [UInt8])

    /// What the error message's `re` says.
    var type: SessionMessageType {
        switch self {
        case .action: .action
        case .load: .gameload
        case .finish: .gamefinish
        case .component: .component
        }
    }
}

/// Names of client messages, for `re` in errors.
enum SessionMessageType: String, Sendable {
    case start, action, gameload, gamefinish, component
}

/// An error for the client: stable code, text for a developer, and the message it answers.
struct SessionError: Error, Sendable, Equatable {
    var code: SessionErrorCode
    var message: String
    /// Type of the offending message; nil when it could not be told.
    var re: String?

    init(_ code: SessionErrorCode, _ message: String, re: SessionMessageType?) {
        self.code = code
        self.message = message
        self.re = re?.rawValue
    }

    init(_ code: SessionErrorCode, _ message: String, reText: String) {
        self.code = code
        self.message = message
        self.re = reText
    }

    /// The store has failed.
    static func storeAway(_ re: SessionMessageType) -> SessionError {
        SessionError(.internal, "the store cannot be reached, try again later", re: re)
    }

    /// The operator's wallet has not answered in time.
    static func walletAway(_ re: SessionMessageType) -> SessionError {
        SessionError(.walletUnavailable, "the wallet cannot be reached, try again later", re: re)
    }

    static func gameNotLoaded(_ re: SessionMessageType) -> SessionError { SessionError(.internal, "the game is not loaded", re: re) }

    /// An engine has failed.
    static func gameFailed(_ re: SessionMessageType) -> SessionError {
        SessionError(.internal, "the game failed; nothing has happened", re: re)
    }

    /// The message as it goes to the client.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + message.utf8.count)
        bytes.append(text: "{\"t\":\"error\",\"code\":\"")
        bytes.append(contentsOf: code.rawValue.utf8)
        bytes.append(text: "\",\"message\":")
        bytes.append(jsonString: message)
        if let re {
            bytes.append(text: ",\"re\":")
            bytes.append(jsonString: re)
        }
        bytes.append(text: "}")
        return bytes
    }
}
