import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

/// What is wrong with the value that a handler of requests returned; told to its author.
struct AnswerMistake: Error {
    var message: String
}

extension HTTPAnswer {
    /// Header fields a handler may answer with; as many as the transport accepts in a request.
    private static let headersMax = 100
    /// Bytes of all names and values of these.
    private static let headerBytesMax = 64 << 10
    /// Bytes of a body: as much as `http.fetch` takes at most. Larger things are files, see `http.static`.
    private static let bodyBytesMax = 16 << 20
    /// What an answer may say.
    static let table = HostClass(
        "nightjar.Answer", "The answer to a request.",
        fields: [
            HostField("status", .integer, about: "200…599; default 200."),
            HostField(
                "headers", .table, as: "table<string, string|integer|string[]>",
                about: "Name → value, or a list of values for several fields of one name."),
            HostField("body", .string, about: "At most 16 MiB; `text/plain` unless the headers say otherwise."),
            HostField("json", .any, as: "nightjar.Plain", about: "Sent as `application/json`, in place of `body`."),
        ])
    private static let members = table.fields.map(\.name)
    /// Bytes of a name that a message shows.
    private static let nameBytesMax = 64

    /// What a handler returned, see `http.get`.
    static func read(_ results: borrowing LuaResults) throws(AnswerMistake) -> HTTPAnswer {
        switch results.kind(0) {
        case .string:
            var answer = HTTPAnswer()
            answer.type = .text
            answer.body = try body(results, 0)
            return answer
        case .none, .nil:
            try checkNothing(results)
            var answer = HTTPAnswer()
            answer.status = 204
            return answer
        case .table:
            try checkMembers(results)
            return try answer(results)
        case let kind:
            throw AnswerMistake(message: "the handler returned a \(kind); an answer is a string, a table or nothing")
        }
    }

    /// `nil, "code"` is what a host function that failed returns: an error that was handed on by mistake.
    private static func checkNothing(_ results: borrowing LuaResults) throws(AnswerMistake) {
        guard results.count > 1, let code = results.bytes(1) else { return }
        let text = String(decoding: code.prefix(nameBytesMax), as: UTF8.self)
        throw AnswerMistake(message: "the handler returned nil, \"\(text)\", the failure of what it called, and no answer")
    }

    private static func checkMembers(_ results: borrowing LuaResults) throws(AnswerMistake) {
        let view = results.view
        try results.forEachPair(0) { (key, _) throws(AnswerMistake) in
            guard let bytes = view.bytes(key) else {
                throw AnswerMistake(message: "the answer is a list or has keys that are no names; return { json = … } to send a table as JSON")
            }
            let name = String(decoding: bytes.prefix(nameBytesMax), as: UTF8.self)
            guard !members.contains(name) else { return }
            throw AnswerMistake(
                message: "the answer has an unknown member '\(name)'" + Suggestion.hint(name, among: members)
                    + "; return { json = … } to send a table as JSON")
        }
        if results.field(0, "status") == nil, results.field(0, "json") == nil, results.field(0, "body") == nil {
            throw AnswerMistake(message: "the answer has neither status nor body nor json")
        }
    }

    private static func answer(_ results: borrowing LuaResults) throws(AnswerMistake) -> HTTPAnswer {
        var answer = HTTPAnswer()
        if let index = results.field(0, "status") {
            guard let status = results.integer(index), (200...599).contains(status) else {
                throw AnswerMistake(message: "the answer's status is \(shown(results, index)); it must be a whole number from 200 to 599")
            }
            answer.status = Int(status)
        }
        let body = results.field(0, "body")
        if let index = results.field(0, "json") {
            guard body == nil else { throw AnswerMistake(message: "the answer has both body and json") }
            do throws(ScriptError) {
                answer.body = try results.withJSON(index) { ByteBuffer(bytes: $0) }
            } catch {
                throw AnswerMistake(message: "the answer's json cannot be sent: \(error.message)")
            }
            answer.type = .json
        } else if let body {
            guard results.kind(body) == .string else {
                throw AnswerMistake(message: "the answer's body is \(shown(results, body)); it must be a string, or the table must be under json")
            }
            answer.type = .text
            answer.body = try Self.body(results, body)
        }
        if let index = results.field(0, "headers") {
            try answer.addHeaders(results, index)
            answer.addContentPolicy()
        }
        return answer
    }

    /// What a page of a handler may do unless the handler says so itself: a text of somebody that got into it unescaped does
    /// not run. Styles may stand in the page, scripts are files of the server.
    private static let contentPolicy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'self'"

    private mutating func addContentPolicy() {
        guard let type = headers.first(name: "content-type")?.lowercased(), type.hasPrefix("text/html") || type.hasPrefix("application/xhtml"),
            !headers.contains(name: "content-security-policy")
        else { return }
        headers.add(name: "content-security-policy", value: Self.contentPolicy)
    }

    private static func body(_ results: borrowing LuaResults, _ index: Int) throws(AnswerMistake) -> ByteBuffer {
        guard let bytes = results.bytes(index), bytes.count <= bodyBytesMax else {
            throw AnswerMistake(message: "the answer's body has \(results.length(index)) bytes; at most \(bodyBytesMax) are sent")
        }
        return ByteBuffer(bytes: bytes)
    }

    /// A value in a message: numbers and short strings themselves, of others the type.
    private static func shown(_ results: borrowing LuaResults, _ index: Int) -> String {
        switch results.kind(index) {
        case .string: "the string \"\(String(decoding: results.bytes(index)?.prefix(32) ?? UnsafeRawBufferPointer(start: nil, count: 0)[...], as: UTF8.self))\""
        case .number: results.integer(index).map(String.init) ?? results.number(index).map { "\($0)" } ?? "a number"
        case let kind: "a \(kind)"
        }
    }

    // MARK: Headers

    private mutating func addHeaders(_ results: borrowing LuaResults, _ index: Int) throws(AnswerMistake) {
        guard results.kind(index) == .table else {
            throw AnswerMistake(message: "the answer's headers are a \(results.kind(index)); a table of names and values is expected")
        }
        let view = results.view
        var found: [(name: String, value: String)] = []
        var bytes = 0
        func add(_ name: String, _ value: Int) throws(AnswerMistake) {
            guard let text = Self.headerValue(view, value) else {
                throw AnswerMistake(message: "the value of the header '\(name)' is no text without line ends and control characters")
            }
            bytes += name.utf8.count + text.utf8.count
            guard found.count < HTTPAnswer.headersMax, bytes <= HTTPAnswer.headerBytesMax else {
                throw AnswerMistake(message: "the answer has more than \(HTTPAnswer.headersMax) headers or \(HTTPAnswer.headerBytesMax) bytes of them")
            }
            found.append((name, text))
        }
        try results.forEachPair(index) { (key, value) throws(AnswerMistake) in
            let name = try Self.headerName(view, key)
            guard view.kind(value) == .table else { return try add(name, value) }
            // One field for each: what `set-cookie` needs.
            for position in 1...max(1, min(view.length(value), HTTPAnswer.headersMax + 1)) {
                try add(name, view.element(value, position) ?? value)
            }
        }
        // What the handler says replaces what follows from the kind of body.
        for (name, value) in found {
            if name.lowercased() == "content-type" { type = nil }
            headers.add(name: name, value: value)
        }
    }

    private static func headerValue(_ values: LuaStackView, _ index: Int) -> String? {
        if let number = values.integer(index) { return String(number) }
        guard let bytes = values.bytes(index), bytes.count <= headerBytesMax,
            !bytes.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7F })
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A header's name (RFC 9110, section 5.6.2). Framing belongs to the transport.
    private static func headerName(_ values: LuaStackView, _ key: Int) throws(AnswerMistake) -> String {
        guard let bytes = values.bytes(key) else { throw AnswerMistake(message: "the answer's headers have keys that are no names") }
        let name = String(decoding: bytes.prefix(nameBytesMax), as: UTF8.self)
        guard !bytes.isEmpty, bytes.count <= nameBytesMax, bytes.allSatisfy(isTokenByte) else {
            throw AnswerMistake(message: "'\(name)' cannot be the name of a header")
        }
        guard !["content-length", "transfer-encoding", "connection"].contains(name.lowercased()) else {
            throw AnswerMistake(message: "the header '\(name)' is the server's; leave it out")
        }
        return name
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
