public import Host
import Transport

extension CasinoConfiguration {
    /// What the casino answers to itself. For the script host's `reservedRoutes`, so that no package can take one.
    public var routes: ReservedRoutes {
        ReservedRoutes(
            owner: "casino sessions", listener: listener,
            routes: [
                RouteClaim(method: RouteClaim.webSocket, pattern: "/session/ws"),
                RouteClaim(method: "GET", pattern: GameFiles.pattern),
            ])
    }
}
