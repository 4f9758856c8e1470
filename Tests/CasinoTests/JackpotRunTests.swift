import LuaRuntime
import NightjarTesting
import Store
import Testing

@testable import Games

/// The rules of jackpots within one call, without Lua and store.
@Suite struct JackpotRunTests {
    private func level(
        _ trigger: JackpotTrigger, rate: Int64 = 100, hidden: Int64 = 0, qualifying: Int64 = 0, minimum: Int64 = 0, maximum: Int64 = 1_000_000
    ) throws -> JackpotLevel {
        let parts =
            switch trigger {
            case .event(let name): "\"on\":\"\(name)\""
            case .chance(let oneIn): "\"one_in\":\(oneIn)"
            case .mustHitBy(let limit): "\"must_hit_by\":\(limit)"
            }
        let text = Array("""
            {"level":{"id":"j/l","level":"l","storage_multiplier":1000,"min":\(minimum),"max":\(maximum),"rate_bp":\(rate),\
            "hidden_rate_bp":\(hidden),"qualifying_bet":\(qualifying),\(parts)}}
            """.utf8)
        let level = text.withUnsafeBytes { bytes in (try? JSONObject(bytes))?["level"].flatMap { JackpotLevel($0) } }
        return try #require(level)
    }

    private func run(_ levels: JackpotLevel..., pots: [JackpotPot]) throws -> JackpotRun { JackpotRun(try #require(JackpotPlan(levels)), pots) }

    private let key = RandomKey(words: (1, 2, 3, 4))

    @Test func aStakeOfFourAtOnePercentIsFortyUnits() throws {
        var run = try run(try level(.event("")), try level(.event(""), rate: 33, hidden: 7), pots: [])
        #expect(run.contribute(4, key: key).isEmpty)
        #expect(run.close() == [.contribution(level: 0, amount: 40, hidden: 0), .contribution(level: 1, amount: 13, hidden: 2)])
        #expect(run.close().isEmpty)
    }

    @Test func anEventPaysWholeCreditsOfTheLevelsItWins() throws {
        let pots = [JackpotPot(value: 7_999, version: 3), JackpotPot(value: 5_000), JackpotPot(value: 999)]
        var run = try run(try level(.event("bingo"), rate: 0), try level(.event("line")), try level(.event("")), pots: pots)
        #expect(run.award("bingo", stake: 4) == [JackpotHit(level: 0, amount: 7)], "999 units are no credit")
        #expect(run.close() == [.award(level: 0, amount: 7_000)])
        #expect(run.award("bingo", stake: 4).isEmpty, "it begins anew with nothing")
    }

    @Test func whoBetsTooLittleFeedsButDoesNotWin() throws {
        let pots = [JackpotPot(value: 7_000), JackpotPot(value: 7_000), JackpotPot(value: 7_000, hitAt: 7_001)]
        var run = try run(
            try level(.event(""), qualifying: 5), try level(.chance(oneIn: 1), qualifying: 5), try level(.mustHitBy(9_000), qualifying: 5),
            pots: pots)
        #expect(run.contribute(4, key: key).isEmpty && run.award("x", stake: 4).isEmpty)
        #expect(run.close() == [.contribution(level: 0, amount: 40, hidden: 0), .contribution(level: 1, amount: 40, hidden: 0)])
        #expect(run.contribute(5, key: key).map(\.level) == [1, 2] && run.award("x", stake: 5).map(\.level) == [0])
    }

    @Test func theStakeThatReachesTheThresholdWins() throws {
        var run = try run(try level(.mustHitBy(9_000)), pots: [JackpotPot(value: 7_000, hitAt: 7_100)])
        #expect(run.contribute(9, key: key).isEmpty)
        #expect(run.contribute(1, key: key) == [JackpotHit(level: 0, amount: 7)])
        #expect(run.contribute(400, key: key).isEmpty, "the next threshold is not known here")
    }

    /// The limit was lowered below what the level had grown to: that was promised, and is paid.
    @Test func aValueAboveTheMaximumIsPaidAsAWhole() throws {
        let level = try level(.mustHitBy(9_000), minimum: 2_000, maximum: 9_000)
        var run = try run(level, pots: [JackpotPot(value: 40_500, hitAt: 8_000)])
        #expect(run.contribute(9, key: key) == [JackpotHit(level: 0, amount: 40)])
        #expect(run.pots[0].value == 2_500)
    }

    /// One in 50 credits: of 20,000 stakes of 5 about a tenth, by the same keys always the same ones.
    @Test func chanceIsProportionalToTheStakeAndHangsOnTheKeyAlone() throws {
        let lots = try level(.chance(oneIn: 50))
        func wins(_ stake: Int64) throws -> [Bool] {
            var random = Seeded(7)
            return try (0..<20_000).map { _ in
                let key = RandomKey(words: (random.next(), random.next(), random.next(), random.next()))
                var run = try run(lots, pots: [JackpotPot(value: 5_000)])
                return !run.contribute(stake, key: key).isEmpty
            }
        }
        let five = try wins(5), again = try wins(5), ten = try wins(10)
        #expect(five == again)
        #expect((1_800...2_200).contains(five.count { $0 }) && (3_700...4_300).contains(ten.count { $0 }))
        #expect(zip(five, ten).allSatisfy { !$0 || $1 }, "who wins with five wins with ten, too")
        #expect(try wins(50).allSatisfy { $0 })
    }

    /// How often a level was won decides nothing: the same stake by the same key is the same win.
    @Test func nothingHangsOnWhatWasWonBefore() throws {
        var random = Seeded(9)
        for _ in 0..<2_000 {
            let key = RandomKey(words: (random.next(), random.next(), random.next(), random.next()))
            let outcomes = try [Int64(0), 1, 1_000_000].map { version in
                let pots = [JackpotPot(value: 5_000, version: version), JackpotPot(value: 5_000, version: version, hitAt: 5_050)]
                var run = try run(try level(.chance(oneIn: 50)), try level(.mustHitBy(9_000)), pots: pots)
                return run.contribute(5, key: key)
            }
            #expect(outcomes[0] == outcomes[1] && outcomes[1] == outcomes[2])
        }
    }

    @Test func sharesAreExactAndBounded() throws {
        let all = try level(.event(""), rate: 10_000)
        #expect(all.share(of: 3, 10_000) == 3_000 && all.share(of: .max, 10_000) == JackpotLevel.valueMax && all.share(of: 0, 1) == 0)
        #expect(all.share(of: 99, 1) == 9)
    }

    @Test func levelsAreWrittenAlwaysTheSameAndReadBack() throws {
        for trigger in [JackpotTrigger.event("bingo"), .chance(oneIn: 5), .mustHitBy(9_000)] {
            let level = try level(trigger, hidden: 3, qualifying: 2, minimum: 1_000)
            let settings = JackpotPlan.settings(GameSettings(json: Array(#"{"a":1,"jackpot":["j","none"]}"#.utf8)), with: ["j": [level]])
            #expect(settings.jackpots == JackpotPlan([level]))
            let again = JackpotPlan.settings(GameSettings(json: Array(#"{"a":1,"jackpot":["j","none"]}"#.utf8)), with: ["j": [level]])
            #expect(settings.id == again.id)
        }
        let plain = GameSettings(json: Array(#"{"jackpot":"j"}"#.utf8))
        #expect(JackpotPlan.settings(plain, with: [:]).json == plain.json && plain.jackpots == nil)
    }

    @Test func thresholdsLieBetweenSeedAndLimitAndAreCommittedTo() throws {
        let level = try level(.mustHitBy(9_000), minimum: 2_000)
        var seen: Set<Int64> = []
        for _ in 0..<2_000 {
            let drawn = JackpotSecret.draw(level, limit: 9_000)
            #expect((2_001...9_000).contains(drawn.hitAt) && drawn.secret.wholeMatch(of: /([0-9]+):[0-9a-f]{32}/)?.1 == "\(drawn.hitAt)")
            seen.insert(drawn.hitAt)
        }
        #expect(seen.count > 1_500)
        #expect(JackpotSecret.commitment("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
