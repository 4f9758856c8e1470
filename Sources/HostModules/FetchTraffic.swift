import Host

/// The requests of one generation that are under way, so that a loop cannot pile up copies of a body. Loop-bound to the
/// generation's worker.
final class FetchTraffic {
    var requests = 0
    /// Bytes of their bodies and of the answers they may get.
    var bytes = 0

    static func of(_ generation: Generation) -> FetchTraffic {
        let key = ObjectIdentifier(FetchTraffic.self)
        if let known = generation.moduleStorage[key] as? FetchTraffic { return known }
        let traffic = FetchTraffic()
        generation.moduleStorage[key] = traffic
        return traffic
    }
}
