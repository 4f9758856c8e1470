import Bytes
import FoundationEssentials

/// What a platform says of a person, in an identity token and in the answer of `userinfo` (OpenID Connect Core, sections 2 and
/// 5.3.2). A member of another type than expected is as good as none: nobody is kept out because of a picture.
struct IdentityClaims: Decodable, Sendable {
    var iss: JSONMember?
    var sub: JSONMember?
    var aud: JSONMember?
    var picture: JSONMember?
    var preferred_username: JSONMember?

    /// Of an identity token. Its signature is not looked at: it comes straight from the platform, over the same connection as the
    /// access token (OpenID Connect Core, section 3.1.3.7). Nil: it cannot be read.
    init?(token: String) {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard token.utf8.count <= AuthLimits.tokenBytes, parts.count == 3, let claims = Base64.decode(Array(parts[1])),
            let read = try? JSONDecoder().decode(Self.self, from: Data(claims))
        else { return nil }
        self = read
    }

    /// - Throws: ``OAuthError`` `bad_reply` if it is of another platform, or for another service. What is not said is not compared.
    func check(for client: OAuthClient) throws(OAuthError) {
        if let iss, !client.issuers.isEmpty, !iss.texts.contains(where: client.issuers.contains) {
            throw OAuthError(.badReply, "the user's identity: it is of another issuer (iss)")
        }
        if let aud, !aud.texts.contains(client.id) {
            throw OAuthError(.badReply, "the user's identity: it is for another service (aud)")
        }
    }
}

/// A member of a JSON object that may be a text, a list of texts, or something else.
struct JSONMember: Decodable, Sendable {
    /// One text, those of a list, or none.
    let texts: [String]
    /// If it is one text.
    let text: String?

    init(from decoder: any Decoder) {
        let value = try? decoder.singleValueContainer()
        text = try? value?.decode(String.self)
        texts = text.map { [$0] } ?? (try? value?.decode([String].self)) ?? []
    }
}
