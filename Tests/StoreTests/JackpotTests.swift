import Foundation
import NIOCore
import NightjarTesting
@testable import Store
import Testing

/// Jackpots in both stores.
@Suite struct JackpotTests {
    private let mini = JackpotKey(site: "local", id: "night/mini")

    private func step(_ version: Int64, _ jackpots: [JackpotDelta]) -> Transition {
        var step = transition(version: version)
        step.jackpots = jackpots
        return step
    }

    private func fed(_ amount: Int64, hidden: Int64 = 0, minimum: Int64 = 1_000, maximum: Int64 = 2_000) -> JackpotDelta {
        .contribute(mini, amount: amount, hidden: hidden, minimum: minimum, maximum: maximum)
    }

    private func taken(_ version: Int64, _ amount: Int64, next: JackpotThreshold? = nil) -> JackpotDelta {
        .take(mini, expectedVersion: version, amount: amount, minimum: 1_000, maximum: 2_000, next: next)
    }

    private func only(_ store: any Store) async throws -> Jackpot {
        let jackpot = try #require(try await store.jackpots().first)
        #expect(jackpot.fault == nil, "\(jackpot.fault ?? "")")
        return jackpot
    }

    @Test(arguments: StoreKind.allCases)
    func whatComesAboveTheMaximumIsKeptAndCarried(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(step(1, [fed(600), fed(700)]))
            var jackpot = try await only(store)
            #expect(jackpot.value == 2_000 && jackpot.overflow == 300)
            #expect(jackpot.meters.seeded == 1_000 && jackpot.meters.contributed == 1_300 && jackpot.meters.overflowed == 300)
            _ = try await store.commit(step(2, [taken(0, 2_000)]))
            jackpot = try await only(store)
            #expect(jackpot.value == 1_300 && jackpot.overflow == 0 && jackpot.version == 1)
            #expect(jackpot.meters.awarded == 2_000 && jackpot.meters.carried == 300 && jackpot.meters.seeded == 2_000)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theNextSeedComesFromTheReserveAsFarAsThatGoes(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(step(1, [fed(100, hidden: 400)]))
            _ = try await store.commit(step(2, [taken(0, 1_000)]))
            var jackpot = try await only(store)
            #expect(jackpot.value == 1_100 && jackpot.reserve == 0)
            #expect(jackpot.meters.drawn == 400 && jackpot.meters.seeded == 1_600)
            _ = try await store.commit(step(3, [fed(0, hidden: 1_500)]))
            _ = try await store.commit(step(4, [taken(1, 1_000)]))
            jackpot = try await only(store)
            #expect(jackpot.reserve == 500 && jackpot.meters.drawn == 1_400 && jackpot.meters.seeded == 1_600)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aTakeFromAnOldVersionIsAConflictAndChangesNothing(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(step(1, [fed(10)]))
            let before = try await only(store), head = try await store.account(alice)
            for wrong in [taken(1, 1_000), taken(0, 1_012)] {
                #expect(try await store.commit(step(2, [fed(1), wrong])) == .conflict(actual: head))
            }
            #expect(try await only(store) == before)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whoReachesTheThresholdMustTakeIt(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let first = JackpotThreshold(hitAt: 1_500, secret: "1500:a"), second = JackpotThreshold(hitAt: 1_800, secret: "1800:b")
            let opening = JackpotOpening(key: mini, minimum: 1_000, maximum: 2_000, threshold: first)
            let opened = try await store.openJackpots([opening])
            #expect(opened.map(\.threshold) == [first] && opened.map(\.value) == [1_000])
            #expect(try await store.commit(step(1, [fed(499)])).outcome != nil)
            let head = try await store.account(alice)
            #expect(try await store.commit(step(2, [fed(1)])) == .conflict(actual: head), "it reaches 1500 and takes nothing")
            #expect(try await store.commit(step(2, [fed(1), taken(0, 1_000, next: second)])).outcome != nil)
            let jackpot = try await only(store)
            #expect(jackpot.threshold == second && jackpot.value == 1_500)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func openingTwiceChangesNothingButTheNeedForAThreshold(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            var opening = JackpotOpening(key: mini, minimum: 1_000, maximum: 2_000)
            _ = try await store.openJackpots([opening])
            _ = try await store.commit(step(1, [fed(5)]))
            opening.minimum = 7
            #expect(try await store.openJackpots([opening]).map(\.value) == [1_005])
            opening.threshold = JackpotThreshold(hitAt: 1_500, secret: "x")
            #expect(try await store.openJackpots([opening]).first?.threshold == opening.threshold)
            var other = opening
            other.threshold = JackpotThreshold(hitAt: 1_600, secret: "y")
            #expect(try await store.openJackpots([other]).first?.threshold == opening.threshold, "a threshold that was committed to stays")
            other.threshold = nil
            #expect(try await store.openJackpots([other]).first?.threshold == nil)
            #expect(try await only(store).value == 1_005)
        }
    }

    /// Terms were edited: a threshold that they cannot have would never be reached, or could not be paid.
    @Test(arguments: StoreKind.allCases)
    func aThresholdThatTheTermsCannotHaveIsReplaced(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let first = JackpotThreshold(hitAt: 1_500, secret: "1500:a")
            func opened(_ hitAt: Int64, _ range: ClosedRange<Int64>?) async throws -> JackpotThreshold? {
                let threshold = JackpotThreshold(hitAt: hitAt, secret: "\(hitAt):b")
                let opening = JackpotOpening(key: mini, minimum: 1_000, maximum: 2_000, threshold: threshold, thresholds: range)
                return try await store.openJackpots([opening]).first?.threshold
            }
            #expect(try await opened(1_500, 1_001...2_000)?.hitAt == 1_500)
            let kept = try await opened(1_700, nil)
            #expect(kept?.hitAt == 1_500 && kept?.secret == "1500:b" && kept != first)
            for range in [1_500...1_600, 1_400...1_500] as [ClosedRange<Int64>] {
                #expect(try await opened(range.lowerBound, range)?.hitAt == 1_500, "a threshold that was committed to stays")
            }
            #expect(try await opened(1_450, 1_400...1_499)?.secret == "1450:b", "it was above")
            #expect(try await opened(1_480, 1_451...1_480)?.secret == "1480:b", "it was below")
            await #expect(throws: StoreError.self) { _ = try await opened(1_700, 1_400...1_500) }
            #expect(try await only(store).value == 1_000)
        }
    }

    /// What was kept is added up to where nobody has won yet; the rest waits for the next win.
    @Test(arguments: StoreKind.allCases)
    func whatIsCarriedWinsNothing(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(step(1, [fed(1_000), fed(900)]))
            let next = JackpotThreshold(hitAt: 1_500, secret: "1500:a")
            #expect(try await store.commit(step(2, [taken(0, 2_000, next: next)])).outcome != nil)
            var jackpot = try await only(store)
            #expect(jackpot.value == 1_499 && jackpot.overflow == 401 && jackpot.threshold == next)
            #expect(try await store.commit(step(3, [fed(1), taken(1, 1_000)])).outcome != nil)
            jackpot = try await only(store)
            #expect(jackpot.value == 1_901 && jackpot.overflow == 0)
        }
    }

    /// 100,000 bets of many players at once, in a file that is left behind and opened again in between: nothing is lost, nothing is
    /// counted twice, and every level's meters come to what it holds.
    @Test(.timeLimit(.minutes(5)), arguments: StoreKind.allCases)
    func metersAddUpAfterAHundredThousandConcurrentBets(_ kind: StoreKind) async throws {
        let levels = (0..<4).map { JackpotKey(site: "local", id: "night/\($0)") }
        let (players, parts, betsPerPart) = (40, 5, 500)
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let memory = MemoryStore()
            var expected = Sums()
            var before: [String: JackpotMeters] = [:]
            for part in 0..<parts {
                let store: any Store = kind == .memory ? memory : try openSQLite(path)
                let done = try await withThrowingTaskGroup(of: Sums.self) { group in
                    for player in 0..<players {
                        group.addTask { try await play(store, player, levels, betsPerPart, seed: UInt64(part * players + player)) }
                    }
                    return try await group.reduce(into: Sums()) { $0.add($1) }
                }
                expected.add(done)
                for jackpot in try await store.jackpots() {
                    #expect(jackpot.meters.isPast(before[jackpot.key.id]), "a meter went back: \(jackpot)")
                    before[jackpot.key.id] = jackpot.meters
                }
                if kind == .sqlite {
                    await store.close()
                    #expect(try verify(path).isSound)
                }
            }
            let store: any Store = kind == .memory ? memory : try openSQLite(path)
            let jackpots = try await store.jackpots()
            #expect(jackpots.count == levels.count)
            for jackpot in jackpots { #expect(jackpot.fault == nil, "\(jackpot.key.id): \(jackpot.fault ?? "")") }
            #expect(jackpots.reduce(0) { $0 + $1.meters.contributed } == expected.contributed)
            #expect(jackpots.reduce(0) { $0 + $1.meters.hidden } == expected.hidden)
            #expect(jackpots.reduce(0) { $0 + $1.meters.awarded } == expected.awarded)
            #expect(jackpots.reduce(0) { $0 + $1.version } == expected.wins)
            #expect(expected.wins > 50 && expected.bets == Int64(players * parts * betsPerPart))
            await store.close()
        }
    }

    private struct Sums: Sendable {
        var bets: Int64 = 0
        var contributed: Int64 = 0
        var hidden: Int64 = 0
        var awarded: Int64 = 0
        var wins: Int64 = 0

        mutating func add(_ other: Sums) {
            bets += other.bets
            contributed += other.contributed
            hidden += other.hidden
            awarded += other.awarded
            wins += other.wins
        }
    }

    /// Bets of one player; one in 500 takes a level, from what was read before, which others may have changed.
    private func play(_ store: any Store, _ player: Int, _ levels: [JackpotKey], _ bets: Int, seed: UInt64) async throws -> Sums {
        var random = Seeded(seed)
        let account = AccountKey(realm: "demo", user: "player-\(player)", denom: "credit")
        var version = try await store.account(account).version
        var sums = Sums()
        for _ in 0..<bets {
            let amount = Int64.random(in: 1...400, using: &random), hidden = amount / 5
            let wanted = Int.random(in: 0..<500, using: &random) == 0 ? Int.random(in: 0..<levels.count, using: &random) : nil
            let id = StateID.random()
            while true {
                var deltas = levels.map { JackpotDelta.contribute($0, amount: amount, hidden: hidden, minimum: 50_000, maximum: 90_000) }
                var prize: Int64 = 0
                if let wanted {
                    let known = try await store.jackpots().first { $0.key == levels[wanted] }
                    prize = (known?.value ?? 50_000) / 1_000 * 1_000
                    deltas.append(.take(levels[wanted], expectedVersion: known?.version ?? 0, amount: prize, minimum: 50_000, maximum: 90_000))
                }
                var step = transition(account, version: version, id: id)
                step.jackpots = deltas
                let result = try await store.commit(step)
                if case .conflict = result { continue }
                guard let outcome = result.outcome else { throw Unsound(description: "\(result)") }
                version = outcome.version
                sums.bets += 1
                sums.contributed += amount * Int64(levels.count)
                sums.hidden += hidden * Int64(levels.count)
                if wanted != nil { (sums.awarded, sums.wins) = (sums.awarded + prize, sums.wins + 1) }
                break
            }
        }
        return sums
    }

    @Test(arguments: ["value", "reserve", "overflow", "contributed", "hidden", "seeded", "drawn", "awarded", "overflowed", "carried", "start"])
    func aTamperedMeterIsFound(_ column: String) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            _ = try await store.commit(step(1, [fed(600)]))
            await store.close()
            try verify(path)
            try Database(path: path, lockWait: .zero).run("UPDATE jackpot SET \(column) = \(column) + 1")
            let report = try SQLiteStore.verify(path: path)
            #expect(report.problems.map(\.code) == [.jackpot] && report.problems[0].detail.contains("night/mini"))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func stakesAreCountedForTheAccount(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(transition(version: 1, [LedgerEntry(.bet, -4), LedgerEntry(.win, 6), LedgerEntry(.extra, -3)]))
            _ = try await store.commit(transition(version: 2, [LedgerEntry(.refund, 4)]))
            #expect(try await store.account(alice).spent == 7)
            // Of whatever kind an engine says; but what an operator's wallet has less is no stake.
            _ = try await store.commit(transition(version: 3, [LedgerEntry(.wallet, -50), LedgerEntry(raise, -5), LedgerEntry(raise, 9)]))
            #expect(try await store.account(alice).spent == 12)
            // Outside of games only what says so.
            var fee = transition(version: 4, [LedgerEntry(raise, -20), LedgerEntry(.bet, -1)], game: nil)
            fee.kind = .adjustment
            _ = try await store.commit(fee)
            #expect(try await store.account(alice).spent == 13)
        }
    }

    private let raise = LedgerKind(rawValue: "raise")!

    @Test func whatWasSpentSurvivesAndIsChecked() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite", copy = folder + "/crashed.sqlite"
            var store = try openSQLite(path)
            _ = try await store.account(alice)
            _ = try await store.commit(transition(version: 1, [LedgerEntry(.bet, -4)]))
            await store.close()
            store = try openSQLite(path)
            _ = try await store.commit(transition(version: 2, [LedgerEntry(raise, -5)]))
            #expect(try await store.account(alice).spent == 9)
            // After a crash the heads come from the journal.
            for ending in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + ending, toPath: copy + ending) }
            let crashed = try openSQLite(copy)
            #expect(try await crashed.account(alice).spent == 9)
            await crashed.close()
            try verify(copy)
            await store.close()
            try verify(path)
            try Database(path: path, lockWait: .zero).run("UPDATE head SET spent = 8")
            #expect(try SQLiteStore.verify(path: path).problems.map(\.code) == [.head])
        }
    }
}

extension JackpotMeters {
    /// None of them has less than before.
    fileprivate func isPast(_ before: JackpotMeters?) -> Bool {
        func all(_ meters: JackpotMeters) -> [Int64] {
            [
                meters.start, meters.contributed, meters.hidden, meters.seeded, meters.drawn, meters.awarded, meters.overflowed, meters.carried,
            ]
        }
        guard let before else { return true }
        return zip(all(before), all(self)).allSatisfy { $0 <= $1 }
    }
}
