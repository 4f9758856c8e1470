import NIOHTTP1

/// A request's head: its first line, and what the transport needs to know of its header fields.
struct RequestHead: ~Copyable {
    var method = HTTPMethod.GET
    /// HTTP/1.0; else 1.1.
    var isOld = false
    /// The target's path as it was sent, without the query.
    var path = ""
    var query: String?
    /// The host of a target in absolute form.
    var authority: String?
    var fields = RequestFields()

    var contentLength: Int?
    var isChunked = false
    var expectsContinue = false
    /// It asks for any upgrade; no request can follow.
    var hasUpgrade = false
    var wantsWebSocket = false
    /// The connection may go on after the answer.
    var isKeepAlive = true
    /// Nil: HTTP/1.0 without one.
    var host: FieldSlice?
    var origin: FieldSlice?
    /// What a browser says about who made the request (Fetch Metadata): `same-origin`, `same-site`, `cross-site`, `none`.
    var fetchSite: FieldSlice?

    var hasBody: Bool { isChunked || contentLength ?? 0 > 0 }

    /// No page of another site made a request that may change something. A browser lets any page post text and forms
    /// anywhere without asking the server first, so the answer's being unreadable to it does not help.
    var isFromHere: Bool {
        switch method {
        case .GET, .HEAD, .OPTIONS: return true
        default: break
        }
        if let fetchSite {
            let site = fields[fetchSite]
            return site == "same-origin" || site == "none"
        }
        return Handshake.isAllowed(origin.map { fields[$0] }, host: host.map { fields[$0] } ?? "", .sameOrNone)
    }
}

extension RequestHead {
    /// Takes a request target in origin or absolute form (RFC 9112, section 3.2).
    mutating func setTarget(_ target: UnsafeRawBufferPointer) throws(RequestRefusal) {
        var isPlain = true
        for byte in target {
            // No blanks, no control characters; a fragment never leaves the client.
            guard byte > 0x20, byte != 0x7F, byte != UInt8(ascii: "#") else { throw Self.badTarget }
            if byte >= 0x80 { isPlain = false }
        }
        // Not repaired: what is routed must be what was sent.
        if !isPlain, String(validating: target, as: UTF8.self) == nil { throw Self.badTarget }
        guard target.first != UInt8(ascii: "/") else { return setPath(target) }
        if target.count == 1, target[0] == UInt8(ascii: "*") {
            path = "*"
            return
        }
        guard let scheme = Self.schemeEnd(target) else { throw Self.badTarget }
        let rest = UnsafeRawBufferPointer(rebasing: target[scheme...])
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.count
        guard end > 0 else { throw Self.badTarget }
        authority = String(decoding: rest[..<end], as: UTF8.self)
        setPath(UnsafeRawBufferPointer(rebasing: rest[end...]))
        if path.isEmpty { path = "/" }
    }

    private static let badTarget = RequestRefusal.malformed("Unusable request target.")

    private mutating func setPath(_ target: UnsafeRawBufferPointer) {
        guard let mark = ByteSearch.index(of: UInt8(ascii: "?"), in: target, from: 0) else {
            path = String(decoding: target, as: UTF8.self)
            return
        }
        path = String(decoding: target[..<mark], as: UTF8.self)
        query = String(decoding: target[(mark + 1)...], as: UTF8.self)
    }

    /// Where the authority begins, behind a scheme and `://` (RFC 3986, section 3.1).
    private static func schemeEnd(_ target: UnsafeRawBufferPointer) -> Int? {
        guard let colon = ByteSearch.index(of: UInt8(ascii: ":"), in: target, from: 0), colon > 0, target.count >= colon + 3,
            target[colon + 1] == UInt8(ascii: "/"), target[colon + 2] == UInt8(ascii: "/")
        else { return nil }
        for (index, byte) in target[..<colon].enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                if index == 0 { return nil }
            default: return nil
            }
        }
        return colon + 3
    }
}

extension HTTPMethod {
    /// Nil: nobody here knows it.
    init?(_ name: UnsafeRawBufferPointer) {
        if name.count == 3, name[0] == UInt8(ascii: "G"), name[1] == UInt8(ascii: "E"), name[2] == UInt8(ascii: "T") {
            self = .GET
            return
        }
        self.init(rawValue: String(decoding: name, as: UTF8.self))
        if case .RAW = self { return nil }
    }
}
