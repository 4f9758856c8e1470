import LuaRuntime
import Transport

/// `nightjar.websocket`.
enum WebSocketAPI {
    static let functions = [endpoint]

    private static let endpoint = HostFunction(
        module: "websocket", "endpoint",
        [
            HostParameter("path", .string, "Where clients connect; `:name` parts are parameters."),
            HostParameter(
                "handlers", .table,
                """
                `open(conn, request)`, `message(conn, text, binary)`, `close(conn, code, reason)`, `error(conn, code)`, \
                and options: `idle_timeout` (seconds), `max_message` (bytes), `concurrent` (boolean), \
                `origins` (list, or "*").
                """),
        ],
        "Declares a WebSocket endpoint."
    ) { call in
        if let refusal = call.declarationRefusal("endpoints") { return refusal }
        guard let path = call.string(0), path.hasPrefix("/") else {
            return .raise("bad argument #1 to 'websocket.endpoint' (path beginning with '/' expected)")
        }
        let instance = call.instance
        if instance.registrations.endpoints.contains(where: { $0.path == path }) {
            return .raise("the endpoint \(path) is declared twice")
        }
        var settings = EndpointSettings()
        if let problem = read(&settings, &call) { return problem }
        var handlers = EndpointHandlers()
        for (name, field) in handlerFields {
            guard let index = call.field(1, name) else { continue }
            guard call.kind(index) == .function else {
                return .raise("bad field '\(name)' of 'websocket.endpoint' (function expected)")
            }
            handlers[keyPath: field] = call.ref(index)
        }
        guard handlers.message != nil || handlers.open != nil else {
            return .raise("bad argument #2 to 'websocket.endpoint' (a field 'message' or 'open' expected)")
        }
        instance.registrations.endpoints.append(.init(path: path, handlers: handlers, settings: settings))
        return .none
    }

    private static var handlerFields: [(StaticString, WritableKeyPath<EndpointHandlers, LuaRef?>)] {
        [("open", \.open), ("message", \.message), ("close", \.close), ("error", \.error)]
    }

    private static func read(_ settings: inout EndpointSettings, _ call: inout HostCall) -> HostResult? {
        if let seconds = call.number(field: "idle_timeout", of: 1) {
            guard seconds >= 1, seconds <= 86_400 else {
                return .raise("bad field 'idle_timeout' of 'websocket.endpoint' (1…86400 seconds expected)")
            }
            settings.idleTimeoutSeconds = seconds
        }
        if let bytes = call.integer(field: "max_message", of: 1) {
            guard (1...(16 << 20)).contains(bytes) else {
                return .raise("bad field 'max_message' of 'websocket.endpoint' (1…16777216 bytes expected)")
            }
            settings.maxMessageBytes = Int(bytes)
        }
        settings.concurrent = call.boolean(field: "concurrent", of: 1) ?? false
        if let text = call.string(field: "origins", of: 1) {
            settings.origins = [text]
        } else if let list = call.strings(field: "origins", of: 1) {
            settings.origins = list
        }
        return nil
    }
}
