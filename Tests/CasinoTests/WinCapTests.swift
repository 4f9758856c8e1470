@testable import Games
@testable import Store
import Testing

/// The most that a round may pay.
@Suite struct WinCapTests {
    private func settings(_ text: String) -> GameSettings { GameSettings(json: Array(text.utf8)) }

    private func run(_ text: String, round: Round? = nil) -> GameRun {
        var call = GameCall(
            game: "g", operation: .action("x", params: []), state: nil, stateVersion: 0, site: "s", settings: settings(text),
            credits: 1_000, now: 7)
        call.round = round
        return GameRun(call)
    }

    private func close(_ run: GameRun) {
        _ = Array(#"{"name":"idle","data":{},"actions":[]}"#.utf8).withUnsafeBytes { run.close($0, draws: 0) }
        run.rekey()
    }

    @Test func theLowestOfGameSiteAndModeHolds() throws {
        let caps = try #require(settings(#"{"max_win":500,"site_max_win":300,"modes":{"base":{"max_win":200},"bonus":{"max_win_x":10},"free":{}}}"#).caps)
        let bonus = Mark(rawValue: "bonus")
        #expect(caps.most(in: nil, staked: 4) == 300)
        #expect(caps.most(in: Mark(rawValue: "base"), staked: 4) == 200)
        #expect(caps.most(in: bonus, staked: 4) == 40)
        #expect(caps.most(in: bonus, staked: 100) == 300)
        #expect(caps.most(in: bonus, staked: .max) == 300, "a product beyond 64 bits bounds nothing")
        #expect(caps.most(in: Mark(rawValue: "free"), staked: 4) == 300)
        #expect(settings(#"{"max_bet":4}"#).caps == nil)
    }

    @Test(arguments: [
        #"{"max_win":0}"#, #"{"max_win":-1}"#, #"{"max_win":1.5}"#, #"{"max_win":"9"}"#, #"{"site_max_win":null}"#, #"{"modes":[]}"#, #"{"modes":{}}"#,
        #"{"modes":{"A":{}}}"#, #"{"modes":{"a":1}}"#, #"{"modes":{"a":{"max_win_x":0}}}"#,
    ])
    func withACapThatCannotBeReadNothingIsPlayed(_ text: String) throws {
        #expect(settings(text).problem != nil)
        #expect(run(text).fault?.code == "bad_settings")
        #expect(throws: GameManifest.Fault.self) { try GameManifest(parsing: Array("{\"id\":\"g\",\"settings\":\(text)}".utf8), folder: "g") }
    }

    @Test func aWinAboveTheCapIsAFaultAndOneAtTheCapIsMarked() {
        let below = run(#"{"max_win":10}"#)
        _ = below.debit(4, .bet)
        #expect(below.maxWin == 10)
        let taken = below.credit(9, .win)
        close(below)
        #expect(taken == .taken && below.steps[0].marks.isEmpty && below.maxWin == 1)

        let exact = run(#"{"max_win":10}"#)
        _ = exact.debit(4, .bet)
        _ = exact.credit(10, .win)
        close(exact)
        exact.finish(isFinishable: true)
        #expect(exact.steps[0].marks == [.maxWin] && exact.rounds.ended.first?.round.marks == [.maxWin])

        let above = run(#"{"max_win":10}"#)
        guard case .raise = above.credit(11, .win) else { return #expect(Bool(false), "taken") }
        #expect(above.fault?.code == "above_max_win")
    }

    @Test func theCapIsOfTheRoundNotOfTheAction() {
        let round = Round(id: .random(), startedAt: 1, ops: [LedgerEntry(.bet, -4), LedgerEntry(.win, 7)])
        let run = run(#"{"max_win":10}"#, round: round)
        #expect(run.maxWin == 3)
        guard case .raise = run.credit(4, .win) else { return #expect(Bool(false), "taken") }
        // And a new round has a cap of its own.
        let next = self.run(#"{"max_win":10}"#, round: round)
        _ = next.credit(3, .win)
        close(next)
        #expect(next.maxWin == 0)
        _ = next.debit(4, .bet)
        #expect(next.maxWin == 10)
    }

    /// A refund is no win as far as it gives back what the round has cost; a jackpot is paid by the server alone.
    @Test func refundsAreNoWinsAndEnginesPayNoJackpots() {
        let run = run(#"{"max_win":10}"#)
        _ = run.debit(20, .bet)
        let taken = [run.credit(15, .refund), run.credit(5, .refund), run.credit(10, .win)]
        #expect(taken == [.taken, .taken, .taken])
        for (kind, amount, code) in [(LedgerKind.refund, Int64(1), "above_stake"), (.jackpot, 1, "bad_kind")] {
            let run = self.run(#"{"max_win":10}"#)
            guard case .raise = run.credit(amount, kind) else { return #expect(Bool(false), "\(kind) was taken") }
            #expect(run.fault?.code == code)
        }
    }

    @Test func aModeIsOfItsRoundAndItsCapHoldsFromThereOn() {
        let text = #"{"modes":{"base":{"max_win_x":2},"bonus":{"max_win_x":5}}}"#
        let run = run(text)
        #expect(run.maxWin == nil)
        _ = run.play(in: Mark(rawValue: "bonus")!)
        _ = run.debit(4, .bet)
        #expect(run.maxWin == 20)
        close(run)
        #expect(run.rounds.open?.mode?.rawValue == "bonus" && run.steps[0].mode?.rawValue == "bonus")
        // The next round of the same action has none until the engine says so, and the one before keeps its own.
        _ = run.play(in: Mark(rawValue: "base")!)
        _ = run.debit(4, .bet)
        #expect(run.maxWin == 8)
        close(run)
        run.finish(isFinishable: true)
        #expect(run.rounds.ended.map(\.round.mode?.rawValue) == ["bonus", "base"])
        guard case .raise(let message) = run.play(in: Mark(rawValue: "nonsense")!) else { return #expect(Bool(false), "taken") }
        #expect(message.contains("base, bonus") && run.fault?.code == "bad_mode")
    }

    @Test func manifestsSayWhatEnginesReadAndWhatBecomesOfRoundsLeftOpen() throws {
        func manifest(_ members: String) throws -> GameManifest { try GameManifest(parsing: Array("{\"id\":\"g\",\(members)}".utf8), folder: "g") }
        let usual = try manifest(#""title":"G""#)
        #expect(usual.reads.isEmpty && usual.unfinished == .pay)
        let other = try manifest(#""reads":["credits"],"unfinished":"void""#)
        #expect(other.reads == [.credits] && other.unfinished == .void)
        for bad in [#""reads":"credits""#, #""reads":["credit"]"#, #""reads":[1]"#, #""unfinished":"keep""#, #""unfinished":1"#] {
            #expect(throws: GameManifest.Fault.self, "\(bad)") { try manifest(bad) }
        }
    }
}
