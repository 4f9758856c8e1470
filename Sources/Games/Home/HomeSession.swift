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

    init(connection: ConnectionID, site: Site) {
        self.connection = connection
        self.site = site
    }
}

extension Account {
    /// The stored state of a game, loaded or put aside.
    func slot(_ key: GameKey) -> GameSlot? {
        if let active, active.key == key { return active }
        return parked[key]
    }

    /// Takes over what a commit did.
    mutating func apply(_ transition: Transition, credits: Int64, version: Int64) {
        self.credits = credits
        self.version = version
        switch transition.slot {
        case .keep: break
        case .clear: active = nil
        case .set(let slot):
            if transition.displaces, let active { parked[active.key] = active }
            parked[slot.key] = nil
            active = slot
        }
    }
}
