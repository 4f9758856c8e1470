import Bytes
import Crypto

/// How tokens are signed (RFC 7518, section 3.1).
///
/// Those with a shared secret only. Algorithms with a public key (`RS256`, `ES256`) get cases here and a kind of ``JWTKey``: a
/// verifier names its algorithms and the key its kind, so that a public key can never be taken for a shared secret.
public enum JWTAlgorithm: String, Hashable, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
}

/// A shared secret for signatures. Describes itself without it.
public struct JWTKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// How a secret is written.
    public enum Encoding: String, Sendable, CaseIterable {
        /// The bytes of its text.
        case text
        /// Base64, both alphabets, padding optional.
        case base64
    }

    private let key: SymmetricKey

    /// - Throws: ``JWTError`` `no_secret` if it is no base64 or has fewer bytes than `AuthLimits.keyBytesMin`.
    public init(secret: some Collection<UInt8>, _ encoding: Encoding) throws(JWTError) {
        let bytes: [UInt8]
        switch encoding {
        case .text: bytes = Array(secret)
        case .base64:
            guard let decoded = Base64.decode(secret) else { throw JWTError(.noSecret, "the secret is no base64") }
            bytes = decoded
        }
        guard bytes.count >= AuthLimits.keyBytesMin else {
            throw JWTError(.noSecret, "the secret has fewer than \(AuthLimits.keyBytesMin) bytes, which could be guessed")
        }
        key = SymmetricKey(data: bytes)
    }

    func signature(of text: some Collection<UInt8>, _ algorithm: JWTAlgorithm) -> [UInt8] {
        let text = Array(text)
        return switch algorithm {
        case .hs256: Array(HMAC<SHA256>.authenticationCode(for: text, using: key))
        case .hs384: Array(HMAC<SHA384>.authenticationCode(for: text, using: key))
        case .hs512: Array(HMAC<SHA512>.authenticationCode(for: text, using: key))
        }
    }

    public var description: String { "<key>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
