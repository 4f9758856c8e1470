import LuaRuntime
import Testing

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("worker", "workers"), ("idel_timeout", "idle_timeout"), ("idletimeout", "idle_timeout"), ("maxMessage", "max_message"),
        ("opne", "open"), ("mesage", "message"), ("on_relaod", "on_reload"), ("treshold", "threshold"), ("TTL", "ttl"),
        ("compresion_level", "compression_level"),
    ])
    func aSlipFindsWhatWasMeant(_ written: String, _ meant: String) {
        let known = [
            "workers", "idle_timeout", "max_message", "open", "message", "on_reload", "threshold", "ttl", "compression_level", "close",
        ]
        #expect(Suggestion.nearest(written, among: known) == meant)
    }

    @Test(arguments: ["", "x", "up", "handlers", "listen", "a_name_of_quite_another_kind", String(repeating: "w", count: 100)])
    func whatIsNotNearFindsNothing(_ written: String) {
        #expect(Suggestion.nearest(written, among: ["workers", "id", "open", "close", "listener_of_all"]) == nil)
    }

    @Test func theNearestWinsAndOfEqualOnesTheFirst() {
        #expect(Suggestion.nearest("abcdefg", among: ["abcdexx", "abcdefx", "abcdexg"]) == "abcdefx")
        #expect(Suggestion.nearest("cat", among: ["car", "bat"]) == "car")
    }

    @Test func aKnownNameNeedsNoSuggestion() {
        #expect(Suggestion.nearest("open", among: ["open"]) == nil)
    }

    @Test func theHintNamesWhatWasMeantOrAllThereAre() {
        #expect(Suggestion.hint("opn", among: ["open", "close"]) == "; did you mean 'open'?")
        #expect(Suggestion.hint("something", among: ["open", "close"]) == " (known: open, close)")
        #expect(Suggestion.hint("something", among: []) == "")
    }
}
