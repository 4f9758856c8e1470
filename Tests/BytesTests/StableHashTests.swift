import Bytes
import Testing

/// Values that stores and journals on disk already hold, and what hashes are used for.
@Suite struct StableHashTests {
    /// Computed by another program from the definition.
    @Test(arguments: [
        ("", 0xd6cb_8892_a926_a943), ("a", 0x17cf_5ba7_c338_d7b4), ("lobby:1", 0x2ece_5766_cc5f_0043),
        ("0123456789abcde", 0x6180_b3f1_896b_ac35), ("0123456789abcdef", 0xa104_708d_1ac9_3342),
        ("0123456789abcdefg", 0x989a_b68b_2aef_7c16), ("äöü€ 𝄞", 0x8162_58ca_e04f_2871),
        (String(repeating: "x", count: 1_000), 0x56ed_31cc_452f_0a7c),
    ] as [(String, UInt64)])
    func knownAnswers(text: String, value: UInt64) {
        #expect(StableHash(of: text).value == value)
        #expect(StableHash(of: Array(text.utf8)).value == value)
        #expect(Array(text.utf8).withUnsafeBytes { StableHash(of: $0) }.value == value)
    }

    @Test func goesOnFromASeed() {
        var hash = StableHash(0x1234)
        for number: Int64 in [1, -1, .max] { hash.add(number) }
        hash.add("bet")
        #expect(hash.value == 0x72cf_dbde_7562_5c4a)
    }

    /// Text that lies anywhere in memory: the words are not aligned then.
    @Test func theAddressDoesNotMatter() {
        let text = Array("0123456789abcdef0123456789abcdef!".utf8)
        for shift in 0..<16 {
            let moved = [UInt8](repeating: 0, count: shift) + text
            let value = moved.withUnsafeBytes { StableHash(of: UnsafeRawBufferPointer(rebasing: $0[shift...])) }
            #expect(value == StableHash(of: text))
        }
    }

    @Test func neighboringFieldsCannotTradeBytes() {
        func hash(_ fields: [String]) -> StableHash {
            var hash = StableHash()
            for field in fields { hash.add(field) }
            return hash
        }
        let all = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["c", "ab"]].map(hash)
        #expect(Set(all).count == all.count)
    }

    @Test func everyBitCounts() {
        for count in [1, 7, 8, 15, 16, 17, 40] {
            let text = [UInt8](repeating: 0x5A, count: count)
            var values: Set<StableHash> = [StableHash(of: text)]
            for bit in 0..<(8 * count) {
                var other = text
                other[bit / 8] ^= 1 << (bit % 8)
                values.insert(StableHash(of: other))
            }
            #expect(values.count == 8 * count + 1)
        }
    }

    /// Names that differ in a number, as those of packages, users and rooms do, fill all places alike.
    @Test(arguments: ["package", "game_", "", "lobby:table-00"])
    func namesAreSpreadEvenly(prefix: String) {
        let names = 4_000
        for count in 2...32 {
            var filled = [Int](repeating: 0, count: count)
            for number in 0..<names { filled[StableHash(of: prefix + String(number)).place(among: count)] += 1 }
            let expected = Double(names) / Double(count)
            let chiSquare = filled.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
            let freedom = Double(count - 1)
            // Five standard deviations of the distribution that chance gives.
            #expect(chiSquare < freedom + 5 * (2 * freedom).squareRoot(), "\(filled)")
        }
    }
}
