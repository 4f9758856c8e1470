/// Who logged in, as the platform says.
public struct Identity: Sendable, Hashable {
    public var subject: String
    /// Address of a picture; only if it was asked for.
    public var picture: String?
    public var name: String?

    public init(subject: String, picture: String? = nil, name: String? = nil) {
        self.subject = subject
        self.picture = picture
        self.name = name
    }
}

/// From the code that a browser brings to who it is (RFC 6749, section 4.1.3, then `userinfo`). A value without a socket: it says
/// what to send, and is told what came.
///
///     begin(code) ─▸ send(token request) ─ reply ─▸ send(userinfo request) ─ reply ─▸ done(identity)
///                            └────────────────────────────┴──▸ failed(error): over, whatever else comes
public struct AuthorizationCodeFlow: AuthExchange {
    public typealias Action = AuthAction<Identity>

    private enum State {
        case new, exchanging, identifying, over
    }

    private let client: OAuthClient
    private var state = State.new
    /// Whom the identity token names, if there is one.
    private var subject: String?

    public init(_ client: OAuthClient) { self.client = client }

    /// Once, with what stood in the address.
    public mutating func begin(code: String) -> Action {
        guard state == .new else { return fail(OAuthError(.refused, "the code was used already")) }
        guard !code.isEmpty, code.utf8.count <= AuthLimits.codeBytes else {
            return fail(OAuthError(.refused, "a code has 1 to \(AuthLimits.codeBytes) bytes"))
        }
        state = .exchanging
        return .send(client.tokenRequest([
            ("code", Array(code.utf8)), ("grant_type", Array("authorization_code".utf8)), ("redirect_uri", Array(client.redirectURI.utf8)),
        ]))
    }

    /// What came of the request.
    public mutating func received(_ reply: OAuthReply) -> Action {
        do throws(OAuthError) {
            switch state {
            case .exchanging:
                let token = try AccessToken(reply)
                if let claims = token.identity {
                    try claims.check(for: client)
                    subject = claims.sub?.text
                }
                state = .identifying
                return .send(OAuthRequest(
                    method: "GET", url: client.userinfoURL,
                    headers: [("authorization", "Bearer \(token.text)"), ("content-type", "application/json"), ("accept", "application/json")],
                    body: nil))
            case .identifying:
                let identity = try identity(reply)
                state = .over
                return .done(identity)
            case .new, .over: throw OAuthError(.badReply, "an answer that nobody asked for")
            }
        } catch { return fail(error) }
    }

    private mutating func fail(_ error: OAuthError) -> Action {
        state = .over
        return .failed(error)
    }

    private func identity(_ reply: OAuthReply) throws(OAuthError) -> Identity {
        let info = try reply.read("the user's identity", as: IdentityClaims.self)
        guard let subject = info.sub?.text, !subject.isEmpty, subject.utf8.count <= AuthLimits.subjectBytes,
            subject.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw OAuthError(.badReply, "the user's identity: the answer has no subject (sub)") }
        try info.check(for: client)
        // An answer to another token must not be taken for one to ours (OpenID Connect Core, section 5.3.2).
        guard self.subject == nil || self.subject == subject else {
            throw OAuthError(.badReply, "the user's identity: it is of another person than the identity token")
        }
        return Identity(
            subject: subject, picture: Self.bounded(info.picture?.text, AuthLimits.pictureBytes),
            name: Self.bounded(info.preferred_username?.text, AuthLimits.nameBytes))
    }

    /// What is too long is left out: the login is worth more than a picture.
    private static func bounded(_ text: String?, _ bytesMax: Int) -> String? {
        text.flatMap { $0.isEmpty || $0.utf8.count > bytesMax || $0.unicodeScalars.contains { $0.value < 0x20 } ? nil : $0 }
    }
}

/// A token as the platform answers it (RFC 6749, section 5.1).
struct AccessToken: Sendable {
    private struct Reply: Decodable {
        var access_token: String?
        var expires_in: Double?
        var id_token: JSONMember?
    }

    let text: String
    /// Milliseconds it is good for; nil: the platform does not say.
    let lifetime: Int64?
    /// What the identity token beside it says; nil: there is none that can be read.
    let identity: IdentityClaims?

    init(_ reply: OAuthReply) throws(OAuthError) {
        let read = try reply.read("the token", as: Reply.self)
        // It becomes a header: visible characters only (RFC 6750, section 2.1).
        guard let token = read.access_token, !token.isEmpty, token.utf8.count <= AuthLimits.tokenBytes,
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw OAuthError(.badReply, "the token: the answer has no access_token") }
        text = token
        lifetime = read.expires_in.flatMap { $0.isFinite && $0 >= 0 ? Int64(min($0, 1e9) * 1_000) : nil }
        identity = read.id_token?.text.flatMap { IdentityClaims(token: $0) }
    }
}
