import Bytes
import Testing

@testable import Games
import Store

/// What a component's answer may be.
@Suite struct ComponentAnswerTests {
    private func read(_ text: String) -> ComponentAnswer { ComponentAnswer(reading: Array(text.utf8), from: "it") }

    private func refusal(_ text: String) -> String? {
        if case .mistaken(let detail) = read(text) { detail } else { nil }
    }

    @Test func allMembersAreRead() throws {
        let text = """
            {"userdata":{"a":1},"entries":[{"kind":"manual_buy","amount":5},{"kind":"set_credits","to":7}],
            "outbox":[{"topic":"t","key":"k","body":{"x":1}}],"reply":{"what":"hi"},"replies":[{"what":"ho"}],
            "subscribe":["a","b"],"unsubscribe":["c"]}
            """
        guard case .changes(let changes) = read(text) else {
            Issue.record("refused: \(refusal(text) ?? "")")
            return
        }
        #expect(changes.userdata == Array(#"{"a":1}"#.utf8))
        let buy = try #require(LedgerKind(rawValue: "manual_buy")), set = try #require(LedgerKind(rawValue: "set_credits"))
        #expect(changes.movements == [.init(kind: buy, amount: .by(5)), .init(kind: set, amount: .to(7))])
        #expect(changes.outbox == [OutboxItem(topic: "casino:t", key: "casino:t:k", body: Array(#"{"x":1}"#.utf8))])
        #expect(changes.replies.map { String(decoding: $0, as: UTF8.self) } == [
            #"{"t":"component","which":"it","message":{"what":"ho"}}"#, #"{"t":"component","which":"it","message":{"what":"hi"}}"#,
        ])
        #expect(changes.subscribe == ["a", "b"] && changes.unsubscribe == .topics(["c"]))
    }

    @Test func nothingIsNothing() {
        #expect(read("{}") == .changes(ComponentChanges()))
        #expect(read(#"{"entries":{},"subscribe":[],"unsubscribe":true}"#) == .changes(ComponentChanges(unsubscribe: .all)))
    }

    @Test(arguments: [
        ("7", "is no table"), (#"{"reply":7}"#, "reply"), (#"{"entires":[]}"#, "entries"), (#"{"userdata":[1]}"#, "data"),
        (#"{"entries":[{"kind":"opening","amount":1}]}"#, "number 1"), (#"{"entries":[{"kind":"No","amount":1}]}"#, "number 1"),
        (#"{"entries":[{"kind":"a","amount":1.5}]}"#, "number 1"), (#"{"entries":[{"kind":"a","to":-1}]}"#, "number 1"),
        (#"{"entries":[{"kind":"a","amount":1,"to":1}]}"#, "number 1"), (#"{"entries":7}"#, "entries"),
        (#"{"outbox":[{"topic":"t","key":"k"}]}"#, "outbox"), (#"{"subscribe":[""]}"#, "subscribe"), (#"{"subscribe":["a",1]}"#, "number 2"),
        (#"{"replies":[[1]]}"#, "replies"), (#"{"entries":[{"kind":"a","ammount":1}]}"#, "number 1 has a member \"ammount\"; did you mean 'amount'?"),
        (#"{"entries":[{"kind":"Bonus!","amount":1}]}"#, "number 1 must have a kind of a-z, 0-9 and _"),
    ])
    func whatCannotBeDoneIsSaid(_ text: String, _ word: String) {
        #expect(refusal(text)?.contains(word) == true, "\(refusal(text) ?? "taken")")
    }

    @Test func boundsAreKept() {
        let entry = #"{"kind":"a","amount":1}"#
        func entries(_ count: Int) -> String { "{\"entries\":[\(Array(repeating: entry, count: count).joined(separator: ","))]}" }
        #expect(refusal(entries(ComponentLimits.itemsMax)) == nil && refusal(entries(ComponentLimits.itemsMax + 1)) != nil)
        func reply(_ bytes: Int) -> String { "{\"reply\":{\"x\":\"\(String(repeating: "x", count: bytes - 8))\"}}" }
        #expect(refusal(reply(ComponentLimits.messageBytes)) == nil && refusal(reply(ComponentLimits.messageBytes + 1)) != nil)
        func topic(_ bytes: Int) -> String { "{\"subscribe\":[\"\(String(repeating: "x", count: bytes))\"]}" }
        #expect(refusal(topic(ComponentLimits.topicBytes)) == nil && refusal(topic(ComponentLimits.topicBytes + 1)) != nil)
    }
}
