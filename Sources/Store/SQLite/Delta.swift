/// Bytes as their difference from others, in a form of our own: pieces that are copied from the reference, and what is between
/// them, digits and lists of numbers two characters a byte. Deflate with a preset dictionary takes eight times as long, as much as
/// all else that is done to store an entry, and is hardly smaller: what is left are random keys and numbers.
///
///     delta  = { token }
///     token  = count * 4 + 0, bytes              so many bytes as they are
///              count * 4 + 1, ⌈count / 2⌉ bytes   so many characters of 0123456789abcdef
///              count * 4 + 2, ⌈count / 2⌉ bytes   so many of 0123456789,-.[]"
///              count * 4 + 3, skip               so many bytes of the reference, from where the copy before ended, plus skip
///
/// Numbers are LEB128; skip is signed, its sign the lowest bit. Of two characters the first is in the upper half of their byte.
struct Delta {
    /// Shorter copies cost as much as they save.
    private static let copyMin = 8
    /// Of the reference only every so many places are looked up: a copy of `copyMin + step - 1` bytes is surely found, and is then made as
    /// long as it is to both sides. Looking up all of them takes twice as long, for 3 % less.
    private static let step = 2
    /// Shorter runs of characters, likewise.
    private static let runMin = 8
    private static let alphabets = ["0123456789abcdef", "0123456789,-.[]\""].map { Array($0.utf8) }
    /// For each byte its place in the first alphabet, plus 16 times that in the second.
    private static let places: [UInt8] = (UInt8.min...UInt8.max).map { byte in
        UInt8(alphabets[0].firstIndex(of: byte) ?? 0) | UInt8(alphabets[1].firstIndex(of: byte) ?? 0) << 4
    }
    /// For each byte the alphabets that have it: 1, 2, both or none.
    private static let members: [UInt8] = (UInt8.min...UInt8.max).map { byte in
        (alphabets[0].contains(byte) ? 1 : 0) | (alphabets[1].contains(byte) ? 2 : 0)
    }
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
            for offset in stride(from: 0, through: reference.count - copyMin, by: step) { table[hash(reference, offset)] = UInt16(truncatingIfNeeded: offset + 1) }
        }
        var literal = 0
        var place = 0
        var copied = 0
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
            appendLiteral(target, literal, to, to: &output)
            append(count << 2 | 3, to: &output)
            let skip = from - copied
            append(skip << 1 ^ skip >> (Int.bitWidth - 1), to: &output)
            copied = from + count
            place = to + count
            literal = place
        }
        appendLiteral(target, literal, target.count, to: &output)
    }

    /// The bytes from `start` to `end`: runs of an alphabet in halves, the others as they are.
    private static func appendLiteral(_ target: UnsafeRawBufferPointer, _ start: Int, _ end: Int, to output: inout [UInt8]) {
        var plain = start
        var place = start
        func appendPlain() {
            guard plain < place else { return }
            append((place - plain) << 2, to: &output)
            output.append(contentsOf: target[plain..<place])
        }
        members.withUnsafeBufferPointer { members in
            places.withUnsafeBufferPointer { places in
                while place + runMin <= end {
                    var alphabets = members[Int(target[place])]
                    var runEnd = place + 1
                    // As long as one alphabet has all of it.
                    while runEnd < end {
                        let both = alphabets & members[Int(target[runEnd])]
                        if both == 0 { break }
                        alphabets = both
                        runEnd += 1
                    }
                    guard alphabets != 0, runEnd - place >= runMin else {
                        // What the other alphabet would have made longer begins later all the same.
                        place += 1
                        continue
                    }
                    appendPlain()
                    let alphabet = alphabets & 1 != 0 ? 1 : 2
                    append((runEnd - place) << 2 | alphabet, to: &output)
                    for index in stride(from: place, to: runEnd, by: 2) {
                        let first = nibble(places[Int(target[index])], alphabet)
                        output.append(first << 4 | (index + 1 < runEnd ? nibble(places[Int(target[index + 1])], alphabet) : 0))
                    }
                    place = runEnd
                    plain = runEnd
                }
            }
        }
        place = end
        appendPlain()
    }

    private static func nibble(_ places: UInt8, _ alphabet: Int) -> UInt8 { alphabet == 1 ? places & 15 : places >> 4 }

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
        var copied = 0
        while bytes.count < count {
            guard let token = number(&rest), token >> 2 > 0, token >> 2 <= count - bytes.count else { return nil }
            let length = token >> 2
            switch token & 3 {
            case 0:
                guard length <= rest.count else { return nil }
                bytes += rest.prefix(length)
                rest = rest.dropFirst(length)
            case 3:
                guard let skip = number(&rest) else { return nil }
                let from = copied + (skip >> 1 ^ -(skip & 1))
                guard from >= 0, from <= reference.count, length <= reference.count - from else { return nil }
                bytes += reference[from..<from + length]
                copied = from + length
            case let alphabet:
                guard (length + 1) / 2 <= rest.count else { return nil }
                for index in 0..<length {
                    let pair = rest[rest.startIndex + index / 2]
                    bytes.append(alphabets[alphabet - 1][Int(index % 2 == 0 ? pair >> 4 : pair & 15)])
                }
                rest = rest.dropFirst((length + 1) / 2)
            }
        }
        return rest.isEmpty ? bytes : nil
    }

    /// Likewise, of one as earlier releases have written it: count of literal bytes, literal bytes, length of the copy, its offset.
    static func decodedFormer(_ delta: ArraySlice<UInt8>, count: Int, _ reference: [UInt8]) -> [UInt8]? {
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
