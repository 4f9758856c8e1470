import Bytes
import Testing

/// Journals hold these values.
@Suite struct FingerprintTests {
    /// Computed by another program from the definition.
    @Test(arguments: [
        ("", 0xf8bb_92ce_2658_5846), ("a", 0xbfaa_c9fc_3182_1f67), ("01234567", 0xd4cc_91ec_4d78_b8e5),
        (#"{"a":1,"b":[2,3]}"#, 0xeb7d_e966_d054_1b66),
    ] as [(String, UInt64)])
    func knownAnswers(text: String, value: UInt64) {
        #expect(Fingerprint.of(Array(text.utf8)) == value)
    }
}
