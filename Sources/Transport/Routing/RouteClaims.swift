/// A route as somebody wants it: what it answers to, without what answers.
public struct RouteClaim: Hashable, Sendable, CustomStringConvertible {
    /// The method of WebSocket endpoints.
    public static let webSocket = "websocket"

    /// `GET`, `POST` …, or `websocket`.
    public var method: String
    /// As it was written.
    public var pattern: String

    public init(method: String, pattern: String) {
        self.method = method
        self.pattern = pattern
    }

    /// Two routes with the same key cannot both be there: the names of parameters do not matter.
    ///
    /// - Throws: If the pattern contradicts itself.
    public func key() throws(MalformedPattern) -> RouteKey { RouteKey(method: method, shape: try RoutePattern(pattern).shape) }

    public var description: String { method + " " + pattern }
}

/// What makes two routes the same. Only ``RouteClaim/key()`` makes one, so everybody folds patterns alike.
public struct RouteKey: Hashable, Sendable {
    public let method: String
    /// The pattern without its parameters' names.
    public let shape: String

    fileprivate init(method: String, shape: String) {
        self.method = method
        self.shape = shape
    }
}

/// Who has which route of one listener. What this refuses, a listener refuses, and nothing else: the tables of all loops ask
/// it, and so does everybody who must know beforehand.
public struct RouteClaims: Sendable {
    /// Routes of one listener: more is a script's mistake.
    public static let routesMax = 10_000

    private struct Holder: Sendable {
        var owner: String
        var claim: RouteClaim
    }

    private let listener: String
    private var holders: [RouteKey: Holder] = [:]

    public init(listener: String) { self.listener = listener }

    /// Why `owner` cannot have these routes in place of those it has now; nil if it can.
    public func clash(owner: String, _ claims: [RouteClaim]) -> RouteClash? {
        func clash(_ code: RouteClash.Code, _ claim: RouteClaim) -> RouteClash {
            RouteClash(code: code, listener: listener, method: claim.method, pattern: claim.pattern, owner: "")
        }
        let others = holders.values.count { $0.owner != owner }
        var own: [RouteKey: RouteClaim] = [:]
        for claim in claims {
            let key: RouteKey
            do throws(MalformedPattern) { key = try claim.key() } catch {
                var result = clash(.malformed, claim)
                result.reason = error.reason
                return result
            }
            guard others + claims.count <= Self.routesMax else { return clash(.tooMany, claim) }
            let holder = holders[key].flatMap { $0.owner == owner ? nil : $0 } ?? own[key].map { Holder(owner: owner, claim: $0) }
            if let holder {
                var result = clash(.taken, claim)
                result.owner = holder.owner
                result.reason = holder.claim.pattern == claim.pattern ? "" : "as \(holder.claim.pattern)"
                return result
            }
            own[key] = claim
        }
        return nil
    }

    /// Replaces all routes of `owner`, all or none; an empty list gives them up.
    public mutating func replace(owner: String, _ claims: [RouteClaim]) throws(RouteClash) {
        if let clash = clash(owner: owner, claims) { throw clash }
        holders = holders.filter { $0.value.owner != owner }
        for claim in claims {
            if let key = try? claim.key() { holders[key] = Holder(owner: owner, claim: claim) }
        }
    }

    /// Who has a route that is the same as `claim`.
    public func owner(of claim: RouteClaim) -> String? { (try? claim.key()).flatMap { holders[$0]?.owner } }
}
