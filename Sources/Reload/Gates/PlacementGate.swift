import Host

/// Where a unit runs cannot change while it runs: its state and its connections live there.
struct PlacementGate: Gate {
    let name = "placement"

    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal? {
        guard let former = candidate.former?.settings.placement, former != candidate.settings.placement else { return nil }
        let now = candidate.settings.placement
        return Refusal(
            candidate.error(
                "placement_changed", "M.workers was \"\(former.rawValue)\" and is \"\(now.rawValue)\" now: that needs a restart"),
            cure: .restart)
    }
}
