/// Appending to byte buffers without Foundation and without intermediate strings. Any thread.
extension [UInt8] {
    /// Appends ASCII text known at compile time.
    @inlinable @inline(__always)
    package mutating func append(text: StaticString) {
        append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a whole number in decimal.
    package mutating func append(decimal value: Int64) {
        withDecimal(value) { append(contentsOf: $0) }
    }

    /// Appends bytes as lower-case hexadecimal text.
    package mutating func append(hex bytes: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * bytes.count) { room in
            for index in 0..<bytes.count {
                room[2 * index] = Hex.digit(bytes[index] >> 4)
                room[2 * index + 1] = Hex.digit(bytes[index])
            }
            append(contentsOf: room)
        }
    }
}

/// Gives the decimal text of a whole number to `body`, which may use it during the call.
@inlinable
package func withDecimal(_ value: Int64, _ body: (UnsafeRawBufferPointer) -> Void) {
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)  // room for 24 characters; the longest number has 20
    withUnsafeMutableBytes(of: &digits) { room in
        var position = room.count
        var rest = value.magnitude
        repeat {
            position -= 1
            room[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest != 0
        if value < 0 {
            position -= 1
            room[position] = UInt8(ascii: "-")
        }
        body(UnsafeRawBufferPointer(rebasing: room[position...]))
    }
}
