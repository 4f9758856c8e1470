import NIOCore
import NIOEmbedded
@testable import Games
import Store
import Testing
import Transport

/// Components move credits: one transaction, at the balance there is when it is made.
@Suite struct ComponentMoneyTests {
    @Test func creditsAreAddedAndToldToAllSessions() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, second) = (home.attach("u"), home.attach("u"))
            _ = (home.take(first), home.take(second))
            home.answer(first, #"{"entries":[{"kind":"manual_buy","amount":500}]}"#)
            #expect(home.heard(first) == ["state - 510"] && home.heard(second) == ["state - 510"])
            let entry = try #require(home.journal().last)
            #expect(entry.kind == .adjustment && entry.ledger.map(\.kind.rawValue) == ["manual_buy"] && entry.delta == 500)
            #expect(String(decoding: entry.body, as: UTF8.self).contains(#""by":"echo""#))
        }
    }

    @Test func aBalanceIsReplacedAsItIsThenNotAsItWasAskedAbout() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.playing()
            home.command(session, .finish)
            home.command(session, .load(game: "toss_up"))
            _ = home.heard(session)
            home.scripts.isHolding = true
            home.answer(session, #"{"entries":[{"kind":"set_credits","to":100}]}"#)
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session) == ["state game 6"])
            home.scripts.release()
            #expect(home.heard(session) == ["state game 100"])
            #expect(home.journal().last?.ledger.map(\.amount) == [94])
            home.action(session, "end")
            #expect(home.heard(session) == ["state idle 102"])
            let sums = try #require(home.sums())
            #expect(sums.ledger == sums.heads)
        }
    }

    @Test func whatTheBalanceDoesNotCoverChangesNothing() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.attach("u")
            _ = home.heard(session)
            home.answer(session, #"{"entries":[{"kind":"fee","amount":-11}],"userdata":{"a":1},"outbox":[{"topic":"t","key":"k","body":{}}]}"#)
            #expect(home.heard(session) == ["error insufficient_funds", "state - 10"])
            home.answer(session, #"{"entries":[{"kind":"gift","amount":9223372036854775807}]}"#)
            #expect(home.heard(session) == ["error component_error"])
            #expect(home.journal().count == 1 && home.loop.pendingTasks == 0)
        }
    }

    @Test func dataAndCreditsAreOneTransaction() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.attach("u")
            _ = home.heard(session)
            for point in StoreFaults.Point.allCases {
                home.faults.fail(point, at: 1)
                home.answer(session, #"{"entries":[{"kind":"gift","amount":1}],"userdata":{"\#(point)":1}}"#)
                _ = home.take(session)
                home.faults.clear()
                home.answer(session, "{}")
                let state = try #require(home.take(session).last)
                let credits = (state["wallet"] as? [String: Any])?["credits"] as? Int
                // Each time the answer stands or not, but never half of it.
                let hasData = (state["userdata"] as? [String: Int])?["\(point)"] == 1
                #expect(credits == (hasData ? 11 : 10), "\(point)")
                if hasData { home.answer(session, #"{"entries":[{"kind":"set_credits","to":10}]}"#) }
                _ = home.take(session)
            }
        }
    }

    @Test func theLevelFollowsWhatWasSpentInTheSameState() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, initialCredits: 1_000, levels: #"{"demo":{"widths":[70],"step":30}}"#)
            let session = home.playing()
            home.set(session, "soc_level", 9)
            home.action(session, "bet", #"{"amount":86}"#)
            _ = home.heard(session)
            home.action(session, "extra")
            _ = home.heard(session)
            home.action(session, "extra")
            let data = try #require(home.take(session).last?["userdata"] as? [String: Any])
            #expect(data["soc_level"] as? Int == 2 && data["spend_total"] as? Int == 88)
            #expect(data["soc_level_progress"] as? Double == 0.18 && data["soc_level_prog"] as? Double == 0.18)
        }
    }

    @Test func withoutLevelsThereAreNone() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, levels: #"{"facebook":{"widths":[70],"step":30}}"#)
            let session = home.playing()
            home.action(session, "bet", #"{"amount":4}"#)
            #expect((home.take(session).last?["userdata"] as? [String: Any])?.isEmpty == true)
        }
    }
}

/// What the host sends to sessions on its own.
@Suite struct ComponentPushTests {
    private static func message(_ text: String) -> [UInt8] { Array("{\"t\":\"component\",\"which\":\"c\",\"message\":{\"n\":\(text)}}".utf8) }

    private func numbers(_ messages: [[String: Any]]) -> [Int] {
        messages.compactMap { ($0["message"] as? [String: Int])?["n"] }
    }

    @Test func aReplyGoesToItsSessionAloneAndNoStateWithIt() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, second) = (home.attach("u"), home.attach("u"))
            _ = (home.take(first), home.take(second))
            home.answer(first, #"{"reply":{"n":1},"replies":[{"n":0}]}"#)
            #expect(numbers(home.take(first)) == [0, 1] && home.take(second).isEmpty)
        }
    }

    @Test func topicsReachWhoSubscribedUntilTheSessionEnds() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let sessions = (0..<3).map { home.attach("u\($0)") }
            for (index, session) in sessions.enumerated() {
                home.answer(session, index < 2 ? #"{"subscribe":["a","b"]}"# : #"{"subscribe":["b"]}"#, user: "u\(index)")
                _ = home.take(session)
            }
            home.loop.topics.publish("a", Self.message("1"), atMostEvery: nil)
            #expect(sessions.map { numbers(home.take($0)) } == [[1], [1], []])
            home.answer(sessions[0], #"{"unsubscribe":true}"#, user: "u0")
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u1"), sessions[1]))
            _ = sessions.map { home.take($0) }
            home.loop.topics.publish("a", Self.message("2"), atMostEvery: nil)
            home.loop.topics.publish("b", Self.message("3"), atMostEvery: nil)
            #expect(sessions.map { numbers(home.take($0)) } == [[], [], [3]])
        }
    }

    @Test func noSessionHearsMoreOftenThanTheIntervalAndEachHearsTheNewest() throws {
        let loop = EmbeddedEventLoop()
        defer { try? loop.close() }
        let home = try HomeFixture(loop)
        let early = home.attach("u"), late = home.attach("v")
        home.answer(early, #"{"subscribe":["a"]}"#)
        _ = home.take(early)
        func publish(_ number: Int) { home.loop.topics.publish("a", Self.message("\(number)"), atMostEvery: .seconds(1)) }
        publish(1)
        #expect(home.take(early).isEmpty, "it was told the value when it subscribed")
        loop.advanceTime(by: .milliseconds(600))
        home.answer(late, #"{"subscribe":["a"]}"#, user: "v")
        _ = home.take(late)
        publish(2)
        loop.advanceTime(by: .milliseconds(400))
        #expect(numbers(home.take(early)) == [2] && home.take(late).isEmpty)
        for number in 3...50 { publish(number) }
        loop.advanceTime(by: .milliseconds(600))
        #expect(numbers(home.take(late)) == [50] && home.take(early).isEmpty)
        loop.advanceTime(by: .milliseconds(400))
        #expect(numbers(home.take(early)) == [50])
        loop.advanceTime(by: .seconds(10))
        #expect(home.take(early).isEmpty && home.take(late).isEmpty)
        publish(51)
        #expect(numbers(home.take(early)) == [51] && numbers(home.take(late)) == [51])
    }

    @Test func subscriptionsAreBounded() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.attach("u")
            _ = home.heard(session)
            let names = (0..<ComponentLimits.topicsPerSession).map { "\"t\($0)\"" }.joined(separator: ",")
            home.answer(session, "{\"subscribe\":[\(names)]}")
            home.answer(session, #"{"subscribe":["t0"]}"#)
            #expect(home.heard(session) == ["state - 10", "state - 10"])
            home.answer(session, #"{"subscribe":["more"]}"#)
            #expect(home.heard(session) == ["error component_error"])
        }
    }
}

/// The level's curve.
@Suite struct LevelCurveTests {
    private func text(_ curve: LevelCurve, _ spent: Int64) -> String {
        var bytes: [UInt8] = []
        curve.append(spent: spent, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func theProtocolsExampleComesOut() throws {
        let curve = try #require(LevelCurve(widths: [70], step: 30))
        #expect(text(curve, 88) == #""soc_level":2,"soc_level_progress":0.18,"soc_level_prog":0.18,"spend_total":88"#)
        #expect(text(curve, 0) == #""soc_level":1,"soc_level_progress":0.0,"soc_level_prog":0.0,"spend_total":0"#)
        #expect(text(curve, 75).contains(#""soc_level_progress":0.05,"#))
    }

    /// Against the definition, level by level.
    @Test(arguments: [([70], 30), ([70, 100, 5], 0), ([1], 1), ([10, 20], 7)] as [([Int64], Int64)])
    func everySumHasTheLevelThatCountingGives(_ widths: [Int64], _ step: Int64) throws {
        let curve = try #require(LevelCurve(widths: widths, step: step))
        var level: Int64 = 1, reached: Int64 = 0, width = widths[0]
        for spent in Int64(0)...5_000 {
            if spent - reached == width {
                (reached, level) = (spent, level + 1)
                width = Int(level) <= widths.count ? widths[Int(level) - 1] : width + step
            }
            let found = curve.level(spent: spent)
            #expect(found.level == level && found.part == spent - reached && found.width == width)
        }
    }

    @Test func largeSumsStayWithinTheirLevel() throws {
        let curves: [([Int64], Int64)] = [([1], 0), ([1], 1), ([70], 30), ([1_000_000_000_000], 1_000_000_000_000)]
        for (widths, step) in curves {
            let curve = try #require(LevelCurve(widths: widths, step: step))
            for spent in [Int64.max, Int64.max / 3, 999_999_999_999] {
                let found = curve.level(spent: spent)
                #expect(found.level >= 1 && found.part >= 0 && found.part < found.width)
            }
        }
        #expect(LevelCurve(widths: [], step: 1) == nil && LevelCurve(widths: [0], step: 1) == nil && LevelCurve(widths: [1], step: -1) == nil)
    }
}
