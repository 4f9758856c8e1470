import Store
import Transport

/// What loops of the casino tell each other: sessions live on their socket's loop, users on their home's.
enum PeerItem: Sendable {
    // To the home.
    case attach(AttachRequest)
    case command(UserKey, ConnectionID, SessionCommand)
    case detach(UserKey, ConnectionID)
    // To the session.
    case deliver(ConnectionID, [UInt8])
    case attached(ConnectionID)
    /// The start failed; the session hears the error and may be closed by it.
    case notAttached(ConnectionID, SessionError)
    /// A command is done.
    case completed(ConnectionID)
    case close(ConnectionID, UInt16, String)
}

/// A session whose user the platform has vouched for.
struct AttachRequest: Sendable {
    var user: UserKey
    var profile: String
    var connection: ConnectionID
    var site: Site
}
