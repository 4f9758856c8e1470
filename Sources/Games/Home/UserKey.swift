import Bytes

/// A user of a realm; names the home worker.
struct UserKey: Hashable, Sendable {
    /// The platform's name.
    let realm: String
    /// The user's id at the platform.
    let user: String

    /// Which of `count` workers is the user's home. The same on every machine and in every process.
    func home(among count: Int) -> Int {
        var hash = StableHash()
        hash.add(realm)
        hash.add(user)
        return hash.place(among: count)
    }
}
