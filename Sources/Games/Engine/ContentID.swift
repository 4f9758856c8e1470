import Bytes
import Crypto

/// Names a content by what it is: the first 128 bits of its SHA-256. The same on every machine, and nobody finds a second
/// content with the name of one that was played with. Half of the digest, because every bet's journal entry carries two of them.
public struct ContentID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    public init(of content: [UInt8]) { self.init(digest: Self.digest(content)) }

    /// From a whole digest, at least 16 bytes.
    init(digest: [UInt8]) {
        precondition(digest.count >= 16, "a digest has more bytes")
        high = digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// From the 32 hexadecimal digits of ``description``; nil otherwise.
    public init?(_ text: String) {
        guard let bytes = Hex.bytes(text.utf8), bytes.count == 16 else { return nil }
        self.init(digest: bytes)
    }

    /// The whole SHA-256, 32 bytes.
    static func digest(_ content: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: content)) }

    /// 32 lower-case hexadecimal digits: what `sha256sum` begins with.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text of ``description``.
    package func append(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(hex: $0) }
    }
}
