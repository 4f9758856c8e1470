import Bytes

/// What a program that logs somebody in sends the browser to (RFC 6749, section 4.1.1).
public enum LoginAddress {
    /// A value that names one login, 32 hexadecimal digits of the system's generator: whoever knows it gets the login.
    public static func newState() -> String {
        var generator = SystemRandomNumberGenerator()
        return hex((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    static func hex(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [Hex.digit($0 >> 4), Hex.digit($0)] }, as: UTF8.self)
    }

    /// The address, with the parameters in this order. `redirectURI` is written as it is, as Twitch takes it.
    ///
    /// - Parameter claims: Percent-encoded JSON of the claims asked for; nil: none.
    public static func text(authorizeURL: String, clientID: String, state: String, redirectURI: String, claims: String? = nil) -> String {
        authorizeURL + "?response_type=code&client_id=\(clientID)&state=\(state)&redirect_uri=\(redirectURI)&scope=openid&"
            + (claims.map { "claims=\($0)" } ?? "")
    }
}
