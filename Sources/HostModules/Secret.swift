import Crypto

/// A token or password that must not be shown. It can be compared with, and describes itself without its text, so that no log
/// and no error message can give it away.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private let hash: SHA256.Digest
    private let text: [UInt8]

    /// - Returns: Nil for an empty text: a secret that everybody knows is none.
    public init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        self.text = Array(text.utf8)
        hash = SHA256.hash(data: self.text)
    }

    /// Whether `bytes` are the secret. The time taken tells nothing of how much of it is right: digests are compared, and
    /// those in constant time.
    public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var given = SHA256()
        given.update(bufferPointer: bytes)
        return given.finalize() == hash
    }

    /// Its text, for signatures and for the login at another service (`nightjar.auth`); nothing that scripts could read is made of it.
    func withText<Result>(_ body: ([UInt8]) -> Result) -> Result { body(text) }

    public var description: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
