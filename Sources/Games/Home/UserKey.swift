/// A user of a realm; names the home worker.
struct UserKey: Hashable, Sendable {
    /// The platform's name.
    let realm: String
    /// The user's id at the platform.
    let user: String

    /// Which of `count` workers is the user's home. The same for the life of the process, whatever the hash seed.
    func home(among count: Int) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a, 64 bits
        for byte in realm.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ 0xFF) &* 0x100_0000_01B3  // no UTF-8 text contains this byte
        for byte in user.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(hash % UInt64(count))
    }
}
