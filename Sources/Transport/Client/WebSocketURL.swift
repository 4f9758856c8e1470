/// A `ws://` or `wss://` address (RFC 6455, section 3).
public struct WebSocketURL: Sendable, Equatable, CustomStringConvertible {
    /// TLS is used (`wss`).
    public var isSecure: Bool
    /// Name or address; an IPv6 address without its brackets.
    public var host: String
    /// 1…65535; 80 or 443 if the text named none.
    public var port: Int
    /// Path and query as they go into the request, percent-encoded; starts with `/`.
    public var target: String

    /// Bytes of the whole text: what servers accept as a request target, and a host.
    static let bytesMax = 8 * 1024

    /// - Throws: `WebSocketClientError` with the code `invalid_url`. Not accepted are user names and passwords in the
    ///   text (they end up in logs), fragments (section 3 forbids them), and characters that must be percent-encoded.
    public init(_ text: String) throws(WebSocketClientError) {
        func refused(_ why: String) -> WebSocketClientError { WebSocketClientError(.invalidURL, why) }
        guard text.utf8.count <= Self.bytesMax else { throw refused("longer than \(Self.bytesMax) bytes") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refused("blanks, control characters and characters outside of ASCII must be percent-encoded")
        }
        guard let scheme = Self.scheme(of: text) else { throw refused("must start with ws:// or wss://") }
        isSecure = scheme.isSecure
        guard !scheme.rest.contains("#") else { throw refused("must have no fragment (#)") }
        let end = scheme.rest.firstIndex { $0 == "/" || $0 == "?" } ?? scheme.rest.endIndex
        let authority = scheme.rest[..<end]
        guard !authority.contains("@") else { throw refused("must have no user name") }
        let rest = scheme.rest[end...]
        target = rest.first == "/" ? String(rest) : "/" + rest
        let (host, portText) = try Self.split(authority)
        guard !host.isEmpty else { throw refused("has no host") }
        let isAddress = authority.first == "["
        guard host.utf8.allSatisfy({ isAddress ? Self.isInAddress($0) : Self.isInName($0) }) else {
            throw refused("the host has a character that no host has")
        }
        self.host = String(host)
        if let portText, !portText.isEmpty {
            guard portText.allSatisfy(\.isNumber), let port = Int(portText), (1...65_535).contains(port) else {
                throw refused("the port must be 1…65535")
            }
            self.port = port
        } else {
            port = isSecure ? 443 : 80
        }
    }

    private static func scheme(of text: String) -> (isSecure: Bool, rest: Substring)? {
        let lower = text.prefix(6).lowercased()
        if lower.hasPrefix("ws://") { return (false, text.dropFirst(5)) }
        if lower == "wss://" { return (true, text.dropFirst(6)) }
        return nil
    }

    /// Host and port of `host:port` or `[address]:port`.
    private static func split(_ authority: Substring) throws(WebSocketClientError) -> (Substring, Substring?) {
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else {
                throw WebSocketClientError(.invalidURL, "the bracket of the address is not closed")
            }
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.first == ":" else {
                throw WebSocketClientError(.invalidURL, "only a port may follow the address")
            }
            return (authority[authority.index(after: authority.startIndex)..<close], after.isEmpty ? nil : after.dropFirst())
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        let port = authority[authority.index(after: colon)...]
        guard !port.contains(":") else {
            throw WebSocketClientError(.invalidURL, "an IPv6 address must be in brackets")
        }
        return (authority[..<colon], port)
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._".utf8.contains(byte)
        }
    }

    private static func isInAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x46, 0x61...0x66: true
        default: byte == UInt8(ascii: ".")
        }
    }

    /// Value of the `Host` header: the port only if it is not the scheme's own (RFC 9110, section 7.2).
    var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    public var description: String { "\(isSecure ? "wss" : "ws")://\(hostHeader)\(target)" }
}
