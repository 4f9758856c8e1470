import Glibc
import Store

/// A key of the random generator, 256 bits, fresh from the operating system for every step.
public struct RandomKey: Sendable, Hashable {
    var words: (UInt64, UInt64, UInt64, UInt64)

    /// A new key from the operating system, which must not refuse one.
    public static func fresh() -> RandomKey {
        guard let fresh = FreshRandom.take(from: .system) else { preconditionFailure("the operating system gives no random numbers") }
        return fresh.key
    }

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// From exactly 32 bytes; nil otherwise.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        words = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// Runs `body` with the 32 bytes.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: words) { body($0) }
    }

    public static func == (a: RandomKey, b: RandomKey) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

/// A source of random bytes. What it refuses ends an action with nothing changed.
public struct Entropy: Sendable {
    /// Fills the memory; false if it has no random bytes to give.
    let fill: @Sendable (UnsafeMutableRawBufferPointer) -> Bool

    public init(_ fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Bool) { self.fill = fill }

    /// The operating system's, which gives all or nothing (getentropy(3)).
    public static let system = Entropy { getentropy($0.baseAddress!, $0.count) == 0 }
}

/// What a new step takes from chance, in one call of the source.
struct FreshRandom {
    let key: RandomKey
    let id: StateID

    /// Nil if the source refuses, or gives what no source of chance gives: the same word six times.
    static func take(from source: Entropy) -> FreshRandom? {
        var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        guard withUnsafeMutableBytes(of: &words, { source.fill($0) }) else { return nil }
        if words.0 == words.1, words.1 == words.2, words.2 == words.3, words.3 == words.4, words.4 == words.5 { return nil }
        var rest = Given(first: words.4, second: words.5)
        return FreshRandom(key: RandomKey(words: (words.0, words.1, words.2, words.3)), id: StateID.random(using: &rest))
    }

    /// Stands in for what a source has refused, in a call that then has failed.
    static let none: FreshRandom = {
        var zeros = Given(first: 0, second: 0)
        return FreshRandom(key: RandomKey(words: (0, 0, 0, 0)), id: StateID.random(using: &zeros))
    }()

    /// Hands out two numbers that were drawn already, for the id's own rules on its bits.
    private struct Given: RandomNumberGenerator {
        let first: UInt64
        let second: UInt64
        var taken = 0

        init(first: UInt64, second: UInt64) { (self.first, self.second) = (first, second) }

        mutating func next() -> UInt64 {
            taken += 1
            precondition(taken <= 2, "an id is made of two numbers")
            return taken == 1 ? first : second
        }
    }
}
