public import NIOHTTP1

/// One entry of a route table.
///
/// Patterns: `/a/b` matches exactly; `/a/:id/b` has a parameter, one non-empty segment; `/files/*` matches `/files/` and
/// everything below (`*` only last). Exact routes win over parameters, parameters over `*`.
public struct Route {
    public enum Target {
        case http(HTTPMethod, any HTTPResponder)
        case webSocket(any WebSocketEndpoint)
    }
    public var pattern: String
    public var target: Target

    public init(_ pattern: String, _ target: Target) {
        self.pattern = pattern
        self.target = target
    }

    /// `GET` routes serve `HEAD` too.
    public static func get(_ pattern: String, _ responder: any HTTPResponder) -> Route {
        Route(pattern, .http(.GET, responder))
    }

    public static func post(_ pattern: String, _ responder: any HTTPResponder) -> Route {
        Route(pattern, .http(.POST, responder))
    }

    public static func method(_ method: HTTPMethod, _ pattern: String, _ responder: any HTTPResponder) -> Route {
        Route(pattern, .http(method, responder))
    }

    public static func webSocket(_ pattern: String, _ endpoint: any WebSocketEndpoint) -> Route {
        Route(pattern, .webSocket(endpoint))
    }
}

/// Why routes were not taken.
public struct RouteClash: Error, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Somebody else, or the same list, has the method and path already.
        case taken = "route_taken"
        /// The pattern does not begin with `/`, has an empty or repeated parameter name, or `*` elsewhere than last.
        case malformed = "route_malformed"
        /// More than `RouteClaims.routesMax` routes.
        case tooMany = "route_limit"
    }
    public var code: Code
    public var listener: String
    /// `GET`, `POST` …, or `websocket`.
    public var method: String
    public var pattern: String
    /// Who has the route; with `taken`.
    public var owner: String
    /// What is wrong with the pattern; with `taken`, under which other names of parameters the owner has it.
    public var reason = ""

    public var description: String {
        switch code {
        case .taken:
            "the route \(method) \(pattern) on the listener \"\(listener)\" belongs to \(owner)" + (reason.isEmpty ? "" : ", \(reason)")
        case .malformed: MalformedPattern(pattern: pattern, reason: reason).description
        case .tooMany: "there are more than \(RouteClaims.routesMax) routes on the listener \"\(listener)\""
        }
    }
}

/// What the parts of a pattern matched. The rest matched by `*` has the name `*`.
public struct RouteParameters: Sendable, Equatable {
    public var items: [(name: String, value: String)]

    public init(_ items: [(name: String, value: String)] = []) { self.items = items }

    public subscript(_ name: String) -> String? {
        for item in items where item.name == name { return item.value }
        return nil
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.items.elementsEqual(right.items) { $0.name == $1.name && $0.value == $1.value }
    }
}
