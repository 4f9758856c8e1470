/// The stable codes of `error` messages (docs/session-protocol.md).
public enum SessionErrorCode: String, Sendable, CaseIterable {
    case badMessage = "bad_message"
    case notStarted = "not_started"
    case alreadyStarted = "already_started"
    case authFailed = "auth_failed"
    case unknownPlatform = "unknown_platform"
    case unknownSite = "unknown_site"
    case unknownGame = "unknown_game"
    case gameRunning = "game_running"
    case noGame = "no_game"
    case staleState = "stale_state"
    case actionNotAllowed = "action_not_allowed"
    case badParams = "bad_params"
    case insufficientFunds = "insufficient_funds"
    case finishRefused = "finish_refused"
    case unknownComponent = "unknown_component"
    case componentError = "component_error"
    /// The operator's wallet does not answer; nothing has happened.
    case walletUnavailable = "wallet_unavailable"
    /// The operator's wallet does not take the stake, for another reason than missing funds.
    case walletRefused = "wallet_refused"
    case `internal` = "internal"

    /// Does a full `state` follow, so that a client that keeps nothing is in step again?
    ///
    /// The list of docs/session-protocol.md, and what stopped a commit: the client cannot know what stands.
    public var isFollowedByState: Bool {
        switch self {
        case .staleState, .actionNotAllowed, .insufficientFunds, .finishRefused, .gameRunning, .walletUnavailable, .walletRefused, .internal: true
        default: false
        }
    }

    /// What a client hears when its start is refused with this code; nil: the error's own words.
    var startText: String? {
        switch self {
        case .authFailed: "the platform does not know the user"
        case .unknownPlatform: "there is no such platform"
        case .unknownSite: "there is no such site"
        default: nil
        }
    }

    /// WebSocket close code that ends the session after this error, or nil when the session goes on.
    public var closeCode: UInt16? {
        switch self {
        case .authFailed, .unknownPlatform: SessionCloseCode.refused
        case .unknownSite: SessionCloseCode.unknownSite
        default: nil
        }
    }
}

/// Close codes of the session socket (docs/session-protocol.md). Of 1000 to 1011 or 4000 to 4999 but for ``stopping``: the library
/// that Godot's WebSocket client is made of takes others for a broken frame, and the game never learns that the connection is gone.
public enum SessionCloseCode {
    /// The platform refused the user, or there is no such platform.
    public static let refused: UInt16 = 4401
    /// No such site.
    public static let unknownSite: UInt16 = 4404
    /// No start message within the time-out.
    public static let notStartedInTime: UInt16 = 4408
    /// The server is stopping (RFC 6455 registry: service restart).
    public static let stopping: UInt16 = 1012
    /// The same for clients that ask for it with `stop_code=1001` in the address, as Godot's do (RFC 6455: going away).
    public static let stoppingForGodot: UInt16 = 1001
    /// The client asks for more than the server keeps for one user (RFC 6455: policy violation).
    public static let tooMuch: UInt16 = 1008
}
