import NIOHTTP1

/// Decodes request heads line by line. A head that is not complete stays in the input; how far it was looked at is remembered,
/// so that one that drips in is not looked at again and again.
struct HeadDecoder {
    private let targetBytesMax: Int
    private let fieldBytesMax: Int
    private let fieldsMax: Int

    /// The request line of a head that is not complete is known.
    var hasRequestLine: Bool { lineStart > 0 }

    // Places from the head's first byte on.
    /// Where the line that is looked at begins; 0: the request line.
    private var lineStart = 0
    private var fieldsStart = 0
    /// No line ends before that.
    private var searched = 0
    private var fields = 0
    private var hosts = 0
    /// The field `connection` has said so.
    private var asksForClose = false
    private var asksForKeepAlive = false

    /// What a request line has beside its target at most: the longest method, two blanks, the version.
    private static let lineOverheadBytesMax = 32

    init(_ limits: TransportLimits) {
        targetBytesMax = limits.requestTargetBytesMax
        fieldBytesMax = limits.headerBytesMax
        fieldsMax = limits.headerFieldsMax
    }

    /// Decodes into `head`, which is valid if the head is complete.
    /// - Returns: Whether it is.
    mutating func decode(_ input: inout RequestInput, into head: inout RequestHead, memory: inout FieldMemory) throws(RequestRefusal) -> Bool {
        if searched == 0 {
            guard try begin(&input) else { return false }
        }
        let bytes = UnsafeRawBufferPointer(rebasing: input.bytes[input.offset...])
        while let end = ByteSearch.index(of: 0x0A, in: bytes, from: max(searched, lineStart)) {
            guard end > lineStart, bytes[end - 1] == 0x0D else { throw .malformed }
            let line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<(end - 1)])
            if lineStart == 0 {
                guard end <= targetBytesMax + Self.lineOverheadBytesMax else { throw Self.targetTooLong }
                head = RequestHead()
                try requestLine(line, &head)
                fieldsStart = end + 1
            } else if line.isEmpty {
                try finish(&head)
                head.fields = memory.hold(UnsafeRawBufferPointer(rebasing: bytes[fieldsStart..<lineStart]))
                input.offset += end + 1
                startOver()
                return true
            } else {
                fields += 1
                guard fields <= fieldsMax, end + 1 - fieldsStart <= fieldBytesMax else { throw Self.headersTooLarge }
                try field(line, at: lineStart - fieldsStart, &head)
            }
            lineStart = end + 1
        }
        searched = bytes.count
        if lineStart == 0 {
            guard bytes.count <= targetBytesMax + Self.lineOverheadBytesMax else { throw Self.targetTooLong }
        } else {
            // One more: it may be the end of the last line.
            guard bytes.count - fieldsStart <= fieldBytesMax + 1 else { throw Self.headersTooLarge }
        }
        return false
    }

    /// Skips empty lines before a request, which some clients send behind a body (RFC 9112, section 2.2), and looks whether
    /// this can be a request at all: who speaks TLS to us should not wait for an answer.
    /// - Returns: Whether one has begun.
    private func begin(_ input: inout RequestInput) throws(RequestRefusal) -> Bool {
        while input.remaining > 0 {
            let first = input.bytes[input.offset]
            guard first == 0x0D else {
                guard HeaderName.isTokenByte(first) else { throw .malformed }
                return true
            }
            guard input.remaining > 1 else { return false }
            guard input.bytes[input.offset + 1] == 0x0A else { throw .malformed }
            input.offset += 2
        }
        return false
    }

    private mutating func startOver() {
        lineStart = 0
        fieldsStart = 0
        searched = 0
        fields = 0
        hosts = 0
        asksForClose = false
        asksForKeepAlive = false
    }

    private static let targetTooLong = RequestRefusal(status: 414, code: "target_too_long", message: "The request target is too long.")
    private static let headersTooLarge = RequestRefusal(
        status: 431, code: "headers_too_large", message: "The request's header fields are too large.")

    // MARK: Lines

    /// Method, blank, target, blank, version.
    private func requestLine(_ line: UnsafeRawBufferPointer, _ head: inout RequestHead) throws(RequestRefusal) {
        guard let blank = ByteSearch.index(of: 0x20, in: line, from: 0), HeaderName.isToken(UnsafeRawBufferPointer(rebasing: line[..<blank]))
        else { throw .malformed }
        let version = line.count - 8
        guard version > blank + 2, line[version - 1] == 0x20,
            line[version] == UInt8(ascii: "H"), line[version + 1] == UInt8(ascii: "T"), line[version + 2] == UInt8(ascii: "T"),
            line[version + 3] == UInt8(ascii: "P"), line[version + 4] == UInt8(ascii: "/"), Self.isDigit(line[version + 5]),
            line[version + 6] == UInt8(ascii: "."), Self.isDigit(line[version + 7])
        else { throw .malformed }
        guard line[version + 5] == UInt8(ascii: "1"), line[version + 7] <= UInt8(ascii: "1") else {
            throw RequestRefusal(status: 505, code: "unsupported_version", message: "Only HTTP/1.0 and HTTP/1.1 are spoken.")
        }
        head.isOld = line[version + 7] == UInt8(ascii: "0")
        guard let method = HTTPMethod(UnsafeRawBufferPointer(rebasing: line[..<blank])) else {
            throw RequestRefusal(status: 501, code: "not_implemented", message: "The method is not known.")
        }
        head.method = method
        let target = UnsafeRawBufferPointer(rebasing: line[(blank + 1)..<(version - 1)])
        guard target.count <= targetBytesMax else { throw Self.targetTooLong }
        try head.setTarget(target)
    }

    /// One header field. `start` is its place among the fields.
    private mutating func field(_ line: UnsafeRawBufferPointer, at start: Int, _ head: inout RequestHead) throws(RequestRefusal) {
        guard let colon = ByteSearch.index(of: UInt8(ascii: ":"), in: line, from: 0) else { throw .malformed }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let value = HeaderName.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
        guard HeaderName.isToken(name), HeaderName.isValue(value) else { throw .malformed }
        // An empty value may have no place of its own in memory.
        let slice = FieldSlice(value.isEmpty ? start + colon + 1 : start + (value.baseAddress! - line.baseAddress!), count: value.count)
        switch name.count {
        case 4 where HeaderName.matches(name, "host"):
            hosts += 1
            guard HostPolicy.isWellFormed(value) else { throw Self.malformedHost }
            head.host = slice
        case 6 where HeaderName.matches(name, "expect"):
            guard HeaderName.matches(value, "100-continue") else {
                throw RequestRefusal(status: 417, code: "expectation_failed", message: "Only 100-continue can be expected.")
            }
            head.expectsContinue = true
        case 6 where HeaderName.matches(name, "origin"): head.origin = slice
        case 7 where HeaderName.matches(name, "upgrade"):
            head.hasUpgrade = true
            if HeaderName.list(value, has: "websocket") { head.wantsWebSocket = true }
        case 10 where HeaderName.matches(name, "connection"):
            if HeaderName.list(value, has: "close") { asksForClose = true }
            if HeaderName.list(value, has: "keep-alive") { asksForKeepAlive = true }
        case 14 where HeaderName.matches(name, "content-length"):
            guard head.contentLength == nil, let length = Self.number(value) else { throw .malformed("Unusable Content-Length.") }
            head.contentLength = length
        case 14 where HeaderName.matches(name, "sec-fetch-site"): head.fetchSite = slice
        case 17 where HeaderName.matches(name, "transfer-encoding"):
            guard !head.isChunked, HeaderName.matches(value, "chunked") else {
                throw RequestRefusal(status: 501, code: "not_implemented", message: "Only chunked transfer encoding is known.")
            }
            head.isChunked = true
        default: break
        }
    }

    private static let malformedHost = RequestRefusal.malformed("The Host header is malformed.")

    /// What can be said of the fields together.
    private func finish(_ head: inout RequestHead) throws(RequestRefusal) {
        if head.isChunked, head.contentLength != nil || head.isOld { throw .malformed("Ambiguous body length.") }
        // RFC 9112, section 3.2.
        if hosts > 1 || (hosts == 0 && !head.isOld) { throw .malformed("Exactly one Host header is required.") }
        if let authority = head.authority, !HostPolicy.isWellFormed(authority) { throw Self.malformedHost }
        head.isKeepAlive = !asksForClose && (!head.isOld || asksForKeepAlive)
    }

    /// Digits and nothing else (RFC 9110, section 8.6).
    private static func number(_ digits: UnsafeRawBufferPointer) -> Int? {
        var number = 0
        for digit in digits {
            guard isDigit(digit), number <= (Int.max - 9) / 10 else { return nil }
            number = number * 10 + Int(digit & 15)
        }
        return digits.isEmpty ? nil : number
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
