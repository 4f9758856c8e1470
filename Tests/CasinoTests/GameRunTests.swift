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
        let run = run(credits: 5)
        #expect(run.debit(3, .bet) == .taken)
        #expect(run.debit(3, .bet) == .raise("insufficient_funds"))
        #expect(run.credit(100, .win) == .raise("insufficient_funds"))
        #expect(run.refusal?.code == .insufficientFunds)
        let other = self.run(credits: 5)
        #expect(other.credit(1, .win) == .taken)
        #expect(other.debit(6, .bet) == .taken)
        #expect(other.balance == 0)
    }

    @Test func negativeAmountsAndOverflowAreRefused() {
        let run = run(credits: Int64.max - 1)
        #expect(run.credit(1, .win) == .taken)
        guard case .raise = run.credit(1, .win) else { Issue.record("taken"); return }
        #expect(run.fault?.code == "overflow")
        let other = self.run(credits: 5)
        guard case .raise = other.debit(-1, .bet) else { Issue.record("taken"); return }
        #expect(other.fault?.code == "bad_amount")
        // Whatever the engine made of the error: nothing follows.
        guard case .raise = other.credit(1, .win) else { Issue.record("taken"); return }
    }

    @Test func creditsDoNotMoveInInit() {
        let run = GameRun(
            GameCall(game: "g", operation: .start, state: nil, stateVersion: 0, site: "s", settings: GameSettings(json: []), credits: 5, now: 0))
        #expect(run.debit(0, .bet) == .taken)
        guard case .raise = run.debit(1, .bet) else { Issue.record("taken"); return }
        #expect(run.fault?.code == "bad_amount")
    }

    @Test(arguments: [
        #"[]"#, #"{}"#, #"{"id":"x","name":"a","data":{},"actions":[]}"#, #"{"name":1,"data":{},"actions":[]}"#,
        #"{"name":"a","actions":[]}"#, #"{"name":"a","data":[],"actions":[]}"#, #"{"name":"a","data":{}}"#,
        #"{"name":"a","data":{},"actions":[1]}"#, #"{"name":"a","data":{},"actions":{}}"#,
        #"{"name":"a","data":{},"actions":[],"private":[1]}"#, #"{"name":"a","data":{},"actions":[],"private":7}"#,
    ])
    func stateThatIsNoStateIsAFault(_ text: String) {
        let run = run(credits: 5)
        guard case .raise = Array(text.utf8).withUnsafeBytes({ run.close($0, draws: 0) }) else { Issue.record("taken: \(text)"); return }
        #expect(run.fault?.code == "bad_state")
        #expect(run.steps.isEmpty)
    }

    @Test func blobBeginsWithItsIdAndComesBackWithoutIt() throws {
        let run = run(credits: 5)
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

    @Test func theHiddenHalfIsTakenOutAndPutBack() throws {
        let run = run(credits: 5)
        for text in [#"{"actions":["x"],"data":{"a":1},"name":"a","private":{"deck":[2,1]}}"#, #"{"actions":["x"],"data":{"a":1},"name":"a","private":{"deck":[2,1]},"zone":3}"#] {
            #expect(Array(text.utf8).withUnsafeBytes { run.close($0, draws: 0) } == .taken)
        }
        let steps = run.steps
        #expect(steps.map { String(decoding: $0.hidden, as: UTF8.self) } == [#"{"deck":[2,1]}"#, #"{"deck":[2,1]}"#])
        #expect(String(decoding: steps[0].blob, as: UTF8.self) == #"{"id":"\#(steps[0].id)","actions":["x"],"data":{"a":1},"name":"a"}"#)
        #expect(String(decoding: steps[1].blob, as: UTF8.self) == #"{"id":"\#(steps[1].id)","actions":["x"],"data":{"a":1},"name":"a","zone":3}"#)
        var text: [UInt8] = []
        StateBlob.unstamped(steps[1].blob, hidden: steps[1].hidden, into: &text)
        #expect(String(decoding: text, as: UTF8.self) == #"{"actions":["x"],"data":{"a":1},"name":"a","zone":3,"private":{"deck":[2,1]}}"#)
        let null = Array(#"{"name":"a","data":{},"actions":[],"private":null}"#.utf8)
        #expect(null.withUnsafeBytes { run.close($0, draws: 0) } == .taken)
        #expect(run.steps[2].hidden.isEmpty)
        #expect(String(decoding: run.steps[2].blob, as: UTF8.self) == #"{"id":"\#(run.steps[2].id)","name":"a","data":{},"actions":[]}"#)
    }

    @Test func stepsAreBounded() {
        let run = run(credits: 5)
        let state = Array(#"{"name":"a","data":{},"actions":[]}"#.utf8)
        for _ in 0..<GameRun.stepsMax { #expect(state.withUnsafeBytes { run.close($0, draws: 0) } == .taken) }
        guard case .raise = state.withUnsafeBytes({ run.close($0, draws: 0) }) else { Issue.record("taken"); return }
    }

    @Test func eachStepHasAKeyOfItsOwn() {
        let run = run(credits: 5)
        let first = run.key
        let state = Array(#"{"name":"a","data":{},"actions":[]}"#.utf8)
        _ = state.withUnsafeBytes { run.close($0, draws: 0) }
        run.rekey()
        #expect(run.key != first)
        #expect(run.steps[0].key == first)
    }

    @Test func actionsAreFoundWhereverTheyStand() {
        let prefix = #"{"id":"00000000-0000-4000-8000-000000000000","#
        func offers(_ rest: String, _ action: String = "bet") -> Bool { StateBlob.offers(action, in: Array((prefix + rest).utf8)) }
        #expect(offers(#""actions":["bet","end"],"data":{},"name":"x"}"#))
        #expect(offers(#""actions":["bet","end"],"data":{},"name":"x"}"#, "end"))
        #expect(!offers(#""actions":["bet","end"],"data":{"actions":["open"]},"name":"x"}"#, "open"))
        #expect(offers(#""A":[1],"actions":["bet"],"data":{},"name":"x"}"#), "not the first")
        #expect(offers(#""data":{},"name":"x","actions":["bet"]}"#), "the last")
        #expect(offers(#""actions":["b\u0065t"],"data":{},"name":"x"}"#), "escaped")
        #expect(offers(#""\u0061ctions":["bet"],"data":{},"name":"x"}"#), "with an escaped name")
        #expect(offers(#""actions":["say \"[,]\"","bet"],"data":{},"name":"x"}"#), "behind brackets in a string")
        #expect(offers(#""actions":[ "end" , "bet" ],"data":{},"name":"x"}"#), "with spaces")
        #expect(!offers(#""actions":[],"data":{},"name":"x"}"#))
        #expect(!offers(#""actions":{},"data":{},"name":"x"}"#))
        #expect(!offers(#""name":"x"}"#))
        // What was damaged on a disk offers nothing, and harms nobody.
        let whole = Array((prefix + #""actions":["bet","say \"x\""],"data":{},"name":"x"}"#).utf8)
        for count in 0..<whole.count {
            let isCut = !StateBlob.offers("no", in: Array(whole.prefix(count)))
            #expect(isCut)
        }
    }
}
