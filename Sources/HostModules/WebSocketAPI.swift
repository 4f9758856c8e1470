import Host
import LuaRuntime
import Transport

/// `nightjar.websocket`.
struct WebSocketAPI: HostModule {
    var functions: [HostFunction] { [Self.endpoint] }

    /// Endpoints of one package; every socket loop has a route for each.
    private static let endpointsMax = 1_000

    private static let endpoint = HostFunction(
        module: "websocket", "endpoint",
        [
            HostParameter("path", .string, "Where clients connect; `:name` parts are parameters."),
            HostParameter(
                "handlers", .table, "Handlers and options. Times are kept to about a quarter of a second and never cut short.",
                as: "nightjar.Endpoint", fields: fields),
        ],
        "Declares a WebSocket endpoint."
    ) { call in
        if let refusal = call.declarationRefusal("endpoints") { return refusal }
        guard let path = call.string(0), path.hasPrefix("/") else {
            return .raise("bad argument #1 to 'websocket.endpoint' (path beginning with '/' expected)")
        }
        let generation = call.generation
        guard generation.registrations.endpoints.count < endpointsMax else {
            return .raise("more than \(endpointsMax) endpoints in this package")
        }
        var settings = EndpointSettings()
        if let problem = read(&settings, &call) { return problem }
        var handlers = EndpointHandlers()
        for (name, field) in handlerFields {
            guard let index = call.field(1, name) else { continue }
            handlers[keyPath: field] = call.ref(index)
        }
        guard handlers.message != nil || handlers.open != nil else {
            return .raise("bad argument #2 to 'websocket.endpoint' (a field 'message' or 'open' expected)")
        }
        if let refusal = call.declare([RouteClaim(method: RouteClaim.webSocket, pattern: path)]) { return refusal }
        generation.registrations.endpoints.append(.init(path: path, handlers: handlers, settings: settings))
        return .none
    }

    private static var handlerFields: [(StaticString, WritableKeyPath<EndpointHandlers, LuaRef?>)] {
        [("open", \.open), ("message", \.message), ("close", \.close), ("error", \.error)]
    }

    private static func read(_ settings: inout EndpointSettings, _ call: inout HostCall) -> HostResult? {
        settings.idleTimeoutSeconds = call.number(field: "idle_timeout", of: 1)
        settings.pingsKeepAlive = call.boolean(field: "pings_keep_alive", of: 1) ?? false
        if let seconds = call.number(field: "ping_interval", of: 1) {
            settings.pings = .everySeconds(seconds)
        } else if call.boolean(field: "ping_interval", of: 1) == false {
            settings.pings = .none
        }
        settings.pongTimeoutSeconds = call.number(field: "pong_timeout", of: 1)
        settings.maxMessageBytes = call.integer(field: "max_message", of: 1).map { Int($0) }
        settings.concurrent = call.boolean(field: "concurrent", of: 1) ?? false
        settings.compression = compression(call)
        guard let origins = call.field(1, "origins") else { return nil }
        guard let list = call.string(origins).map({ [$0] }) ?? call.strings(field: "origins", of: 1) else {
            return .raise("bad field 'origins' of 'websocket.endpoint' (\"*\" or a list of at most 64 strings expected)")
        }
        settings.origins = list
        return nil
    }

    private static func compression(_ call: borrowing HostCall) -> Compression? {
        guard let index = call.field(1, "compression") else { return nil }
        if let isWanted = call.boolean(index) { return isWanted ? Compression() : nil }
        var compression = Compression()
        compression.contextTakeover = call.boolean(field: "context_takeover", of: index) ?? false
        if let value = call.integer(field: "threshold", of: index) { compression.threshold = Int(value) }
        if let value = call.integer(field: "window_bits", of: index) { compression.windowBits = Int(value) }
        if let value = call.integer(field: "level", of: index) { compression.level = Int(value) }
        if let value = call.integer(field: "memory_level", of: index) { compression.memoryLevel = Int(value) }
        return compression
    }

    // MARK: Options

    /// Shortest and longest time of an option, in seconds.
    private static let secondsRange = 0.05...86_400.0
    private static let bytesRange = 1...Double(16 << 20)

    private static let fields = [
        HostField(
            "open", .function, as: "fun(conn: nightjar.Connection, request: nightjar.Request)",
            about: "Called when a client has connected; the request is the handshake."),
        HostField(
            "message", .function, as: "fun(conn: nightjar.Connection, text: string, binary: boolean)",
            about: "Called for every message, one after the other for each connection."),
        HostField(
            "close", .function, as: "fun(conn: nightjar.Connection, code: integer, reason: string)",
            about: "Called when the connection is gone."),
        HostField(
            "error", .function, as: "fun(conn: nightjar.Connection, code: string)", about: "Called when a handler of the connection failed."),
        HostField(
            "idle_timeout", .number, in: secondsRange, "seconds", about: "Seconds; a client that sends no message for so long is closed."),
        HostField("pings_keep_alive", .boolean, about: "A client's pings count as messages for `idle_timeout`."),
        HostField(
            "ping_interval", .number, in: secondsRange, "seconds", orFalse: true, as: "number|false", about: "Seconds; false: no pings."),
        HostField("pong_timeout", .number, in: secondsRange, "seconds", about: "Seconds a client has to answer a ping."),
        HostField("max_message", .integer, in: bytesRange, "bytes", about: "Bytes of a message; longer ones close the connection."),
        HostField("concurrent", .boolean, about: "Messages do not wait for the handler before them."),
        HostField(
            "origins", [.string, .table], as: "string|string[]", about: "Sites whose pages may connect; \"*\": all. Default: the server's own."),
        HostField(
            "compression", [.boolean, .table], fields: compressionFields, as: "boolean|nightjar.Compression",
            about: "Whether messages may be compressed (permessage-deflate), and how."),
    ]

    private static let compressionFields = [
        HostField("threshold", .integer, in: 0...Double(16 << 20), "bytes", about: "Shorter messages are sent as they are; default 50."),
        HostField("context_takeover", .boolean, about: "Each message builds on those before it; default false."),
        HostField("window_bits", .integer, in: wide(Compression.windowBitsRange), about: "9…15, default 12."),
        HostField("level", .integer, in: wide(Compression.levelRange), about: "1…9, default 6."),
        HostField("memory_level", .integer, in: wide(Compression.memoryLevelRange), about: "1…9, default 4."),
    ]

    private static func wide(_ range: ClosedRange<Int>) -> ClosedRange<Double> { Double(range.lowerBound)...Double(range.upperBound) }
}
