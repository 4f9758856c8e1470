import Bytes

/// A user of a realm; names the home worker.
struct UserKey: Hashable, Sendable {
    /// The platform's name.
    let realm: String
    /// The user's id at the platform.
    let user: String

    /// By the names' UTF-8 bytes, as the store has them (``AccountKey``). Swift's own comparison takes canonically equivalent texts for
    /// equal, which would let two users share one home, and so one balance.
    static func == (left: UserKey, right: UserKey) -> Bool {
        left.user.utf8.elementsEqual(right.user.utf8) && left.realm.utf8.elementsEqual(right.realm.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for name in [user, realm] {
            var name = name
            name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            hasher.combine(UInt8(0xFF))
        }
    }

    /// Which of `count` workers is the user's home. The same on every machine and in every process.
    func home(among count: Int) -> Int {
        var hash = StableHash()
        hash.add(realm)
        hash.add(user)
        return hash.place(among: count)
    }
}
