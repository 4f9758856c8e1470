import Bytes

/// Makes tokens (RFC 7515, section 7.1). A value; any thread.
public struct JWTSigner: Sendable {
    public var algorithm: JWTAlgorithm

    public init(_ algorithm: JWTAlgorithm = .hs256) { self.algorithm = algorithm }

    /// - Parameter claims: JSON text of an object, at most `AuthLimits.claimsBytes`; taken as it is.
    /// - Returns: The token's text.
    /// - Throws: ``JWTError`` `malformed` if the claims are too long, `algorithm` if it is none for shared secrets.
    public func token(claims: [UInt8], key: JWTKey) throws(JWTError) -> String {
        guard claims.count <= AuthLimits.claimsBytes else {
            throw JWTError(.malformed, "claims have at most \(AuthLimits.claimsBytes) bytes as JSON")
        }
        var text = Base64.encode(Array(#"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#.utf8), url: true)
        text.append(UInt8(ascii: "."))
        text += Base64.encode(claims, url: true)
        let signature = try key.signature(of: text, algorithm)
        text.append(UInt8(ascii: "."))
        text += Base64.encode(signature, url: true)
        return String(decoding: text, as: UTF8.self)
    }
}
