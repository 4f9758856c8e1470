import Store
import Transport

/// What loops of the casino tell each other: sessions live on their socket's loop, users on their home's.
enum PeerItem: Sendable {
    // To the home.
    /// Is the token of a session that wants to begin its user's? Nobody knows the user yet.
    case claim(AttachRequest)
    case attach(AttachRequest)
    case command(UserKey, ConnectionID, SessionCommand)
    case detach(UserKey, ConnectionID)
    /// A former process has left a stake half done.
    case mend(UserKey, denom: String)
    /// The operator's wallet was asked to take what is owed.
    case walletTold(UserKey, denom: String, id: String, isPaid: Bool)
    /// Rounds of the user's account in this denomination may be open for too long.
    case settle(UserKey, denom: String, WalletKind)
    // To the first loop.
    /// Something is owed to a platform's wallet.
    case walletOwed(platform: String)
    // To the session.
    case deliver(ConnectionID, [UInt8])
    /// The operator vouches for a claim.
    case vouched(ConnectionID, RemoteWallet.Told)
    case attached(ConnectionID)
    /// The start failed; the session hears the error and may be closed by it.
    case notAttached(ConnectionID, SessionError)
    /// A command is done.
    case completed(ConnectionID)
    case close(ConnectionID, UInt16, String)
}

/// A session whose user the platform has vouched for, and who is registered; in a claim neither the operator nor anybody else has.
struct AttachRequest: Sendable {
    var user: UserKey
    /// The user has never been here before.
    var isFirst = false
    var connection: ConnectionID
    var site: Site
    var wallet = WalletKind.stored
    var components: Set<String> = []
    /// Nil: the back office knows nothing of the session.
    var registration: Registration?
    /// What the client gave to be known by; the operator's wallet is asked about it.
    var token = ""
    /// What it has said; nil: it was not asked.
    var told: RemoteWallet.Told?
}
