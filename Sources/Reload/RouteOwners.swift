import NIOHTTP1
import Transport

/// Who has which route on which listener, so that a candidate that wants a taken one fails before anything is swapped.
struct RouteOwners {
    struct Key: Hashable, Sendable {
        var listener: String
        /// `GET` …, `WS` for WebSocket endpoints.
        var method: String
        /// Without the names of parameters: `/a/:id` and `/a/:name` are the same route.
        var pattern: String

        init(listener: String, method: String, pattern: String) {
            self.listener = listener
            self.method = method
            let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
            self.pattern = parts.map { $0.hasPrefix(":") ? ":" : $0 }.joined(separator: "/")
        }

        init(listener: String, route: Route) {
            switch route.target {
            case .http(let method, _): self.init(listener: listener, method: method.rawValue, pattern: route.pattern)
            case .webSocket: self.init(listener: listener, method: "WS", pattern: route.pattern)
            }
        }
    }

    private var owners: [Key: String] = [:]

    init() {}

    /// The first route of `keys` that belongs to somebody else, with its owner.
    func clash(owner: String, _ keys: [Key]) -> (key: Key, owner: String)? {
        for key in keys {
            if let other = owners[key], other != owner { return (key, other) }
        }
        return nil
    }

    /// Replaces all routes of `owner`.
    mutating func replace(owner: String, _ keys: [Key]) {
        owners = owners.filter { $0.value != owner }
        for key in keys { owners[key] = owner }
    }
}
