import Host
import Transport

/// What a unit takes for itself: no two units can have the same.
struct UnitClaims: Sendable {
    var listener: String
    var routes: [RouteClaim]
    /// Names given to `nightjar.provide`.
    var functions: [String]

    init(listener: String, routes: [RouteClaim], functions: [String] = []) {
        self.listener = listener
        self.routes = routes
        self.functions = functions
    }
}

extension ReservedRoutes {
    var claims: UnitClaims { UnitClaims(listener: listener, routes: routes) }
}

/// One thing somebody has; what a refused candidate may wait for.
enum Claimed: Hashable, Sendable {
    case route(listener: String, RouteKey)
    case function(String)
}

/// Who has which routes and which function names, so that a candidate that wants a taken one fails before anything is
/// swapped. Owners are units by their description, and parts of the host.
struct ClaimBook {
    private var routes: [String: RouteClaims] = [:]
    private var functions: [String: String] = [:]
    private var held: [String: Set<Claimed>] = [:]

    /// - Parameter reserved: What parts of the host will have. Two that want the same are told when they set their routes.
    init(reserved: [ReservedRoutes] = []) {
        for part in reserved { _ = try? replace(owner: part.owner, part.claims) }
    }

    /// Why `owner` cannot have the routes of `claims`.
    func clash(owner: String, _ claims: UnitClaims) -> RouteClash? {
        (routes[claims.listener] ?? RouteClaims(listener: claims.listener)).clash(owner: owner, claims.routes)
    }

    /// Somebody else who provides a function of this name.
    func provider(of function: String, besides owner: String) -> String? {
        functions[function].flatMap { $0 == owner ? nil : $0 }
    }

    /// Replaces all that `owner` has; nil gives it up. The claims must not clash with what others have.
    ///
    /// - Returns: What it has no longer.
    @discardableResult
    mutating func replace(owner: String, _ claims: UnitClaims?) throws(RouteClash) -> Set<Claimed> {
        if let claims, let clash = clash(owner: owner, claims) { throw clash }
        for listener in routes.keys { try routes[listener]?.replace(owner: owner, []) }
        functions = functions.filter { $0.value != owner }
        var now: Set<Claimed> = []
        if let claims {
            var book = routes[claims.listener] ?? RouteClaims(listener: claims.listener)
            try book.replace(owner: owner, claims.routes)
            routes[claims.listener] = book
            for name in claims.functions { functions[name] = owner }
            now = Self.all(claims)
        }
        let before = held[owner] ?? []
        held[owner] = now.isEmpty ? nil : now
        return before.subtracting(now)
    }

    /// The owners of routes that are the same as some of these.
    func owners(of claims: UnitClaims) -> Set<String> {
        Set(claims.routes.compactMap { routes[claims.listener]?.owner(of: $0) })
    }

    private static func all(_ claims: UnitClaims) -> Set<Claimed> {
        var result = Set(claims.functions.map(Claimed.function))
        for route in claims.routes {
            if let key = try? route.key() { result.insert(.route(listener: claims.listener, key)) }
        }
        return result
    }
}
