import NIOHTTP1

/// What the transport needs to know of a request head, found in one pass over its headers.
struct HeadSummary {
    /// Why a request is refused before its route is looked up.
    struct Refusal: Error {
        var status: Int
        var code: String
        var message: String
    }

    var path: String
    var query: String?
    var contentLength: Int?
    var isChunked = false
    var expectsContinue = false
    /// It asks for any upgrade; the decoder stops after such a request.
    var hasUpgrade = false
    var wantsWebSocket = false
    var origin: String?
    /// What a browser says about who made the request (Fetch Metadata): `same-origin`, `same-site`, `cross-site`, `none`.
    var fetchSite: String?
    /// Empty: HTTP/1.0 without one.
    var host = ""
    /// The host of a target in absolute form.
    var authority: String?

    var hasBody: Bool { isChunked || contentLength ?? 0 > 0 }

    init(_ head: HTTPRequestHead, limits: TransportLimits) throws(Refusal) {
        (path, query, authority) = try Self.target(head.uri, limits: limits)
        var hosts = 0
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where HeaderName.matches(name, "host"):
                hosts += 1
                host = value
            case 6 where HeaderName.matches(name, "expect"):
                guard HeaderName.matches(value, "100-continue") else {
                    throw Refusal(status: 417, code: "expectation_failed", message: "Only 100-continue can be expected.")
                }
                expectsContinue = true
            case 6 where HeaderName.matches(name, "origin"): origin = value
            case 7 where HeaderName.matches(name, "upgrade"):
                hasUpgrade = true
                if HeaderName.list(value, has: "websocket") { wantsWebSocket = true }
            case 14 where HeaderName.matches(name, "content-length"):
                guard contentLength == nil, let length = Int(value), length >= 0 else {
                    throw Refusal(status: 400, code: "bad_request", message: "Unusable Content-Length.")
                }
                contentLength = length
            case 14 where HeaderName.matches(name, "sec-fetch-site"): fetchSite = value
            case 17 where HeaderName.matches(name, "transfer-encoding"):
                guard !isChunked, HeaderName.matches(value, "chunked") else {
                    throw Refusal(status: 501, code: "not_implemented", message: "Only chunked transfer encoding is known.")
                }
                isChunked = true
            default: break
            }
        }
        if isChunked, contentLength != nil || head.version.minor == 0 {
            throw Refusal(status: 400, code: "bad_request", message: "Ambiguous body length.")
        }
        // RFC 9112, section 3.2.
        if hosts > 1 || (hosts == 0 && head.version.minor >= 1) {
            throw Refusal(status: 400, code: "bad_request", message: "Exactly one Host header is required.")
        }
        guard HostPolicy.isWellFormed(host), authority.map(HostPolicy.isWellFormed) ?? true else {
            throw Refusal(status: 400, code: "bad_request", message: "The Host header is malformed.")
        }
    }

    /// Path, query and host of a request target in origin or absolute form (RFC 9112, section 3.2).
    private static func target(_ uri: String, limits: TransportLimits) throws(Refusal) -> (String, String?, String?) {
        if uri.utf8.count > limits.requestTargetBytesMax {
            throw Refusal(status: 414, code: "target_too_long", message: "The request target is too long.")
        }
        var rest = Substring(uri)
        var authority: String?
        if rest.utf8.first != UInt8(ascii: "/") {
            if rest == "*" { return ("*", nil, nil) }
            guard let scheme = rest.range(ofASCII: "://") else {
                throw Refusal(status: 400, code: "bad_request", message: "Unusable request target.")
            }
            rest = rest[scheme.upperBound...]
            let slash = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = String(rest[..<slash])
            rest = rest[slash...]
            if rest.isEmpty { return ("/", nil, authority) }
            if rest.utf8.first == UInt8(ascii: "?") { return ("/", String(rest.dropFirst()), authority) }
        }
        guard let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            return (rest.startIndex == uri.startIndex ? uri : String(rest), nil, authority)
        }
        return (String(rest[..<mark]), String(rest[rest.utf8.index(after: mark)...]), authority)
    }
}

extension HeadSummary {
    /// Whether no page of another site made a request that may change something. A browser lets any page post text and forms
    /// anywhere without asking the server first, so the answer's being unreadable to it does not help.
    func isFromHere(_ method: HTTPMethod) -> Bool {
        if method == .GET || method == .HEAD || method == .OPTIONS { return true }
        if let fetchSite { return fetchSite == "same-origin" || fetchSite == "none" }
        return Handshake.isAllowed(origin, host: host, .sameOrNone)
    }
}

extension Substring {
    fileprivate func range(ofASCII text: StaticString) -> Range<Index>? {
        let wanted = text.withUTF8Buffer { Array($0) }
        var start = startIndex
        while start < endIndex {
            if utf8[start...].starts(with: wanted) {
                return start..<utf8.index(start, offsetBy: wanted.count)
            }
            start = utf8.index(after: start)
        }
        return nil
    }
}
