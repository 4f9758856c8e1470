import Crypto

/// A token or password that must not be shown. It can be compared with, and describes itself without its text, so that no log
/// and no error message can give it away.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private let hash: SHA256.Digest

    /// - Returns: Nil for an empty text: a secret that everybody knows is none.
    public init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        hash = SHA256.hash(data: Array(text.utf8))
    }

    /// Whether `bytes` are the secret. The time taken tells nothing of how much of it is right: digests are compared, and
    /// those in constant time.
    public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var given = SHA256()
        given.update(bufferPointer: bytes)
        return given.finalize() == hash
    }

    public var description: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
