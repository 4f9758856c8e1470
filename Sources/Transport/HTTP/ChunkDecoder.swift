import Bytes

/// Decodes the chunks of a request body (RFC 9112, section 7.1), byte by byte but for their contents, which are handed out in
/// place. Extensions and trailers are checked for their form and forgotten.
struct ChunkDecoder {
    enum Part {
        /// The input is used up.
        case needMore
        /// Bytes of the body, valid as long as the input.
        case bytes(UnsafeRawBufferPointer)
        case end
        case malformed
        /// There is too much beside the bytes of the body.
        case excessive
    }

    private enum State {
        /// Before the first digit of a size.
        case sizeStart
        case size
        /// Between `;` and the end of the line.
        case extensions
        case sizeLineFeed
        case data
        case dataReturn
        case dataLineFeed
        /// Before a trailer field, or the empty line at the end.
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
    }

    private var state = State.sizeStart
    /// Of the chunk that is being read.
    private var size = 0
    private var bodyBytes = 0
    private var overheadBytes = 0
    private let overheadBytesMax: Int

    /// - Parameter overheadBytesMax: Beside eight times the bytes of the body, see `TransportLimits.chunkOverheadBytesMax`.
    init(overheadBytesMax: Int) { self.overheadBytesMax = overheadBytesMax }

    mutating func next(_ input: inout RequestInput) -> Part {
        while input.remaining > 0 {
            if case .data = state {
                let bytes = input.take(atMost: size)
                size -= bytes.count
                bodyBytes += bytes.count
                if size == 0 { state = .dataReturn }
                return .bytes(bytes)
            }
            let byte = input.bytes[input.offset]
            input.offset += 1
            overheadBytes += 1
            guard let next = state(after: byte) else { return .malformed }
            if overheadBytes > overheadBytesMax + 8 * bodyBytes { return .excessive }
            if case .lastLineFeed = state {
                self = ChunkDecoder(overheadBytesMax: overheadBytesMax)
                return .end
            }
            state = next
        }
        return .needMore
    }

    /// Nil: the byte may not stand here.
    private mutating func state(after byte: UInt8) -> State? {
        switch state {
        case .sizeStart, .size:
            if let digit = Hex.value(byte) {
                guard size <= Int.max >> 5 else { return nil }
                size = size << 4 | Int(digit)
                return .size
            }
            guard case .size = state else { return nil }
            return byte == 0x0D ? .sizeLineFeed : byte == UInt8(ascii: ";") ? .extensions : nil
        case .extensions: return byte == 0x0D ? .sizeLineFeed : HeaderName.isValueByte(byte) ? .extensions : nil
        case .sizeLineFeed: return byte == 0x0A ? (size > 0 ? .data : .trailerStart) : nil
        case .data: return nil
        case .dataReturn: return byte == 0x0D ? .dataLineFeed : nil
        case .dataLineFeed: return byte == 0x0A ? .sizeStart : nil
        case .trailerStart: return byte == 0x0D ? .lastLineFeed : HeaderName.isTokenByte(byte) ? .trailerName : nil
        case .trailerName: return byte == UInt8(ascii: ":") ? .trailerValue : HeaderName.isTokenByte(byte) ? .trailerName : nil
        case .trailerValue: return byte == 0x0D ? .trailerLineFeed : HeaderName.isValueByte(byte) ? .trailerValue : nil
        case .trailerLineFeed: return byte == 0x0A ? .trailerStart : nil
        case .lastLineFeed: return byte == 0x0A ? .lastLineFeed : nil
        }
    }
}
