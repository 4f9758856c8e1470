import Bytes
import FoundationEssentials

/// What a token must be to be believed (RFC 7519, section 7.2; RFC 8725). A value; any thread.
///
///     let verifier = JWTVerifier(algorithms: [.hs256])
///     let claims = try verifier.claims(of: token, key: key, now: clock())
public struct JWTVerifier: Sendable, Hashable {
    /// The algorithms that are taken; what the token itself says is only compared with them.
    public var algorithms: Set<JWTAlgorithm>
    /// What `iss` must be; nil: anything.
    public var issuer: String?
    /// What `aud` must be or hold; nil: anything.
    public var audience: String?
    /// Seconds by which the clocks may differ.
    public var leewaySeconds: Double
    /// A token without an end is refused.
    public var requiresExpiry: Bool

    public init(
        algorithms: Set<JWTAlgorithm>, issuer: String? = nil, audience: String? = nil, leewaySeconds: Double = 0, requiresExpiry: Bool = true
    ) {
        self.algorithms = algorithms
        self.issuer = issuer
        self.audience = audience
        self.leewaySeconds = leewaySeconds
        self.requiresExpiry = requiresExpiry
    }

    /// Checks a token. Nothing of its claims is read before the signature has been found right.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Returns: The claims, JSON text of an object.
    public func claims(of token: some Collection<UInt8>, key: some JWTVerificationKey, now: Int64) throws(JWTError) -> [UInt8] {
        guard !token.isEmpty else { throw JWTError(.missing, "there is no token") }
        guard token.count <= AuthLimits.tokenBytes else {
            throw JWTError(.malformed, "a token has at most \(AuthLimits.tokenBytes) bytes")
        }
        let bytes = Array(token)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw JWTError(.malformed, "a token has three parts") }
        let algorithm = try algorithm(of: parts[0])
        guard let signature = Base64.decodeURL(parts[2]) else { throw JWTError(.malformed, "the signature is no base64url") }
        guard try key.verifies(signature, of: bytes[..<parts[1].endIndex], algorithm) else {
            throw JWTError(.signature, "the signature is not of this key")
        }
        guard let claims = Base64.decodeURL(parts[1]) else { throw JWTError(.malformed, "the claims are no base64url") }
        try check(claims, now: Double(now) / 1_000)
        return claims
    }

    private struct Header: Decodable {
        var alg: String
        /// Extensions that must be understood. There are none here.
        var crit: [String]?
    }

    private func algorithm(of part: ArraySlice<UInt8>) throws(JWTError) -> JWTAlgorithm {
        guard let text = Base64.decodeURL(part), let header = try? JSONDecoder().decode(Header.self, from: Data(text)) else {
            throw JWTError(.malformed, "the head is no JSON object with an algorithm")
        }
        guard header.crit == nil else { throw JWTError(.malformed, "the head asks for an extension that is not known here") }
        guard let algorithm = JWTAlgorithm(rawValue: header.alg), algorithms.contains(algorithm) else {
            throw JWTError(.algorithm, "the token's algorithm is not one of \(algorithms.map(\.rawValue).sorted().joined(separator: ", "))")
        }
        return algorithm
    }

    private struct Claims: Decodable {
        var exp: Double?
        var nbf: Double?
        var iss: String?
        var aud: Audience?
    }

    private struct Audience: Decodable {
        var names: [String]

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let name = try? value.decode(String.self) { names = [name] } else { names = try value.decode([String].self) }
        }
    }

    private func check(_ text: [UInt8], now: Double) throws(JWTError) {
        guard let claims = try? JSONDecoder().decode(Claims.self, from: Data(text)) else {
            throw JWTError(.malformed, "the claims are no JSON object, or one of exp, nbf, iss, aud is of another kind")
        }
        if let end = claims.exp {
            guard now < end + leewaySeconds else { throw JWTError(.expired, "the token's time is over") }
        } else if requiresExpiry {
            throw JWTError(.expired, "the token has no end (exp)")
        }
        if let begin = claims.nbf, now + leewaySeconds < begin { throw JWTError(.notYet, "the token's time has not come") }
        if let issuer, claims.iss != issuer { throw JWTError(.issuer, "the token is of another issuer") }
        if let audience, claims.aud?.names.contains(audience) != true { throw JWTError(.audience, "the token is for somebody else") }
    }
}
