import Bytes
import Crypto

/// What the journal was up to an entry, in 32 bytes: SHA-256 over the entry's line (``JournalLine``) and the seal of the entry
/// before. Whoever has noted the seal of a day can tell later that nothing up to it was changed, and needs no more than `zcat`
/// and any SHA-256 to check it:
///
///     seal of 0      64 zeros
///     seal of n      SHA-256 (seal of n - 1 as 64 hexadecimal digits, a line feed, line of n), as 64 hexadecimal digits
///
/// The checksums in the journal's rows find damage; they hold nobody up who can calculate them anew. A seal in somebody else's
/// hands does.
public struct JournalSeal: Hashable, Sendable, CustomStringConvertible {
    /// The last entry that it covers; 0 for none.
    public private(set) var seq: Int64
    /// 64 lower-case hexadecimal digits.
    private var digest: [UInt8]

    /// The one of an empty journal.
    public static let empty = JournalSeal(seq: 0, digest: [UInt8](repeating: UInt8(ascii: "0"), count: 64))

    private init(seq: Int64, digest: [UInt8]) {
        self.seq = seq
        self.digest = digest
    }

    /// From the text of ``description``; nil otherwise.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let seq = Int64(parts[0]), seq >= 0 else { return nil }
        self.init(seq: seq, hex: String(parts[1]))
    }

    /// - Parameter hex: 64 hexadecimal digits in either case.
    init?(seq: Int64, hex: String) {
        guard hex.utf8.count == 64, Hex.bytes(hex.utf8) != nil else { return nil }
        self.init(seq: seq, digest: Array(hex.lowercased().utf8))
    }

    /// Goes on to the next entry.
    mutating func add(_ line: [UInt8]) {
        var hash = SHA256()
        hash.update(data: digest)
        hash.update(data: [UInt8(ascii: "\n")])
        hash.update(data: line)
        digest.removeAll(keepingCapacity: true)
        hash.finalize().withUnsafeBytes { digest.append(hex: $0) }
        seq &+= 1
    }

    /// Goes on behind entries that are missing; it seals nothing any more.
    mutating func skip(to seq: Int64) {
        if seq > self.seq { self.seq = seq }
    }

    var hex: String { String(decoding: digest, as: UTF8.self) }

    /// The entry and the digits, like `1200:9f86d0…`.
    public var description: String { "\(seq):\(hex)" }
}
