import NIOHTTP1

/// Bytes of a connection that are being decoded.
struct RequestInput {
    let bytes: UnsafeRawBufferPointer
    /// How much of them has been used.
    var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    /// The next bytes, at most so many.
    mutating func take(atMost count: Int) -> UnsafeRawBufferPointer {
        let end = offset + min(count, remaining)
        defer { offset = end }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
    }
}

/// Takes the requests of a connection apart (RFC 9112), one at a time. Knows nothing of the connection.
///
///     head ──without a body──────────────────────▸ head of the next one
///       └─with one──▸ body, body … (in place) ──▸ end ─┘
///
/// Everything that two programs could read in two ways is refused, for whoever stands before this server may read it in the
/// other: line ends that are not CRLF, folded fields, blanks before a colon, lengths that are doubled, signed or beside a
/// transfer encoding, any encoding but `chunked`. See `HeadDecoder`, `ChunkDecoder`.
struct RequestDecoder: ~Copyable {
    enum Output {
        /// The input holds no more; what is left of it is the beginning of a head, to be given again with what follows.
        case needMore
        /// `head` is complete; a body follows if it has one, else the request is complete.
        case head
        /// A part of the body, valid as long as the input.
        case body(UnsafeRawBufferPointer)
        /// The request with a body is complete.
        case end
        /// This is no request. Nothing may be decoded after that.
        case refused(RequestRefusal)
    }

    private enum State {
        case head
        case sized(rest: Int)
        case chunked(ChunkDecoder)
    }

    /// The latest request's; stays until the next one is begun.
    private(set) var head = RequestHead()
    private var lines: HeadDecoder
    private var state = State.head
    private let chunkOverheadBytesMax: Int

    init(_ limits: TransportLimits) {
        lines = HeadDecoder(limits)
        chunkOverheadBytesMax = limits.chunkOverheadBytesMax
    }

    /// After a refusal: `head` has method and target of what was refused.
    var knowsTarget: Bool { lines.hasRequestLine }

    mutating func next(_ input: inout RequestInput, _ memory: inout FieldMemory) -> Output {
        switch state {
        case .head:
            do throws(RequestRefusal) {
                guard try lines.decode(&input, into: &head, memory: &memory) else { return .needMore }
            } catch { return .refused(error) }
            if head.isChunked {
                state = .chunked(ChunkDecoder(overheadBytesMax: chunkOverheadBytesMax))
            } else if let length = head.contentLength, length > 0 {
                state = .sized(rest: length)
            }
            return .head
        case .sized(let rest):
            if rest == 0 {
                state = .head
                return .end
            }
            let bytes = input.take(atMost: rest)
            if bytes.isEmpty { return .needMore }
            state = .sized(rest: rest - bytes.count)
            return .body(bytes)
        case .chunked(var chunks):
            let part = chunks.next(&input)
            state = .chunked(chunks)
            switch part {
            case .needMore: return .needMore
            case .bytes(let bytes): return .body(bytes)
            case .end:
                state = .head
                return .end
            case .malformed: return .refused(.malformed)
            case .excessive: return .refused(.malformed("The chunks of the body have too much beside their bytes."))
            }
        }
    }
}
