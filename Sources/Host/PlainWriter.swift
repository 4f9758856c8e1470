/// Writes plain data (the codec of `LuaRuntime`) for results that JSON cannot carry, like bytes that are no text. Tables are
/// written with their counts first, so the caller says how many entries follow.
package struct PlainWriter {
    package private(set) var bytes: [UInt8] = [0x4E]

    package init() {}

    /// Begins a list of `count` values, which must follow.
    package mutating func list(_ count: Int) { table(elements: count, members: 0) }

    /// Begins a table of `count` pairs; key and value of each must follow.
    package mutating func map(_ count: Int) { table(elements: 0, members: count) }

    private mutating func table(elements: Int, members: Int) {
        bytes.append(6)
        varint(UInt64(elements))
        varint(UInt64(members))
    }

    package mutating func string(_ text: String) { string(text.utf8) }

    package mutating func string(_ text: some Collection<UInt8>) {
        if text.count < 64 {
            bytes.append(0x40 | UInt8(text.count))
        } else {
            bytes.append(5)
            varint(UInt64(text.count))
        }
        bytes.append(contentsOf: text)
    }

    package mutating func integer(_ value: Int64) {
        bytes.append(3)
        varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    package mutating func number(_ value: Double) {
        bytes.append(4)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A value that was encoded by itself.
    package mutating func plain(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded.dropFirst()) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
