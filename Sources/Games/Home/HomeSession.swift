import Store
import Transport

/// A user's session as its home sees it. Loop-bound to the home.
final class HomeSession {
    let connection: ConnectionID
    /// The site as it was when the session started; newer settings come from the directory.
    let site: Site
    /// The game that runs in this session.
    var game: GameKey?
    var isAttached = false

    /// The name of the denomination it plays in.
    var denom: String { site.denomination.name }

    init(connection: ConnectionID, site: Site) {
        self.connection = connection
        self.site = site
    }
}
