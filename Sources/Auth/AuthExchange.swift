/// Some requests and their answers that find out who somebody is. A value without a socket: it says what to send, and is told what came.
public protocol AuthExchange: Sendable {
    associatedtype Found: Sendable

    /// What came of the request.
    mutating func received(_ reply: OAuthReply) -> AuthAction<Found>
}

/// What an ``AuthExchange`` wants done.
public enum AuthAction<Found: Sendable>: Sendable {
    case send(OAuthRequest)
    case done(Found)
    case failed(OAuthError)
}
