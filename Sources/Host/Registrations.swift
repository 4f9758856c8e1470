package import LuaRuntime
package import Transport

/// Handlers of one WebSocket endpoint; references into the generation's state.
package struct EndpointHandlers {
    package var open: LuaRef?
    package var message: LuaRef?
    package var close: LuaRef?
    package var error: LuaRef?

    package init() {}
}

/// What an endpoint declares besides its functions.
package struct EndpointSettings: Sendable, Equatable {
    /// Nil: the transport's default.
    package var idleTimeoutSeconds: Double?
    /// A client's pings count for the idle time-out.
    package var pingsKeepAlive = false
    package var pings = Pings.standard
    /// Nil: the transport's default.
    package var pongTimeoutSeconds: Double?
    /// Nil: none.
    package var compression: Compression?
    package var maxMessageBytes: Int?
    /// Messages do not wait for the handler before them.
    package var concurrent = false
    /// Allowed `Origin` values; nil: the transport's default.
    package var origins: [String]?

    package init() {}

    package enum Pings: Sendable, Equatable {
        /// As the transport does by default.
        case standard
        case none
        case everySeconds(Double)
    }
}

/// What the other loops need to know of a unit's routes; a plain value without references into a state.
package struct RouteManifest: Sendable, Equatable {
    struct Endpoint: Sendable, Equatable {
        var path: String
        var settings: EndpointSettings
    }
    struct HTTPRoute: Sendable, Equatable {
        var method: String
        var pattern: String
        var maxBodyBytes: Int?
        /// Scripts of other sites may read the answers.
        var cors: CORSPolicy?
    }
    package struct StaticFolder: Sendable, Equatable {
        var prefix: String
        /// Absolute path.
        var directory: String
        /// Absolute path of the operator's folder, whose files come first; it need not be there.
        var operatorDirectory: String?
        var index: String?
        /// Scripts of other sites may read the files.
        var isOpen: Bool

        package init(prefix: String, directory: String, operatorDirectory: String? = nil, index: String? = nil, isOpen: Bool = false) {
            self.prefix = prefix
            self.directory = directory
            self.operatorDirectory = operatorDirectory
            self.index = index
            self.isOpen = isOpen
        }
    }
    var endpoints: [Endpoint] = []
    var routes: [HTTPRoute] = []
    var folders: [StaticFolder] = []

    /// The routes without what answers them.
    package var claims: [RouteClaim] {
        endpoints.map { RouteClaim(method: RouteClaim.webSocket, pattern: $0.path) }
            + routes.map { RouteClaim(method: $0.method, pattern: $0.pattern) } + folders.flatMap(\.claims)
            + redirects.map { RouteClaim(method: "GET", pattern: $0) }
    }

    /// Folders without the slash at the end, as far as no handler answers there: sent to the path with it.
    var redirects: [String] {
        let answered = Set(routes.lazy.filter { $0.method == "GET" }.map(\.pattern))
        var found: [String] = []
        for folder in folders {
            var path = Substring(folder.prefix)
            while path.last == "/" { path.removeLast() }
            let name = String(path)
            if !name.isEmpty, !answered.contains(name), !found.contains(name) { found.append(name) }
        }
        return found
    }
}

extension RouteManifest.StaticFolder {
    package var claims: [RouteClaim] { [RouteClaim(method: "GET", pattern: (prefix.hasSuffix("/") ? prefix : prefix + "/") + "*")] }
}

/// Where a script declares something.
package struct DeclarationSite: Sendable, Equatable {
    package var chunk: String
    /// From 1.
    package var line: Int

    package init(chunk: String, line: Int) {
        self.chunk = chunk
        self.line = line
    }
}

/// What a unit declares while it is being loaded.
package struct Registrations {
    package struct Endpoint {
        package var path: String
        var handlers: EndpointHandlers
        var settings: EndpointSettings

        package init(path: String, handlers: EndpointHandlers, settings: EndpointSettings) {
            self.path = path
            self.handlers = handlers
            self.settings = settings
        }
    }
    package struct HTTPRoute {
        package var method: String
        package var pattern: String
        var handler: LuaRef
        var maxBodyBytes: Int?
        var cors: CORSPolicy?

        package init(method: String, pattern: String, handler: LuaRef, maxBodyBytes: Int? = nil, cors: CORSPolicy? = nil) {
            self.method = method
            self.pattern = pattern
            self.handler = handler
            self.maxBodyBytes = maxBodyBytes
            self.cors = cors
        }
    }

    package var endpoints: [Endpoint] = []
    package var clients: [Client] = []
    package var routes: [HTTPRoute] = []
    package var folders: [RouteManifest.StaticFolder] = []
    /// Topic → handlers, in the order of their declaration.
    package var subscriptions: [String: [LuaRef]] = [:]
    /// Gets lines of the log.
    package var logListener: LuaRef?
    /// Functions other packages may call.
    package var provided: [String: LuaRef] = [:]
    /// Where each route was declared, for errors.
    package var routeSites: [RouteKey: (claim: RouteClaim, site: DeclarationSite?)] = [:]
    /// Where each provided function was declared.
    package var functionSites: [String: DeclarationSite] = [:]

    init() {}

    package var manifest: RouteManifest {
        RouteManifest(
            endpoints: endpoints.map { .init(path: $0.path, settings: $0.settings) },
            routes: routes.map { .init(method: $0.method, pattern: $0.pattern, maxBodyBytes: $0.maxBodyBytes, cors: $0.cors) },
            folders: folders
        )
    }
}
