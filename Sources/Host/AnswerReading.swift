import LuaRuntime
import NIOCore
import NIOHTTP1

extension HTTPAnswer {
    private static let textHeaders: HTTPHeaders = ["content-type": "text/plain; charset=utf-8"]
    private static let jsonHeaders: HTTPHeaders = ["content-type": "application/json"]
    /// Header fields a handler may answer with; as many as the transport accepts in a request.
    private static let headersMax = 100

    /// What a handler returned, see `http.get`.
    static func read(_ results: borrowing LuaResults) -> HTTPAnswer {
        var answer = HTTPAnswer()
        if let bytes = results.bytes(0) {
            answer.headers = textHeaders
            answer.body = ByteBuffer(bytes: bytes)
            return answer
        }
        guard results.kind(0) == .table else {
            if results.isNil(0) {
                answer.status = 204
                return answer
            }
            return .error(500, "internal")
        }
        if let index = results.field(0, "status"), let status = results.integer(index) {
            guard (200...599).contains(status) else { return .error(500, "internal") }
            answer.status = Int(status)
        }
        if let index = results.field(0, "json") {
            do throws(ScriptError) {
                answer.body = try results.withJSON(index) { ByteBuffer(bytes: $0) }
            } catch {
                return .error(500, "internal")
            }
            answer.headers = jsonHeaders
        } else if let index = results.field(0, "body"), let bytes = results.bytes(index) {
            answer.headers = textHeaders
            answer.body = ByteBuffer(bytes: bytes)
        }
        if let index = results.field(0, "headers") { answer.addHeaders(results, index) }
        return answer
    }

    private mutating func addHeaders(_ results: borrowing LuaResults, _ index: Int) {
        var found: [(String, String)] = []
        let view = results.view
        results.forEachPair(index) { key, value in
            guard found.count < HTTPAnswer.headersMax, let name = view.string(key), let text = view.string(value),
                HTTPAnswer.isToken(name), !text.utf8.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7F })
            else { return }
            found.append((name, text))
        }
        for (name, text) in found { headers.replaceOrAdd(name: name, value: text) }
    }

    /// A header's name (RFC 9110, section 5.6.2). Framing belongs to the transport.
    private static func isToken(_ name: String) -> Bool {
        let lower = name.lowercased()
        guard !name.isEmpty, lower != "content-length", lower != "transfer-encoding", lower != "connection" else {
            return false
        }
        return name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: Array("!#$%&'*+-.^_`|~".utf8).contains($0)
            }
        }
    }
}
