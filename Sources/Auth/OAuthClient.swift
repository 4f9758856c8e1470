import FoundationEssentials

/// A service as a platform knows it, and where that platform answers (RFC 6749; OpenID Connect for `userinfo`).
public struct OAuthClient: Sendable, CustomStringConvertible, CustomReflectable {
    public var id: String
    /// Bytes of the secret's text.
    let secret: [UInt8]
    public var tokenURL: String
    public var userinfoURL: String
    /// Where the platform sends the browser; the same as in the address that the browser was given.
    public var redirectURI: String
    /// How the platform calls itself in what it says of people (`iss`); empty: it is not asked.
    public var issuers: [String]

    public init(id: String, secret: [UInt8], tokenURL: String, userinfoURL: String = "", redirectURI: String = "", issuers: [String] = []) {
        self.id = id
        self.secret = secret
        self.tokenURL = tokenURL
        self.userinfoURL = userinfoURL
        self.redirectURI = redirectURI
        self.issuers = issuers
    }

    public var description: String { "<client \(id)>" }
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }

    func tokenRequest(_ fields: [(String, [UInt8])]) -> OAuthRequest {
        let all = [("client_id", Array(id.utf8)), ("client_secret", secret)] + fields
        return OAuthRequest(
            method: "POST", url: tokenURL,
            headers: [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")], body: FormText.text(all))
    }
}

/// A request that somebody with a socket is to make. Describes itself without what is secret in it.
public struct OAuthRequest: Sendable, CustomStringConvertible, CustomReflectable {
    public let method: String
    public let url: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]?

    init(method: String, url: String, headers: [(String, String)], body: [UInt8]?) {
        self.method = method
        self.url = url
        self.headers = headers.map { (name: $0.0, value: $0.1) }
        self.body = body
    }

    /// Without the query, in which some services want their secrets.
    public var description: String { "\(method) \(url.prefix { $0 != "?" })" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What came of such a request.
public enum OAuthReply: Sendable {
    case answer(status: Int, body: [UInt8])
    /// For the log: what became of the connection.
    case failure(String)

    /// The JSON of a good answer.
    ///
    /// - Parameter asked: For whom, as a word for the log: "the token".
    func read<Value: Decodable>(_ asked: String, as type: Value.Type) throws(OAuthError) -> Value {
        switch self {
        case .failure(let detail): throw OAuthError(.unreachable, "\(asked): \(detail)")
        case .answer(let status, _) where status >= 500 || status == 429:
            throw OAuthError(.unreachable, "\(asked): the platform answers with status \(status)")
        case .answer(let status, _) where (400..<500).contains(status):
            throw OAuthError(.refused, "\(asked): the platform answers with status \(status)")
        case .answer(let status, let body):
            guard status == 200 else { throw OAuthError(.badReply, "\(asked): the platform answers with status \(status)") }
            guard body.count <= AuthLimits.answerBytes, let value = try? JSONDecoder().decode(type, from: Data(body)) else {
                throw OAuthError(.badReply, "\(asked): the answer is not the JSON object that was expected")
            }
            return value
        }
    }
}

/// `application/x-www-form-urlencoded`.
enum FormText {
    static func text(_ fields: [(String, [UInt8])]) -> [UInt8] {
        var text: [UInt8] = []
        for (name, value) in fields {
            if !text.isEmpty { text.append(UInt8(ascii: "&")) }
            text += escaped(Array(name.utf8)) + [UInt8(ascii: "=")] + escaped(value)
        }
        return text
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            if (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._~".utf8.contains(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return text
    }
}
