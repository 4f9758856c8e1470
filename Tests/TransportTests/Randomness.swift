import NightjarTesting

extension Seeded {
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
