public import NIOCore

/// Where an operator's wallet is. The secret is never logged.
public struct WalletSettings: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// Ends with a slash; the call's name comes behind it.
    public var url: String
    /// Known to both sides: signs every call.
    public var secret: [UInt8]
    /// How long one attempt of a call may take. A stake is attempted twice while the player's own queue waits.
    public var timeout: TimeAmount

    /// Bytes of a secret at least: as many as the digest that it keys (RFC 2104, section 3).
    public static let secretBytesMin = 32
    /// Milliseconds that an attempt may take: below, a wallet far away never answers in time; above, players think that the
    /// game hangs.
    public static let timeoutRange = 100...10_000
    public static let timeoutUsual = 2_000

    public init(url: String, secret: [UInt8], timeout: TimeAmount = .milliseconds(Int64(timeoutUsual))) {
        self.url = url.hasSuffix("/") ? url : url + "/"
        self.secret = secret
        self.timeout = timeout
    }

    public var description: String { url }
    public var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}
