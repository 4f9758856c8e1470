import Bytes
import Crypto

/// How tokens are signed (RFC 7518, section 3.1).
public enum JWTAlgorithm: String, Hashable, Sendable, CaseIterable {
    // With a shared secret.
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    // With a private key, of which the verifier has the public one.
    case rs256 = "RS256"
    case es256 = "ES256"

    /// Those that sign and verify with the same secret.
    public static let shared: [JWTAlgorithm] = [.hs256, .hs384, .hs512]
    /// Those that verify with a public key.
    public static let withPublicKey: [JWTAlgorithm] = [.rs256, .es256]
}

/// What a token is verified with. A verifier names its algorithms and the key its kind, so that a public key can never be taken for a
/// shared secret.
public protocol JWTVerificationKey: Sendable {
    /// - Throws: ``JWTError`` `algorithm` if the algorithm is not for this kind of key.
    func verifies(_ signature: [UInt8], of text: some Collection<UInt8>, _ algorithm: JWTAlgorithm) throws(JWTError) -> Bool
}

/// A shared secret for signatures. Describes itself without it.
public struct JWTKey: JWTVerificationKey, CustomStringConvertible, CustomReflectable {
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

    func signature(of text: some Collection<UInt8>, _ algorithm: JWTAlgorithm) throws(JWTError) -> [UInt8] {
        let text = Array(text)
        switch algorithm {
        case .hs256: return Array(HMAC<SHA256>.authenticationCode(for: text, using: key))
        case .hs384: return Array(HMAC<SHA384>.authenticationCode(for: text, using: key))
        case .hs512: return Array(HMAC<SHA512>.authenticationCode(for: text, using: key))
        case .rs256, .es256: throw JWTError(.algorithm, "\(algorithm.rawValue) is for public keys; this key is a shared secret")
        }
    }

    public func verifies(_ signature: [UInt8], of text: some Collection<UInt8>, _ algorithm: JWTAlgorithm) throws(JWTError) -> Bool {
        ConstantTime.equal(signature, try self.signature(of: text, algorithm))
    }

    public var description: String { "<key>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
