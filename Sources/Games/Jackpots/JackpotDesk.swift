import Bytes
import Logging
import NIOCore
import Store

/// The jackpots of the games that are played on one loop: makes their values known before a call, has awards made from what the store
/// says, and tells of what was won. Loop-bound.
///
///     call ─▸ prepared: values as last known ─▸ engine ─▸ no award ─▸ commit: contributions add up in the store
///                                                 │
///                                                 └─▸ award ─▸ refreshed: values from the store ─▸ the same call again, with the
///                                                              same random numbers ─▸ commit: the take names the version it saw
///
/// A commit that conflicts (somebody else took the level, or this bet's contribution reached a threshold unnoticed) is tried again
/// the same way: what the engine has drawn stays.
final class JackpotDesk {
    /// Attempts for one call. Each that fails means that somebody else has won in between.
    static let attemptsMax = 64

    private unowned let loop: CasinoLoop

    init(on loop: CasinoLoop) { self.loop = loop }

    /// Calls the engine with the values of its levels: those that are known, and those of the store once it awards something. Nil: the
    /// store cannot be read, or others win all the time.
    ///
    /// - Parameter ledger: Where the player's account is.
    func act(
        _ call: GameCall, _ rules: GameRules, realm: String, in ledger: any Ledger,
        _ done: @escaping ((call: GameCall, outcome: ActionOutcome)?) -> Void
    ) {
        guard let call = prepared(call, rules, realm: realm) else {
            return load(rules, realm: realm, in: ledger) { isLoaded in
                if isLoaded { self.act(call, rules, realm: realm, in: ledger, done) } else { done(nil) }
            }
        }
        let outcome = loop.games.act(call)
        guard outcome.fault == nil, mustRefresh(call, outcome) else { return done((call, outcome)) }
        again(call, outcome, rules, realm: realm, in: ledger, done)
    }

    /// Calls the engine once more with what the store says now: after a commit that came too late for a level.
    ///
    /// - Parameters:
    ///   - ledger: Where the player's account is.
    ///   - credits: The balance, if it may have changed meanwhile.
    ///   - isVoid: The ids of the steps are used up: the stake was noted, taken and rolled back under them. Chance stays what it was.
    func again(
        _ call: GameCall, _ outcome: ActionOutcome, _ rules: GameRules, realm: String, in ledger: any Ledger, credits: Int64? = nil,
        isVoid: Bool = false, _ done: @escaping ((call: GameCall, outcome: ActionOutcome)?) -> Void
    ) {
        refreshed(call, outcome, rules, realm: realm, in: ledger, isVoid: isVoid) { fresh in
            guard var fresh else { return done(nil) }
            if let credits { fresh.credits = credits }
            self.act(fresh, rules, realm: realm, in: ledger, done)
        }
    }

    /// The call with the values of its levels; nil: they must be loaded first.
    private func prepared(_ call: GameCall, _ rules: GameRules, realm: String) -> GameCall? {
        guard rules.settings.jackpots != nil, !call.hasFreshPots else { return call }
        guard let cells = rules.cells[realm] else { return nil }
        var call = call
        call.pots = cells.map(\.pot)
        return call
    }

    /// Makes the levels known, in the store too. False when it cannot be reached, which is logged.
    ///
    /// - Parameter ledger: Where the player's account is.
    private func load(_ rules: GameRules, realm: String, in ledger: any Ledger, _ done: @escaping (Bool) -> Void) {
        guard let plan = rules.settings.jackpots else { return done(true) }
        open(plan, rules, realm, ledger) { jackpots in
            if let jackpots { rules.cells[realm] = self.loop.shared.jackpots.take(jackpots, realm: realm) }
            done(jackpots != nil)
        }
    }

    /// Did the engine award something from values that may be old?
    private func mustRefresh(_ call: GameCall, _ outcome: ActionOutcome) -> Bool {
        !call.hasFreshPots && outcome.steps.contains { $0.jackpots.contains { if case .award = $0 { true } else { false } } }
    }

    /// The same call with the values that the store has now. Nil when it cannot be reached, or when it has been tried too often.
    ///
    /// - Parameters:
    ///   - ledger: Where the player's account is.
    ///   - isVoid: The ids of the steps are used up: the stake was noted, taken and rolled back under them. Chance stays what it was.
    private func refreshed(
        _ call: GameCall, _ outcome: ActionOutcome, _ rules: GameRules, realm: String, in ledger: any Ledger, isVoid: Bool,
        _ done: @escaping (GameCall?) -> Void
    ) {
        guard let plan = rules.settings.jackpots, call.attempt < Self.attemptsMax else { return done(nil) }
        open(plan, rules, realm, ledger) { jackpots in
            guard let jackpots else { return done(nil) }
            rules.cells[realm] = self.loop.shared.jackpots.take(jackpots, realm: realm)
            var call = call
            call.attempt += 1
            call.hasFreshPots = true
            call.replayed = outcome.steps.map { GameCall.ReplayedStep(id: isVoid ? .random() : $0.id, key: $0.key) }
            call.pots = zip(plan.levels, jackpots).map { level, jackpot in
                var pot = JackpotPot(value: jackpot.value, version: jackpot.version, hitAt: jackpot.threshold?.hitAt ?? 0)
                guard case .mustHitBy(let limit) = level.trigger else { return pot }
                let next = JackpotSecret.draw(level, limit: limit)
                pot.secret = jackpot.threshold?.secret ?? ""
                (pot.next, pot.nextCommitment) = (next, JackpotSecret.commitment(next.secret))
                return pot
            }
            done(call)
        }
    }

    /// A transition stands.
    func committed(_ call: GameCall, _ outcome: ActionOutcome, _ deltas: [JackpotDelta], _ rules: GameRules, user: UserKey) {
        guard !deltas.isEmpty, let plan = rules.settings.jackpots, let cells = rules.cells[user.realm] else { return }
        for delta in deltas {
            if let index = plan.levels.firstIndex(where: { $0.id == delta.key.id }), index < cells.count { cells[index].apply(delta) }
        }
        for case .award(let index, let amount) in outcome.steps.flatMap(\.jackpots) {
            let level = plan.levels[index], pot = index < call.pots.count ? call.pots[index] : JackpotPot()
            loop.shared.logger.notice("a jackpot was won", metadata: [
                "jackpot": "\(level.id)", "site": "\(call.site)", "user": "\(user.user)", "credits": "\(amount / level.multiplier)",
            ])
            let logger = loop.shared.logger
            let news = JackpotNews(
                level: level.id, credits: amount / level.multiplier, secret: pot.secret, commitment: pot.nextCommitment, site: call.site,
                platform: user.realm)
            loop.scripts.won(news) { code in
                logger.error("nobody was told that a jackpot was won", metadata: ["jackpot": "\(level.id)", "code": "\(code)"])
            }
        }
    }

    private func open(
        _ plan: JackpotPlan, _ rules: GameRules, _ realm: String, _ ledger: any Ledger, _ done: @escaping ([Jackpot]?) -> Void
    ) {
        let openings = plan.levels.map { $0.opening(at: rules.site.id) }
        ledger.openJackpots(
            realm: realm, openings, on: loop.eventLoop,
            loop.eventLoop.back { result in
                switch result {
                case .success(let jackpots) where jackpots.count == openings.count: done(jackpots)
                case .success: done(nil)
                case .failure(let error):
                    self.loop.shared.logger.error("jackpots not read", metadata: ["site": "\(rules.site.id)", "error": "\(error)"])
                    done(nil)
                }
            })
    }
}

extension JackpotDelta {
    var key: JackpotKey {
        switch self {
        case .contribute(let key, _, _, _, _), .take(let key, _, _, _, _, _): key
        }
    }
}

extension ActionOutcome {
    /// What the accepted steps do to the site's jackpots, in order.
    func jackpotDeltas(_ call: GameCall) -> [JackpotDelta] {
        guard let plan = call.settings.jackpots else { return [] }
        var deltas: [JackpotDelta] = []
        // A level may be won again in a later step of the same call.
        var takes: [Int: Int64] = [:]
        for step in steps {
            for effect in step.jackpots {
                switch effect {
                case .contribution(let index, let amount, let hidden):
                    let level = plan.levels[index]
                    deltas.append(.contribute(
                        JackpotKey(site: call.site, id: level.id), amount: amount, hidden: hidden, minimum: level.minimum, maximum: level.maximum))
                case .award(let index, let amount):
                    let level = plan.levels[index], pot = index < call.pots.count ? call.pots[index] : JackpotPot()
                    deltas.append(.take(
                        JackpotKey(site: call.site, id: level.id), expectedVersion: pot.version + takes[index, default: 0], amount: amount,
                        minimum: level.minimum, maximum: level.maximum, next: pot.next))
                    takes[index, default: 0] += 1
                }
            }
        }
        return deltas
    }
}
