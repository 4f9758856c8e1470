import Host

/// The requests of one generation that are under way, so that a loop cannot pile up copies of a body. Loop-bound to the
/// generation's worker.
final class FetchTraffic {
    /// Requests of one package on one worker that are under way. More of them wait for a server that does not answer.
    private static let requestsMax = 1_000
    /// Bytes of their bodies and of the answers they may get.
    private static let bytesMax = 256 << 20

    private var requests = 0
    private var bytes = 0

    /// Whether one more may begin.
    func admits(_ bytes: Int) -> Bool { requests < Self.requestsMax && self.bytes + bytes <= Self.bytesMax }

    func begin(_ bytes: Int) {
        requests += 1
        self.bytes += bytes
    }

    func end(_ bytes: Int) {
        requests -= 1
        self.bytes -= bytes
    }

    static func of(_ generation: Generation) -> FetchTraffic {
        let key = ObjectIdentifier(FetchTraffic.self)
        if let known = generation.moduleStorage[key] as? FetchTraffic { return known }
        let traffic = FetchTraffic()
        generation.moduleStorage[key] = traffic
        return traffic
    }
}
