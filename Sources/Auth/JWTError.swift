/// Why a token was refused, or could not be made. The codes are stable; they may reach scripts.
public struct JWTError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// There is no token.
        case missing
        /// It has not the form of one (RFC 7519, section 7.2).
        case malformed
        /// It names an algorithm that is not among those asked for, `none` for instance.
        case algorithm
        /// The signature is of another key, or of another text.
        case signature
        /// `exp` has passed, or is missing where one is required.
        case expired
        /// `nbf` has not come.
        case notYet = "not_yet"
        case issuer
        case audience
        /// The key cannot be used.
        case noSecret = "no_secret"
    }

    public let code: Code
    /// For the log. Holds nothing of the token and nothing of the key.
    public let detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
