/// A seeded generator (SplitMix64), so that a failing case can be repeated.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// Text with characters of all widths.
    mutating func text(_ count: Int) -> String {
        var text = ""
        for _ in 0..<count {
            let range: ClosedRange<UInt32> = [0x20...0x7E, 0x80...0x7FF, 0x800...0xD7FF, 0x1_0000...0x10_FFFF]
                .randomElement(using: &self)!
            text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: range, using: &self))!)
        }
        return text
    }
}
