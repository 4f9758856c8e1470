import NIOHTTP1

/// The routes of one listener on one loop. Replaced as a whole per owner; looked up by exact path first, then along a
/// tree of segments.
struct RouteTable {
    /// Segments of a request path that are matched; longer paths match nothing but exact routes.
    static let segmentsMax = 32

    /// The targets of one pattern; an object, so that a request that finds it counts one reference. Not changed once a table
    /// is complete.
    final class Targets {
        private(set) var methods: [(method: HTTPMethod, responder: any HTTPResponder, owner: String)] = []
        private(set) var webSocket: (endpoint: any WebSocketEndpoint, owner: String)?
        /// Names of the pattern's parameters in their order, per method like the targets; `*` last.
        private(set) var names: [String: [String]] = [:]
        /// The one of `GET`, which most requests ask for.
        private var get: (any HTTPResponder)?

        func add(_ route: Route, _ pattern: RoutePattern, _ owner: String) {
            switch route.target {
            case .http(let method, let responder):
                methods.append((method, responder, owner))
                if method == .GET { get = responder }
            case .webSocket(let endpoint): webSocket = (endpoint, owner)
            }
            if !pattern.names.isEmpty { names[route.methodName] = pattern.names }
        }

        var isEmpty: Bool { methods.isEmpty && webSocket == nil }

        func responder(_ method: HTTPMethod) -> (any HTTPResponder)? {
            if case .GET = method { return get }
            for entry in methods where entry.method == method { return entry.responder }
            return method == .HEAD ? get : nil
        }

        /// Of the first method that other sites may read the answers of.
        var cors: CORSPolicy? { methods.lazy.compactMap(\.responder.options.cors).first }

        /// For the `Allow` header.
        var allowed: String {
            var names = methods.map(\.method.rawValue)
            if names.contains("GET") || webSocket != nil, !names.contains("HEAD") {
                if !names.contains("GET") { names.append("GET") }
                if methods.contains(where: { $0.method == .GET }) { names.append("HEAD") }
            }
            if !names.contains("OPTIONS") { names.append("OPTIONS") }
            return names.joined(separator: ", ")
        }
    }

    struct Match {
        var targets: Targets
        /// Values of the parameters; names differ per method and are joined by `parameters`.
        var values: [String]

        func parameters(_ method: String) -> RouteParameters {
            if values.isEmpty { return RouteParameters() }
            let names = targets.names[method] ?? targets.names["GET"] ?? []
            return RouteParameters(zip(names, values).map { (name: $0, value: $1) })
        }
    }

    private final class Node {
        var children: [String: Node] = [:]
        var parameter: Node?
        var targets = Targets()
        var rest = Targets()
    }

    let listener: String
    private var owned: [String: [Route]] = [:]
    private var claims: RouteClaims
    /// By path, of routes without parameters.
    private(set) var exact: [String: Targets] = [:]
    private var root = Node()
    private var hasPatterns = false

    init(listener: String) {
        self.listener = listener
        claims = RouteClaims(listener: listener)
    }

    /// Replaces the owner's routes, all or none.
    mutating func set(owner: String, _ routes: [Route]) throws(RouteClash) {
        try claims.replace(owner: owner, routes.map(\.claim))
        owned[owner] = routes.isEmpty ? nil : routes
        rebuild()
    }

    /// Why the owner's routes could not be set.
    func clash(owner: String, _ routes: [Route]) -> RouteClash? { claims.clash(owner: owner, routes.map(\.claim)) }

    private mutating func rebuild() {
        exact = [:]
        root = Node()
        hasPatterns = false
        for (owner, routes) in owned {
            for route in routes {
                guard let pattern = try? RoutePattern(route.pattern) else { continue }
                if pattern.isExact {
                    let targets = exact[route.pattern] ?? Targets()
                    targets.add(route, pattern, owner)
                    exact[route.pattern] = targets
                    continue
                }
                hasPatterns = true
                var node = root
                for segment in pattern.segments {
                    switch segment {
                    case .literal(let text):
                        let next = node.children[text] ?? Node()
                        node.children[text] = next
                        node = next
                    case .parameter:
                        let next = node.parameter ?? Node()
                        node.parameter = next
                        node = next
                    case .rest: break
                    }
                }
                if pattern.hasRest {
                    node.rest.add(route, pattern, owner)
                } else {
                    node.targets.add(route, pattern, owner)
                }
            }
        }
    }

    /// What serves a path. Throws `MalformedPath` if it is not valid percent-encoded UTF-8.
    func match(_ path: String) throws(MalformedPath) -> Match? {
        if let targets = exact[path] { return Match(targets: targets, values: []) }
        let isEncoded = path.utf8.contains(UInt8(ascii: "%"))
        guard hasPatterns || isEncoded else { return nil }
        let segments = try Self.segments(path)
        if isEncoded, !segments.contains(where: { $0.contains("/") }) {
            let decoded = "/" + segments.joined(separator: "/")
            if let targets = exact[decoded] { return Match(targets: targets, values: []) }
        }
        guard hasPatterns, segments.count <= Self.segmentsMax else { return nil }
        var values: [String] = []
        guard let targets = Self.find(root, segments[...], &values) else { return nil }
        return Match(targets: targets, values: values)
    }

    struct MalformedPath: Error {}

    private static func segments(_ path: String) throws(MalformedPath) -> [String] {
        var result: [String] = []
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if part.contains(UInt8(ascii: "%")) {
                guard let text = QueryString.decode(part) else { throw MalformedPath() }
                result.append(text)
            } else {
                result.append(String(Substring(part)))
            }
        }
        return result
    }

    /// Literals before parameters before rest, with one step back per level: at most 2^depth nodes of a tree the routes
    /// themselves span, so never more than there are routes.
    private static func find(_ node: Node, _ segments: ArraySlice<String>, _ values: inout [String]) -> Targets? {
        guard let first = segments.first else { return node.targets.isEmpty ? nil : node.targets }
        let mark = values.count
        if let next = node.children[first], let found = find(next, segments.dropFirst(), &values) { return found }
        values.removeSubrange(mark...)
        if !first.isEmpty, let next = node.parameter {
            values.append(first)
            if let found = find(next, segments.dropFirst(), &values) { return found }
            values.removeSubrange(mark...)
        }
        guard !node.rest.isEmpty else { return nil }
        // A slash that was encoded must not become a separator.
        if segments.contains(where: { $0.contains("/") }) { return nil }
        values.append(segments.joined(separator: "/"))
        return node.rest
    }
}
