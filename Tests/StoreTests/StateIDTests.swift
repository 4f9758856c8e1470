import Store
import Testing

@Suite struct StateIDTests {
    @Test func textIsLowerCaseWithVersionAndVariant() {
        for _ in 0..<200 {
            let text = Array(StateID.random().description)
            #expect(text.count == 36)
            #expect(text[14] == "4")
            #expect("89ab".contains(text[19]))
            #expect(text.allSatisfy { "0123456789abcdef-".contains($0) })
        }
    }

    @Test func textAndBytesLeadBackToTheID() throws {
        for _ in 0..<200 {
            let id = StateID.random()
            #expect(StateID(id.description) == id)
            #expect(StateID(id.description.uppercased()) == id)
            #expect(StateID(bytes: id.bytes) == id)
        }
        #expect(StateID(bytes: Array(0..<16))?.description == "00010203-0405-0607-0809-0a0b0c0d0e0f")
    }

    @Test(arguments: [
        "", "00010203-0405-0607-0809-0a0b0c0d0e0", "00010203-0405-0607-0809-0a0b0c0d0e0f0",
        "00010203x0405-0607-0809-0a0b0c0d0e0f", "000102030-405-0607-0809-0a0b0c0d0e0f",
        "g0010203-0405-0607-0809-0a0b0c0d0e0f", "00010203-0405-0607-0809-0a0b0c0d0e0é",
        "------------------------------------",
    ])
    func refusesOtherText(_ text: String) {
        #expect(StateID(text) == nil)
    }

    @Test func refusesOtherLengths() {
        #expect(StateID(bytes: Array(0..<15)) == nil)
        #expect(StateID(bytes: Array(0..<17)) == nil)
    }

    @Test func keysAreComparedByTheirBytes() {
        let composed = AccountKey(realm: "demo", user: "caf\u{E9}", denom: "credit")
        let decomposed = AccountKey(realm: "demo", user: "cafe\u{301}", denom: "credit")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }
}
