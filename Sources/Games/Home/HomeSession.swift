import Store
import Transport

/// A user's session as its home sees it. Loop-bound to the home.
final class HomeSession {
    let connection: ConnectionID
    /// The site as it was when the session started; newer settings come from the directory.
    let site: Site
    /// Where the user's credits are, as the platform said when the session started.
    let wallet: WalletKind
    /// Names of the components that the session had when it started.
    let components: Set<String>
    /// The user's first session ever.
    let isFirst: Bool
    /// Nil: the back office knows nothing of the session.
    let registration: Registration?
    /// What the client gave to be known by; empty if it gave none.
    let token: String
    /// What the operator's wallet has said of the token; nil: it was not asked.
    var told: RemoteWallet.Told?
    /// The game that runs in this session.
    var game: GameKey?
    var isAttached = false
    /// It was to hear how things stand when nobody could know.
    var isOwedState = false

    /// The name of the denomination it plays in.
    var denom: String { site.denomination.name }

    init(_ request: AttachRequest) {
        connection = request.connection
        site = request.site
        wallet = request.wallet
        components = request.components
        isFirst = request.isFirst
        registration = request.registration
        token = request.token
        told = request.told
    }
}
