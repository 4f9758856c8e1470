import Bytes
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Names are compared by their UTF-8 bytes, as the database does. Swift's own comparison takes canonically equivalent
/// texts for equal, which would let two accounts share one remembered balance.
struct Name: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: Name, right: Name) -> Bool {
        var (left, right) = (left.text, right.text)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                left.count == right.count
                    && (left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0)
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }

    /// The order of the database's BINARY collation.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

/// A user's balance in one denomination. The realm (the platform, unless configured otherwise) is the unit that a
/// transaction never crosses.
public struct AccountKey: Hashable, Sendable {
    public let realm: String
    /// The user's id within the realm.
    public let user: String
    /// The denomination's name, for instance `credit`.
    public let denom: String

    public init(realm: String, user: String, denom: String) {
        self.realm = realm
        self.user = user
        self.denom = denom
    }

    /// By the names' UTF-8 bytes.
    public static func == (left: AccountKey, right: AccountKey) -> Bool {
        Name(left.user) == Name(right.user) && Name(left.realm) == Name(right.realm) && Name(left.denom) == Name(right.denom)
    }

    public func hash(into hasher: inout Hasher) {
        Name(user).hash(into: &hasher)
        Name(realm).hash(into: &hasher)
        Name(denom).hash(into: &hasher)
    }
}

/// A game on a site.
public struct GameKey: Hashable, Sendable {
    public let site: String
    public let game: String

    public init(site: String, game: String) {
        self.site = site
        self.game = game
    }

    /// By the names' UTF-8 bytes.
    public static func == (left: GameKey, right: GameKey) -> Bool {
        Name(left.game) == Name(right.game) && Name(left.site) == Name(right.site)
    }

    public func hash(into hasher: inout Hasher) {
        Name(game).hash(into: &hasher)
        Name(site).hash(into: &hasher)
    }
}

/// A jackpot of a site, within the realm of the transition that names it.
public struct JackpotKey: Hashable, Sendable {
    public let site: String
    public let id: String

    public init(site: String, id: String) {
        self.site = site
        self.id = id
    }

    /// By the names' UTF-8 bytes.
    public static func == (left: JackpotKey, right: JackpotKey) -> Bool {
        Name(left.id) == Name(right.id) && Name(left.site) == Name(right.site)
    }

    public func hash(into hasher: inout Hasher) {
        Name(id).hash(into: &hasher)
        Name(site).hash(into: &hasher)
    }
}

/// A jackpot with its realm.
struct RealmJackpot: Hashable {
    let realm: Name
    let key: JackpotKey
}

/// The name of a key-value entry or a sorted set. It has exactly one realm.
public struct StoreKey: Hashable, Sendable {
    public let realm: String
    public let name: String

    public init(realm: String, name: String) {
        self.realm = realm
        self.name = name
    }

    /// By the names' UTF-8 bytes.
    public static func == (left: StoreKey, right: StoreKey) -> Bool {
        Name(left.name) == Name(right.name) && Name(left.realm) == Name(right.realm)
    }

    public func hash(into hasher: inout Hasher) {
        Name(name).hash(into: &hasher)
        Name(realm).hash(into: &hasher)
    }

    /// `{realm}:name`, the form in which it is stored.
    public var text: String { "{\(realm)}:\(name)" }
}

/// A version 4 UUID (RFC 9562 section 5.4): the id of a game state, of a transition, of a user.
public struct StateID: Hashable, Sendable, CustomStringConvertible {
    /// The first and last eight bytes, big-endian.
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new id from the operating system's generator.
    public static func random() -> StateID {
        var words: (UInt64, UInt64) = (0, 0)
        // One system call for both words; the standard generator would make two.
        let filled = withUnsafeMutableBytes(of: &words) { getentropy($0.baseAddress!, 16) == 0 }
        precondition(filled, "the operating system gives no random bytes")
        return StateID(random: words.0, words.1)
    }

    /// A new id from `generator`, with version and variant bits set.
    public static func random(using generator: inout some RandomNumberGenerator) -> StateID {
        let high: UInt64 = generator.next()
        let low: UInt64 = generator.next()
        return StateID(random: high, low)
    }

    private init(random high: UInt64, _ low: UInt64) {
        self.init(
            high: (high & 0xFFFF_FFFF_FFFF_0FFF) | 0x0000_0000_0000_4000,
            low: (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000)
    }

    /// From exactly 16 bytes; nil otherwise. Any version is taken, so that foreign ids can be keys too.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
        }
        self.init(high: high, low: low)
    }

    /// From the usual text, `8-4-4-4-12` hexadecimal digits in either case; nil otherwise.
    public init?(_ text: some StringProtocol) { self.init(characters: text.utf8) }

    /// The same of a whole string, as each message brings one: without the generic way.
    public init?(_ text: String) { self.init(characters: text.utf8) }

    @inline(__always)
    private init?(characters: some Sequence<UInt8>) {
        var digits = 0
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        for byte in characters {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard digits < 32, let value = Hex.value(byte) else { return nil }
            if digits < 16 { high = high << 4 | UInt64(value) } else { low = low << 4 | UInt64(value) }
            digits += 1
        }
        guard digits == 32, position == 36 else { return nil }
        self.init(high: high, low: low)
    }

    /// The 16 bytes in network order.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64(index)))
                buffer[index + 8] = UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64(index)))
            }
            count = 16
        }
    }

    /// Lower-case text of 36 characters.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textBytes) { buffer in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            return Self.textBytes
        }
    }

    static let textBytes = 36

    /// - Parameter buffer: Room for `textBytes`.
    fileprivate func write(to buffer: UnsafeMutableRawBufferPointer) {
        var position = 0
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                buffer[position] = UInt8(ascii: "-")
                position += 1
            }
            let word = index < 16 ? high : low
            buffer[position] = Hex.digit(UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(index & 15))))
            position += 1
        }
    }
}

extension [UInt8] {
    /// Appends the id's text, see ``StateID/description``.
    package mutating func append(_ id: StateID) {
        withUnsafeTemporaryAllocation(byteCount: StateID.textBytes, alignment: 1) { room in
            id.write(to: room)
            append(contentsOf: room)
        }
    }
}
