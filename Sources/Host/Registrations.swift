import LuaRuntime
import Transport

/// Handlers of one WebSocket endpoint; references into the instance's state.
struct EndpointHandlers {
    var open: LuaRef?
    var message: LuaRef?
    var close: LuaRef?
    var error: LuaRef?
}

/// What an endpoint declares besides its functions.
struct EndpointSettings: Sendable, Equatable {
    /// Nil: the transport's default.
    var idleTimeoutSeconds: Double?
    /// A client's pings count for the idle time-out.
    var pingsKeepAlive = false
    var pings = Pings.standard
    /// Nil: the transport's default.
    var pongTimeoutSeconds: Double?
    /// Nil: none.
    var compression: Compression?
    var maxMessageBytes: Int?
    /// Messages do not wait for the handler before them.
    var concurrent = false
    /// Allowed `Origin` values; nil: the transport's default.
    var origins: [String]?

    enum Pings: Sendable, Equatable {
        /// As the transport does by default.
        case standard
        case none
        case everySeconds(Double)
    }
}

/// What the other loops need to know of a unit's routes; a plain value without references into a state.
struct RouteManifest: Sendable, Equatable {
    struct Endpoint: Sendable, Equatable {
        var path: String
        var settings: EndpointSettings
    }
    struct HTTPRoute: Sendable, Equatable {
        var method: String
        var pattern: String
        var maxBodyBytes: Int?
        /// Scripts of other sites may read the answers.
        var cors = false
    }
    struct StaticFolder: Sendable, Equatable {
        var prefix: String
        /// Absolute path.
        var directory: String
        var index: String?
    }
    var endpoints: [Endpoint] = []
    var routes: [HTTPRoute] = []
    var folders: [StaticFolder] = []

    /// What clashes are found by: method (`WS` for endpoints) and pattern.
    var keys: [(method: String, pattern: String)] {
        endpoints.map { ("WS", $0.path) } + routes.map { ($0.method, $0.pattern) }
            + folders.map { ("GET", $0.prefix.hasSuffix("/") ? $0.prefix + "*" : $0.prefix + "/*") }
    }
}

/// What a unit declares while it is being loaded.
struct Registrations {
    struct Endpoint {
        var path: String
        var handlers: EndpointHandlers
        var settings: EndpointSettings
    }
    struct HTTPRoute {
        var method: String
        var pattern: String
        var handler: LuaRef
        var maxBodyBytes: Int?
        var cors = false
    }

    var endpoints: [Endpoint] = []
    var routes: [HTTPRoute] = []
    var folders: [RouteManifest.StaticFolder] = []
    /// Topic → handlers, in the order of their declaration.
    var subscriptions: [String: [LuaRef]] = [:]
    /// Gets lines of the log.
    var logListener: LuaRef?
    /// Functions other packages may call.
    var provided: [String: LuaRef] = [:]

    init() {}

    var manifest: RouteManifest {
        RouteManifest(
            endpoints: endpoints.map { .init(path: $0.path, settings: $0.settings) },
            routes: routes.map { .init(method: $0.method, pattern: $0.pattern, maxBodyBytes: $0.maxBodyBytes, cors: $0.cors) },
            folders: folders
        )
    }
}
