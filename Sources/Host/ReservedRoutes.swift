public import Transport

/// Routes that belong to a part of the host, known before the scripts are loaded.
public struct ReservedRoutes: Sendable {
    /// Who has them, as given to `ScriptHost.native`.
    public var owner: String
    public var listener: String
    public var routes: [RouteClaim]

    public init(owner: String, listener: String, routes: [RouteClaim]) {
        self.owner = owner
        self.listener = listener
        self.routes = routes
    }
}
