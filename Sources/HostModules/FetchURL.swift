/// Checks the URL of a request before any client sees it (RFC 3986, as far as HTTP uses it): what is accepted here means the
/// same host and port to everybody.
enum FetchURL {
    /// As long as servers accept.
    private static let bytesMax = 8_192
    /// A name in the DNS (RFC 1035, section 2.3.4).
    private static let hostBytesMax = 253

    struct Problem: Error {
        /// For the author of the script.
        var detail: String
    }

    /// - Parameter bytes: nil: no string was given.
    static func read(_ bytes: UnsafeRawBufferPointer?) -> Result<String, Problem> {
        guard let bytes, bytes.count <= bytesMax else { return .failure(Problem(detail: "a URL has at most \(bytesMax) bytes")) }
        if let place = bytes.firstIndex(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            return .failure(Problem(detail: "byte \(place + 1) of the URL is no printable ASCII; encode it as %XX"))
        }
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(Problem) { try check(text) } catch { return .failure(error) }
        return .success(text)
    }

    private static func check(_ text: String) throws(Problem) {
        let lower = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
            throw Problem(detail: "a URL begins with http:// or https://")
        }
        let authority = text.utf8.dropFirst(scheme.utf8.count).prefix { !"/?#".utf8.contains($0) }
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw Problem(detail: "a URL has no user and password; use an `authorization` header")
        }
        let host: Substring.UTF8View
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { throw Problem(detail: "the URL's host lacks a ]") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            guard host.contains(UInt8(ascii: ":")), host.allSatisfy({ isHex($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
            else { throw Problem(detail: "what is in [ ] is no IPv6 address") }
            try checkPort(authority[authority.index(after: end)...])
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            guard host.allSatisfy(isNameByte) else { throw Problem(detail: "the URL's host has letters, digits, - . and _ only") }
            try checkPort(authority[host.endIndex...])
        }
        guard (1...hostBytesMax).contains(host.count) else {
            throw Problem(detail: "the URL's host has 1 to \(hostBytesMax) bytes")
        }
    }

    /// - Parameter text: what follows the host: nothing, or a colon and the port.
    private static func checkPort(_ text: Substring.UTF8View) throws(Problem) {
        guard let first = text.first else { return }
        let digits = text.dropFirst()
        guard first == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65_535).contains(port)
        else { throw Problem(detail: "the URL's port is a number from 1 to 65535") }
    }

    private static func isHex(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._".utf8.contains(byte)
    }
}
