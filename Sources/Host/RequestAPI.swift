import Bytes
import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

/// Request objects.
enum RequestAPI {
    static let type = ObjectTypes.request

    static let hostType = HostType(
        id: type, name: "request", methods: [header],
        properties: [
            property("method", .string) { $0.returnString($1.method.rawValue) },
            property("path", .string, "As it was sent.") { $0.returnString($1.path) },
            property("query", .table, "Pairs of the query; of a repeated name the last.", as: "table<string, string>") {
                $0.returnJSON(object($1.queryItems))
            },
            property("params", .table, "What `:name` and `*` matched.", as: "table<string, string>") { $0.returnJSON(object($1.parameters)) },
            property("headers", .table, "By lower-case name; repeated ones joined with commas.", as: "table<string, string>") {
                $0.returnJSON(headers($1.fields.headers))
            },
            property("body", .string, "Bytes; `nightjar.json.decode` reads JSON.") { call, request in
                guard let body = request.body else { return call.returnString("") }
                body.withUnsafeReadableBytes { call.returnBytes($0) }
            },
            property("remote", .string, "The other side's address.") { $0.returnString($1.remote) },
        ],
        "A request; valid until its handler has ended.")

    private static func property(
        _ name: String, _ types: HostValueTypes, _ documentation: String = "", as annotation: String? = nil,
        _ give: @escaping @Sendable (inout HostCall, RequestInfo) -> Void
    ) -> HostProperty {
        HostProperty(name, types, documentation, as: annotation) { call in
            guard let request = call.generation.requests[call.handle] else { return over }
            give(&call, request)
            return .values
        }
    }

    private static var over: HostResult { .raise("the request is over; its values have to be read before") }

    private static let header = HostFunction(
        "header", [HostParameter("name", .string)], returns: [HostReturn("value", .string, optional: true)],
        "Gives one header, whatever its case."
    ) { call in
        guard let request = call.generation.requests[call.handle] else { return over }
        if let value = request.fields.first(call.string(0) ?? "") {
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
