import Bytes
import Crypto
import FoundationEssentials

/// An app at Facebook, and where its Graph API answers: what to ask it, and what it has signed. A value; any thread.
public struct FacebookApp: Sendable, CustomStringConvertible, CustomReflectable {
    public var id: String
    /// Bytes of the secret's text.
    let secret: [UInt8]
    /// Without a slash at its end.
    public var graphURL: String

    public init(id: String, secret: [UInt8], graphURL: String) {
        self.id = id
        self.secret = secret
        self.graphURL = graphURL
    }

    public var description: String { "<app \(id)>" }
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }

    // MARK: Questions

    /// Whose is a token, and of which app?
    func checkRequest(_ token: String) -> OAuthRequest {
        get("debug_token", [("input_token", Array(token.utf8)), ("access_token", Array("\(id)|".utf8) + secret)])
    }

    /// Who is it? With a proof that the one who asks has the app's secret.
    func profileRequest(_ token: String) -> OAuthRequest {
        var proof: [UInt8] = []
        HMAC<SHA256>.authenticationCode(for: Array(token.utf8), using: SymmetricKey(data: secret)).withUnsafeBytes { proof.append(hex: $0) }
        return get("me", [
            ("fields", Array("id,name,email,picture".utf8)), ("access_token", Array(token.utf8)), ("appsecret_proof", proof),
        ])
    }

    private func get(_ path: String, _ query: [(String, [UInt8])]) -> OAuthRequest {
        OAuthRequest(
            method: "GET", url: "\(graphURL)/\(path)?" + String(decoding: FormText.text(query), as: UTF8.self),
            headers: [("accept", "application/json")], body: nil)
    }

    // MARK: Signed requests

    private struct Head: Decodable {
        var algorithm: String?
        /// Seconds since 1970; 0: for good.
        var expires: Double?
    }

    /// Checks a signed request, as Facebook posts it to an app's page: `<signature>.<payload>`, both base64url. Nothing of the payload is
    /// read before the signature has been found right.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Returns: The payload, JSON text of an object.
    public func payload(ofSignedRequest text: some Collection<UInt8>, now: Int64) throws(JWTError) -> [UInt8] {
        guard !text.isEmpty else { throw JWTError(.missing, "there is no signed request") }
        guard text.count <= AuthLimits.tokenBytes else {
            throw JWTError(.malformed, "a signed request has at most \(AuthLimits.tokenBytes) bytes")
        }
        let parts = Array(text).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, let signature = Base64.decodeURL(parts[0]) else {
            throw JWTError(.malformed, "a signed request is a signature and a payload")
        }
        let expected = Array(HMAC<SHA256>.authenticationCode(for: Array(parts[1]), using: SymmetricKey(data: secret)))
        guard ConstantTime.equal(signature, expected) else { throw JWTError(.signature, "the signature is not of this app") }
        guard let payload = Base64.decodeURL(parts[1]), let head = try? JSONDecoder().decode(Head.self, from: Data(payload)) else {
            throw JWTError(.malformed, "the payload is no JSON object, or its times are none")
        }
        guard head.algorithm?.uppercased() == "HMAC-SHA256" else { throw JWTError(.algorithm, "the signature's algorithm is not HMAC-SHA256") }
        if let end = head.expires, end != 0, end * 1_000 <= Double(now) { throw JWTError(.expired, "the request's time is over") }
        return payload
    }
}
