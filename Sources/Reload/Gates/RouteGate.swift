import Host
import Transport

/// No two owners of one route: what a listener would refuse later is refused here, with the line that declared it.
struct RouteGate: Gate {
    let name = "routes"
    let claims: ClaimBook

    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal? { refusal(candidate) }

    func refusal(_ candidate: Candidate) -> Refusal? {
        let wanted = candidate.claims
        guard let clash = claims.clash(owner: candidate.source.id.description, wanted) else { return nil }
        let key = try? RouteClaim(method: clash.method, pattern: clash.pattern).key()
        let site = key.flatMap { candidate.generation.registrations.routeSites[$0]?.site }
        let error = candidate.error(clash.code.rawValue, clash.description, at: site)
        guard clash.code == .taken, let key else { return Refusal(error) }
        return Refusal(error, cure: .release(of: .route(listener: clash.listener, key), by: clash.owner))
    }
}
