import Host
import LuaRuntime
import Transport

/// `nightjar.websocket`.
struct WebSocketAPI: HostModule {
    var functions: [HostFunction] { [Self.endpoint] }

    private static let endpoint = HostFunction(
        module: "websocket", "endpoint",
        [
            HostParameter("path", .string, "Where clients connect; `:name` parts are parameters."),
            HostParameter(
                "handlers", .table,
                """
                `open(conn, request)`, `message(conn, text, binary)`, `close(conn, code, reason)`, `error(conn, code)`, \
                and options: `idle_timeout` (seconds from 0.05: a client that sends no message for so long is closed), \
                `pings_keep_alive` (true: its pings count as messages for that), `ping_interval` (seconds, or false for \
                no pings), `pong_timeout` (seconds), `max_message` (bytes), `concurrent` (boolean), `origins` (list, or \
                "*"), `compression` (true, or a table: `threshold` in bytes, shorter messages are sent as they are, 50; \
                `context_takeover`, false; `window_bits` 9…15, 12; `level` 1…9, 6; `memory_level` 1…9, 4). Times are kept \
                to about a quarter of a second and never cut short.
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
        do throws(BadOption) {
            settings.idleTimeoutSeconds = try seconds("idle_timeout", call)
            settings.pingsKeepAlive = try boolean("pings_keep_alive", call)
            settings.pings = try pings(call)
            settings.pongTimeoutSeconds = try seconds("pong_timeout", call)
            settings.maxMessageBytes = try whole("max_message", of: 1, 1...(16 << 20), "bytes", call)
            settings.concurrent = call.boolean(field: "concurrent", of: 1) ?? false
            settings.compression = try compression(call)
        } catch {
            return .raise("bad field '\(error.field)' of 'websocket.endpoint' (\(error.expected) expected)")
        }
        if let text = call.string(field: "origins", of: 1) {
            settings.origins = [text]
        } else if let list = call.strings(field: "origins", of: 1) {
            settings.origins = list
        }
        return nil
    }

    private struct BadOption: Error {
        var field: String
        var expected: String
    }

    /// Shortest and longest time of an option, in seconds.
    private static let secondsRange = 0.05...86_400

    private static func seconds(_ name: StaticString, _ call: borrowing HostCall) throws(BadOption) -> Double? {
        guard let index = call.field(1, name) else { return nil }
        guard let seconds = call.number(index), secondsRange.contains(seconds) else {
            throw BadOption(field: "\(name)", expected: "0.05…86400 seconds")
        }
        return seconds
    }

    private static func boolean(_ name: StaticString, of index: Int = 1, _ call: borrowing HostCall) throws(BadOption) -> Bool {
        guard let field = call.field(index, name) else { return false }
        guard let value = call.boolean(field) else { throw BadOption(field: "\(name)", expected: "boolean") }
        return value
    }

    private static func whole(
        _ name: StaticString, of index: Int, _ range: ClosedRange<Int64>, _ unit: String, _ call: borrowing HostCall
    ) throws(BadOption) -> Int? {
        guard let field = call.field(index, name) else { return nil }
        guard let value = call.integer(field), range.contains(value) else {
            let wanted = "\(range.lowerBound)…\(range.upperBound)"
            throw BadOption(field: "\(name)", expected: unit.isEmpty ? wanted : wanted + " " + unit)
        }
        return Int(value)
    }

    private static func pings(_ call: borrowing HostCall) throws(BadOption) -> EndpointSettings.Pings {
        guard let index = call.field(1, "ping_interval") else { return .standard }
        if call.boolean(index) == false { return .none }
        guard let seconds = call.number(index), secondsRange.contains(seconds) else {
            throw BadOption(field: "ping_interval", expected: "0.05…86400 seconds or false")
        }
        return .everySeconds(seconds)
    }

    private static func compression(_ call: borrowing HostCall) throws(BadOption) -> Compression? {
        guard let index = call.field(1, "compression") else { return nil }
        if let isWanted = call.boolean(index) { return isWanted ? Compression() : nil }
        guard call.kind(index) == .table else { throw BadOption(field: "compression", expected: "boolean or table") }
        let known = ["threshold", "context_takeover", "window_bits", "level", "memory_level"]
        try call.forEachPair(index) { (key, _) throws(BadOption) in
            // A misspelt name would silently leave the default.
            let name = call.string(key) ?? "?"
            if !known.contains(name) { throw BadOption(field: "compression." + name, expected: known.joined(separator: ", ")) }
        }
        var compression = Compression()
        compression.contextTakeover = try boolean("context_takeover", of: index, call)
        if let value = try whole("threshold", of: index, 0...(16 << 20), "bytes", call) { compression.threshold = value }
        if let value = try whole("window_bits", of: index, wide(Compression.windowBitsRange), "", call) { compression.windowBits = value }
        if let value = try whole("level", of: index, wide(Compression.levelRange), "", call) { compression.level = value }
        if let value = try whole("memory_level", of: index, wide(Compression.memoryLevelRange), "", call) {
            compression.memoryLevel = value
        }
        return compression
    }

    private static func wide(_ range: ClosedRange<Int>) -> ClosedRange<Int64> { Int64(range.lowerBound)...Int64(range.upperBound) }
}
