@testable import Games
import Store
import Testing

@Suite struct GameRunTests {
    private func run(credits: Int64) -> GameRun {
        GameRun(
            GameCall(
                game: "g", operation: .action("x", params: []), state: nil, stateVersion: 0, site: "s", settings: GameSettings(json: []),
                credits: credits, now: 0))
    }

    @Test func debitsAreCheckedInOrder() {
        var run = run(credits: 5)
        #expect(run.debit(3, .bet) == .taken)
        #expect(run.debit(3, .bet) == .raise("insufficient_funds"))
        #expect(run.credit(100, .win) == .raise("insufficient_funds"))
        #expect(run.refusal?.code == .insufficientFunds)
        var other = self.run(credits: 5)
        #expect(other.credit(1, .win) == .taken)
        #expect(other.debit(6, .bet) == .taken)
        #expect(other.balance == 0)
    }

    @Test func negativeAmountsAndOverflowAreRefused() {
        var run = run(credits: Int64.max - 1)
        guard case .raise = run.debit(-1, .bet) else { Issue.record("taken"); return }
        #expect(run.fault == nil)
        #expect(run.credit(1, .win) == .taken)
        guard case .raise = run.credit(1, .win) else { Issue.record("taken"); return }
        #expect(run.fault?.code == "overflow")
    }

    @Test func creditsDoNotMoveInInit() {
        var run = GameRun(
            GameCall(game: "g", operation: .start, state: nil, stateVersion: 0, site: "s", settings: GameSettings(json: []), credits: 5, now: 0))
        guard case .raise = run.debit(1, .bet) else { Issue.record("taken"); return }
        #expect(run.debit(0, .bet) == .taken)
    }

    @Test(arguments: [
        #"[]"#, #"{}"#, #"{"id":"x","name":"a","data":{},"actions":[]}"#, #"{"name":1,"data":{},"actions":[]}"#,
        #"{"name":"a","actions":[]}"#, #"{"name":"a","data":[],"actions":[]}"#, #"{"name":"a","data":{}}"#,
        #"{"name":"a","data":{},"actions":[1]}"#, #"{"name":"a","data":{},"actions":{}}"#,
    ])
    func stateThatIsNoStateIsAFault(_ text: String) {
        var run = run(credits: 5)
        guard case .raise = Array(text.utf8).withUnsafeBytes({ run.close($0, draws: 0) }) else { Issue.record("taken: \(text)"); return }
        #expect(run.fault?.code == "bad_state")
        #expect(run.steps.isEmpty)
    }

    @Test func blobBeginsWithItsIdAndComesBackWithoutIt() throws {
        var run = run(credits: 5)
        let state = Array(#"{"name":"a","data":{},"actions":["x"]}"#.utf8)
        #expect(state.withUnsafeBytes { run.close($0, draws: 2) } == .taken)
        let step = try #require(run.steps.first)
        #expect(String(decoding: step.blob, as: UTF8.self) == "{\"id\":\"\(step.id)\",\"name\":\"a\",\"data\":{},\"actions\":[\"x\"]}")
        var text: [UInt8] = []
        StateBlob.unstamped(step.blob, into: &text)
        #expect(text == state)
        #expect(StateBlob.offers("x", in: step.blob))
        #expect(!StateBlob.offers("y", in: step.blob))
    }

    @Test func stepsAreBounded() {
        var run = run(credits: 5)
        let state = Array(#"{"name":"a","data":{},"actions":[]}"#.utf8)
        for _ in 0..<GameRun.stepsMax { #expect(state.withUnsafeBytes { run.close($0, draws: 0) } == .taken) }
        guard case .raise = state.withUnsafeBytes({ run.close($0, draws: 0) }) else { Issue.record("taken"); return }
    }

    @Test func eachStepHasAKeyOfItsOwn() {
        var run = run(credits: 5)
        let first = run.key
        let state = Array(#"{"name":"a","data":{},"actions":[]}"#.utf8)
        _ = state.withUnsafeBytes { run.close($0, draws: 0) }
        run.rekey()
        #expect(run.key != first)
        #expect(run.steps[0].key == first)
    }
}
