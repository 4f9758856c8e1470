/// Comparison of secrets. Any thread.
package enum ConstantTime {
    /// Whether both are the same. The time depends on the lengths alone, not on where they differ.
    package static func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        var difference: UInt8 = a.count == b.count ? 0 : 1
        for index in 0..<min(a.count, b.count) { difference |= a[index] ^ b[index] }
        return difference == 0
    }

    package static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBytes { a in b.withUnsafeBytes { equal(a, $0) } }
    }
}
