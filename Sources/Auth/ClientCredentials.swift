/// The token of the service itself (RFC 6749, section 4.4), kept as long as it is good. A value without a socket: several who ask
/// while a request is under way share what comes of it.
public struct ClientCredentials: Sendable {
    public enum Answer: Sendable {
        /// Use this one.
        case token(String)
        /// Make this request, and tell `received`.
        case send(OAuthRequest)
        /// A request is under way: wait for what comes of it.
        case wait
        /// It failed just now.
        case failed(OAuthError)
    }

    private enum State {
        case none
        case asking
        case held(String, until: Int64)
        case failed(OAuthError, until: Int64)
    }

    private var state = State.none

    public init() {}

    /// - Parameters:
    ///   - now: Milliseconds since 1970.
    ///   - renewing: What is held is of no use any more: the platform has refused it.
    public mutating func ask(_ client: OAuthClient, now: Int64, renewing: Bool = false) -> Answer {
        switch state {
        case .asking: return .wait
        case .held(let token, let until) where now < until && !renewing: return .token(token)
        case .failed(let error, let until) where now < until: return .failed(error)
        case .none, .held, .failed:
            state = .asking
            return .send(client.tokenRequest([("grant_type", Array("client_credentials".utf8))]))
        }
    }

    /// What came of the request. All who wait get this.
    public mutating func received(_ reply: OAuthReply, now: Int64) -> Result<String, OAuthError> {
        do throws(OAuthError) {
            let token = try AccessToken(reply)
            let lifetime = min(token.lifetime ?? 0, AuthLimits.accessTokenMax)
            // One that is nearly over serves those who wait, and nobody after them.
            state = lifetime > AuthLimits.renewalMargin ? .held(token.text, until: now + lifetime - AuthLimits.renewalMargin) : .none
            return .success(token.text)
        } catch {
            state = .failed(error, until: now + AuthLimits.failurePause)
            return .failure(error)
        }
    }
}
