import Bytes
import Crypto
import CryptoExtras
import FoundationEssentials

/// The public keys of whoever signs tokens: RSA for `RS256`, P-256 for `ES256`. Several, so that a new key can be used beside the old one
/// while the signer changes over. A value; any thread.
public struct JWTPublicKeys: JWTVerificationKey {
    private let rsa: [_RSA.Signing.PublicKey]
    private let p256: [P256.Signing.PublicKey]

    /// - Parameter pem: One or more keys, each `-----BEGIN PUBLIC KEY-----` to `-----END PUBLIC KEY-----` (RFC 7468, section 13); what
    ///   stands between them does not count. RSA keys have at least 2048 bits.
    /// - Throws: ``JWTError`` `no_secret` if there is none, too many, or one that cannot be used.
    public init(pem: some Collection<UInt8>) throws(JWTError) {
        guard pem.count <= AuthLimits.publicKeyBytes else {
            throw JWTError(.noSecret, "public keys have at most \(AuthLimits.publicKeyBytes) bytes together")
        }
        let blocks = Self.blocks(String(decoding: pem, as: UTF8.self))
        guard (1...AuthLimits.publicKeys).contains(blocks.count) else {
            throw JWTError(.noSecret, "1 to \(AuthLimits.publicKeys) public keys are expected (-----BEGIN PUBLIC KEY-----), not \(blocks.count)")
        }
        var rsa: [_RSA.Signing.PublicKey] = []
        var p256: [P256.Signing.PublicKey] = []
        for block in blocks {
            if let key = try? P256.Signing.PublicKey(pemRepresentation: block) {
                p256.append(key)
            } else if let key = try? _RSA.Signing.PublicKey(pemRepresentation: block) {
                rsa.append(key)
            } else {
                throw JWTError(.noSecret, "a public key is neither one of RSA with at least 2048 bits nor one of P-256")
            }
        }
        self.rsa = rsa
        self.p256 = p256
    }

    private static let first = "-----BEGIN PUBLIC KEY-----"
    private static let last = "-----END PUBLIC KEY-----"

    private static func blocks(_ text: String) -> [String] {
        var blocks: [String] = []
        var rest = text[...]
        while let begin = rest.firstRange(of: first), let end = rest[begin.upperBound...].firstRange(of: last) {
            blocks.append(String(rest[begin.lowerBound..<end.upperBound]))
            rest = rest[end.upperBound...]
        }
        return blocks
    }

    public func verifies(_ signature: [UInt8], of text: some Collection<UInt8>, _ algorithm: JWTAlgorithm) throws(JWTError) -> Bool {
        let digest = SHA256.hash(data: Array(text))
        switch algorithm {
        case .rs256:
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            return rsa.contains { $0.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5) }
        case .es256:
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return p256.contains { $0.isValidSignature(signature, for: digest) }
        case .hs256, .hs384, .hs512:
            throw JWTError(.algorithm, "\(algorithm.rawValue) is for shared secrets; these keys are public")
        }
    }
}
