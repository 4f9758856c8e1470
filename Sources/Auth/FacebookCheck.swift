import FoundationEssentials

/// A user of an app at Facebook, as the Graph API says.
public struct FacebookUser: Sendable, Equatable {
    public var id: String
    /// JSON text of an object with `id`, and `name`, `email`, `picture` as far as the user lets the app see them; nil: it could not be had.
    public var profile: [UInt8]?
    /// Why there is no profile, for the log.
    public var problem: String?
}

/// From the token that a client brings to the user whose it is. A value without a socket: it says what to send, and is told what came.
///
///     begin(token, user) ─▸ send(debug_token) ─ reply ─▸ send(me) ─ reply ─▸ done(user)
///                                   └──────────────────────┴──▸ failed(error): over, whatever else comes
///
/// The token must be a valid one of this app, and of the user that the client says it is; a profile is welcome but not necessary, because the
/// user may let the app see nothing.
public struct FacebookCheck: AuthExchange {
    public typealias Action = AuthAction<FacebookUser>

    private enum State {
        case new, checking, asking, over
    }

    private let app: FacebookApp
    /// Milliseconds since 1970.
    private let now: Int64
    private var state = State.new
    private var token = ""
    /// Nil: whoever it is.
    private var wanted: String?
    private var user = ""

    /// - Parameter now: Milliseconds since 1970.
    public init(_ app: FacebookApp, now: Int64) {
        self.app = app
        self.now = now
    }

    /// Once.
    ///
    /// - Parameter user: Whose the token must be; nil: whoever it is.
    public mutating func begin(token: String, user: String?) -> Action {
        guard state == .new else { return fail(OAuthError(.refused, "this was asked already")) }
        guard (1...AuthLimits.facebookTokenBytes).contains(token.utf8.count) else {
            return fail(OAuthError(.refused, "a token has 1 to \(AuthLimits.facebookTokenBytes) bytes"))
        }
        guard user?.isEmpty != true else { return fail(OAuthError(.refused, "there is no id of a user")) }
        self.token = token
        wanted = user
        state = .checking
        return .send(app.checkRequest(token))
    }

    /// What came of the request.
    public mutating func received(_ reply: OAuthReply) -> Action {
        do throws(OAuthError) {
            switch state {
            case .checking:
                user = try check(reply)
                state = .asking
                return .send(app.profileRequest(token))
            case .asking:
                let found = try profile(reply)
                state = .over
                return .done(found)
            case .new, .over: throw OAuthError(.badReply, "an answer that nobody asked for")
            }
        } catch { return fail(error) }
    }

    private mutating func fail(_ error: OAuthError) -> Action {
        state = .over
        return .failed(error)
    }

    private struct Checked: Decodable {
        struct Token: Decodable {
            var app_id: String?
            var user_id: String?
            var is_valid: Bool?
            /// Seconds since 1970; 0: for good.
            var expires_at: Double?
        }
        var data: Token
    }

    /// The user whose the token is.
    private func check(_ reply: OAuthReply) throws(OAuthError) -> String {
        let found = try Self.read(reply, "the token", as: Checked.self).data
        guard found.is_valid == true else { throw OAuthError(.refused, "the token: it is not valid") }
        guard found.app_id == app.id else { throw OAuthError(.refused, "the token: it is another app's") }
        guard let user = found.user_id, (1...AuthLimits.subjectBytes).contains(user.utf8.count), user.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw OAuthError(.badReply, "the token: the answer has no user_id") }
        if let wanted, wanted != user { throw OAuthError(.refused, "the token: it is another user's") }
        guard let end = found.expires_at, end == 0 || end * 1_000 > Double(now) else { throw OAuthError(.refused, "the token: its time is over") }
        return user
    }

    private struct Profile: Decodable {
        var id: String
    }

    private func profile(_ reply: OAuthReply) throws(OAuthError) -> FacebookUser {
        let found: Profile
        do throws(OAuthError) { found = try Self.read(reply, "the profile", as: Profile.self) } catch {
            return FacebookUser(id: user, profile: nil, problem: error.detail)
        }
        guard found.id == user else { throw OAuthError(.refused, "the profile: it is another user's") }
        guard case .answer(_, let body) = reply else { throw OAuthError(.badReply, "the profile: there is no answer") }
        return FacebookUser(id: user, profile: body)
    }

    // MARK: Answers

    private struct Trouble: Decodable {
        struct Details: Decodable {
            var code: Int?
        }
        var error: Details
    }

    /// As every answer, but with the number that Facebook gives its refusals.
    private static func read<Value: Decodable>(_ reply: OAuthReply, _ asked: String, as type: Value.Type) throws(OAuthError) -> Value {
        do throws(OAuthError) { return try reply.read(asked, as: type) } catch {
            guard case .answer(_, let body) = reply, body.count <= AuthLimits.answerBytes,
                let code = (try? JSONDecoder().decode(Trouble.self, from: Data(body)))?.error.code
            else { throw error }
            throw OAuthError(error.code, error.detail + ", error \(code)")
        }
    }
}
