/// Why a platform's login or token did not come. The codes are stable; they may reach scripts.
public struct OAuthError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The platform does not take the code, the client or the token.
        case refused
        /// No answer, or one that says that it cannot answer now.
        case unreachable
        /// The answer is not what OAuth says it is.
        case badReply = "bad_reply"
        /// The client's secret is not configured.
        case noSecret = "no_secret"
    }

    public let code: Code
    /// For the log. Holds no code, no token, no secret, and nothing of the answer's text.
    public let detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
