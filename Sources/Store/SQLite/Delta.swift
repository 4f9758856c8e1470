/// Bytes as their difference from others, in a form of our own: pieces that are copied from the reference, and what is between
/// them as it is. An entry of a kilobyte takes 0.9 µs. Deflate with a preset dictionary takes 7 µs, as much as all else that is
/// done to store it, and makes a round a seventh smaller: most of what is left are random keys and numbers.
///
///     delta = { count of literal bytes, literal bytes, length of the copy, its offset in the reference }
///
/// Numbers are LEB128; the last copy is missing where the literal bytes are the end.
struct Delta {
    /// Shorter copies cost as much as they save.
    private static let copyMin = 8
    private static let tableBits = 12
    /// Offsets have 16 bits in the table.
    static let referenceBytesMax = Int(UInt16.max)

    /// Where in the reference eight bytes with this hash begin, plus 1; 0: nowhere. Kept from call to call for its memory.
    private var table = [UInt16](repeating: 0, count: 1 << tableBits)

    /// Appends `target` as its difference from `reference`, of which the first ``referenceBytesMax`` bytes count.
    mutating func encode(_ target: [UInt8], _ reference: [UInt8], to output: inout [UInt8]) {
        table.withUnsafeMutableBufferPointer { table in
            target.withUnsafeBytes { target in
                reference.withUnsafeBytes { reference in
                    Self.encode(target, UnsafeRawBufferPointer(rebasing: reference.prefix(Self.referenceBytesMax)), table, to: &output)
                }
            }
        }
    }

    private static func encode(
        _ target: UnsafeRawBufferPointer, _ reference: UnsafeRawBufferPointer, _ table: UnsafeMutableBufferPointer<UInt16>,
        to output: inout [UInt8]
    ) {
        table.update(repeating: 0)
        if reference.count >= copyMin {
            for offset in 0...reference.count - copyMin { table[hash(reference, offset)] = UInt16(truncatingIfNeeded: offset + 1) }
        }
        var literal = 0
        var place = 0
        while place + copyMin <= target.count {
            let offset = Int(table[hash(target, place)]) - 1
            guard offset >= 0, word(target, place) == word(reference, offset) else {
                place += 1
                continue
            }
            var (from, to) = (offset, place)
            // Backwards into what was taken for literal, then forwards.
            while from > 0, to > literal, reference[from - 1] == target[to - 1] { (from, to) = (from - 1, to - 1) }
            var count = place - to + copyMin
            while from + count + 8 <= reference.count, to + count + 8 <= target.count, word(reference, from + count) == word(target, to + count) {
                count += 8
            }
            while from + count < reference.count, to + count < target.count, reference[from + count] == target[to + count] { count += 1 }
            append(to - literal, to: &output)
            output.append(contentsOf: target[literal..<to])
            append(count, to: &output)
            append(from, to: &output)
            place = to + count
            literal = place
        }
        guard literal < target.count else { return }
        append(target.count - literal, to: &output)
        output.append(contentsOf: target[literal...])
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        Int(truncatingIfNeeded: (word(bytes, offset) &* 0x9E37_79B9_7F4A_7C15) >> (64 - UInt64(tableBits)))
    }

    /// The `count` bytes that a delta stands for; nil if it is damaged.
    static func decoded(_ delta: ArraySlice<UInt8>, count: Int, _ reference: [UInt8]) -> [UInt8]? {
        var rest = delta
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            guard let literal = number(&rest), literal <= rest.count, literal <= count - bytes.count else { return nil }
            bytes += rest.prefix(literal)
            rest = rest.dropFirst(literal)
            if bytes.count == count { break }
            guard let length = number(&rest), let offset = number(&rest), length > 0, length <= count - bytes.count,
                offset <= reference.count, length <= reference.count - offset
            else { return nil }
            bytes += reference[offset..<offset + length]
        }
        return rest.isEmpty ? bytes : nil
    }

    // MARK: LEB128

    static func append(_ number: Int, to bytes: inout [UInt8]) {
        var rest = UInt(number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Takes a number of at most 56 bits from the front; nil if there is none.
    static func number(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var number = 0
        for shift in stride(from: 0, to: 56, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            number |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return number }
        }
        return nil
    }
}
