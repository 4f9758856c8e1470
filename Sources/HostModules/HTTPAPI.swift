import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

/// `nightjar.http`: routes and static files. (`fetch` has a file of its own.)
enum HTTPAPI {
    static let functions = ["get", "post", "put", "delete"].map(route) + [folder]

    private static func route(_ name: String) -> HostFunction {
        let method = name.uppercased()
        return HostFunction(
            module: "http", name,
            [
                HostParameter("path", .string, "`/a/:id` has a parameter, `/files/*` matches everything below."),
                HostParameter(
                    "handler", .function,
                    """
                    Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or \
                    `{status =, json = value}`, or nothing (204). May wait.
                    """),
                HostParameter(
                    "options", .table, optional: true,
                    "`max_body` (bytes), `cors` (true: scripts of any site may ask and read the answer)."),
            ],
            "Declares a handler for \(method) requests."
        ) { call in declare(&call, name, method) }
    }

    private static func declare(_ call: inout HostCall, _ name: String, _ method: String) -> HostResult {
        if let refusal = call.declarationRefusal("routes") { return refusal }
        guard let path = call.string(0), path.hasPrefix("/") else {
            return .raise("bad argument #1 to 'http.\(name)' (path beginning with '/' expected)")
        }
        let instance = call.instance
        if instance.registrations.routes.contains(where: { $0.method == method && $0.pattern == path }) {
            return .raise("the route \(method) \(path) is declared twice")
        }
        var maxBody: Int?
        if let bytes = call.integer(field: "max_body", of: 2) {
            guard (0...(64 << 20)).contains(bytes) else {
                return .raise("bad field 'max_body' of 'http.\(name)' (0…67108864 bytes expected)")
            }
            maxBody = Int(bytes)
        }
        guard let handler = call.ref(1) else { return .raise("not enough memory") }
        instance.registrations.routes.append(
            .init(
                method: method, pattern: path, handler: handler, maxBodyBytes: maxBody,
                cors: call.boolean(field: "cors", of: 2) ?? false))
        return .none
    }

    private static let folder = HostFunction(
        module: "http", "static",
        [
            HostParameter("path", .string, "Where the files appear."),
            HostParameter("directory", .string, "Folder inside the package's folder."),
            HostParameter("options", .table, optional: true, "`index` (a file name)."),
        ],
        "Serves the files of a folder."
    ) { call in
        if let refusal = call.declarationRefusal("static folders") { return refusal }
        guard let path = call.string(0), path.hasPrefix("/") else {
            return .raise("bad argument #1 to 'http.static' (path beginning with '/' expected)")
        }
        let directory = call.string(1) ?? ""
        let parts = directory.split(separator: "/", omittingEmptySubsequences: false)
        guard !directory.isEmpty, !directory.hasPrefix("/"), !parts.contains("..") else {
            return .raise("bad argument #2 to 'http.static' (folder inside the package expected)")
        }
        let instance = call.instance
        instance.registrations.folders.append(
            .init(
                prefix: path, directory: instance.context.source.folder.file(directory).path,
                index: call.string(field: "index", of: 2)))
        return .none
    }
}

/// Request objects.
enum RequestAPI {
    static let type = ObjectTypes.request

    static let hostType = HostType(
        id: type, name: "request", methods: [header],
        properties: [
            property("method", .string) { $0.returnString($1.method) },
            property("path", .string, "As it was sent.") { $0.returnString($1.path) },
            property("query", .table, "Pairs of the query; of a repeated name the last.") {
                $0.returnJSON(object($1.queryItems))
            },
            property("params", .table, "What `:name` and `*` matched.") { $0.returnJSON(object($1.parameters)) },
            property("headers", .table, "By lower-case name; repeated ones joined with commas.") {
                $0.returnJSON(headers($1.headers))
            },
            property("body", .string, "Bytes; `nightjar.json.decode` reads JSON.") { call, request in
                guard let body = request.body else { return call.returnString("") }
                body.withUnsafeReadableBytes { call.returnBytes($0) }
            },
            property("remote", .string, "The other side's address.") { $0.returnString($1.remote) },
        ],
        "A request; valid until its handler has ended.")

    private static func property(
        _ name: String, _ types: HostValueTypes, _ documentation: String = "",
        _ give: @escaping @Sendable (inout HostCall, RequestInfo) -> Void
    ) -> HostProperty {
        HostProperty(name, types, documentation) { call in
            guard let request = call.instance.requests[call.handle] else { return over }
            give(&call, request)
            return .values
        }
    }

    private static var over: HostResult { .raise("the request is over; its values have to be read before") }

    private static let header = HostFunction(
        "header", [HostParameter("name", .string)], returns: [HostReturn("value", .string, optional: true)],
        "Gives one header, whatever its case."
    ) { call in
        guard let request = call.instance.requests[call.handle] else { return over }
        if let value = request.headers.first(name: call.string(0) ?? "") {
            call.returnString(value)
        } else {
            call.returnNil()
        }
        return .values
    }

    private static func object(_ pairs: [(name: String, value: String)]) -> [UInt8] {
        var last: [String: String] = [:]
        for pair in pairs { last[pair.name] = pair.value }
        return JSONText.object(last)
    }

    private static func headers(_ headers: HTTPHeaders) -> [UInt8] {
        var joined: [String: String] = [:]
        for (name, value) in headers {
            let name = name.lowercased()
            joined[name] = joined[name].map { $0 + ", " + value } ?? value
        }
        return JSONText.object(joined)
    }
}

/// Writing of small JSON texts.
enum JSONText {
    static func object(_ members: [String: String]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            quote(name, into: &text)
            text.append(UInt8(ascii: ":"))
            quote(value, into: &text)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    static func quote(_ string: String, into text: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                text += Array("\\u00".utf8)
                text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}

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
