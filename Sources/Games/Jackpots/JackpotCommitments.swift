import Bytes
import NIOCore
import Store
import Synchronization

/// Has the jackpots in which something must be won by a certain value opened, and so committed to, before anybody can play for them: a
/// hash that is there only after the first stake proves nothing of that stake. Any thread.
///
/// A site's are opened for every platform before the site is taken over, and a session that starts makes sure of its own
/// platform's.
final class JackpotCommitments: Sendable {
    private struct Place: Hashable {
        let realm: String
        let site: String
    }

    /// What was committed to; other terms, or another store, need another look.
    private struct Terms: Equatable {
        let levels: [JackpotLevel]
        let isInMemory: Bool
    }

    /// Sites and platforms that are remembered; what is forgotten is looked for in the store again.
    private static let madeMax = 16_384
    private let made = Lock<[Place: Terms]>([:])

    /// Opens what is not open yet.
    ///
    /// - Parameters:
    ///   - loop: The current one.
    ///   - done: Told, on `loop`, why the store has not taken it; nil: all stands.
    func make(for sites: [Site], on platforms: [String], of shared: CasinoShared, loop: any EventLoop, _ done: @escaping (StoreError?) -> Void) {
        var pieces: [(realm: String, openings: ArraySlice<JackpotOpening>)] = []
        var terms: [Place: Terms] = [:]
        for realm in platforms {
            var openings: [JackpotOpening] = []
            for site in sites where !site.committedLevels.isEmpty {
                let place = Place(realm: realm, site: site.id)
                let wanted = Terms(levels: site.committedLevels, isInMemory: shared.wallets.kind(of: realm) == .memory)
                guard made.withLock({ $0[place] }) != wanted else { continue }
                terms[place] = wanted
                openings += site.committedLevels.map { $0.opening(at: site.id) }
            }
            for start in stride(from: 0, to: openings.count, by: StoreLimits.itemsPerTransition) {
                pieces.append((realm, openings[start...].prefix(StoreLimits.itemsPerTransition)))
            }
        }
        open(pieces[...], of: shared, loop: loop) { error in
            if error == nil, !terms.isEmpty { self.made.withLock { $0 = $0.count > Self.madeMax ? terms : $0.merging(terms) { _, new in new } } }
            done(error)
        }
    }

    private func open(
        _ pieces: ArraySlice<(realm: String, openings: ArraySlice<JackpotOpening>)>, of shared: CasinoShared, loop: any EventLoop,
        _ done: @escaping (StoreError?) -> Void
    ) {
        guard let piece = pieces.first else { return done(nil) }
        shared.ledger(of: piece.realm).openJackpots(
            realm: piece.realm, Array(piece.openings), on: loop,
            loop.back { result in
                if case .failure(let error) = result { return done(error) }
                self.open(pieces.dropFirst(), of: shared, loop: loop, done)
            })
    }
}

extension JackpotLevel {
    /// What it begins with at a site: with a value of its own drawing, if it must be won by one.
    func opening(at site: String) -> JackpotOpening {
        var opening = JackpotOpening(key: JackpotKey(site: site, id: id), minimum: minimum, maximum: maximum)
        if case .mustHitBy(let limit) = trigger {
            opening.threshold = JackpotSecret.draw(self, limit: limit)
            opening.thresholds = thresholds(upTo: limit)
        }
        return opening
    }
}
