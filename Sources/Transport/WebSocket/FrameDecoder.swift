/// Bytes being decoded and how far.
struct FrameInput {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }
}

/// Takes WebSocket frames apart (RFC 6455, section 5) and puts fragments together. Knows nothing of the connection.
///
/// A frame that lies whole in the input, the usual case, is unmasked into the loop's scratch memory and needs no memory
/// of the connection. What is split over fragments or reads collects in one store bounded by `maxMessage`, unmasked and
/// checked as it comes, so that a bad message is refused before it is complete. Compressed messages are inflated while they
/// are decoded, into the same memory within the same bound.
struct FrameDecoder: ~Copyable {
    enum Role {
        /// Expects masked frames.
        case server
        /// Expects unmasked frames.
        case client
    }

    enum Output {
        /// The input is used up.
        case needMore
        case message(MessageKind, UnsafeRawBufferPointer)
        case ping(UnsafeRawBufferPointer)
        case pong
        /// The payload of a close frame.
        case close(UnsafeRawBufferPointer)
        /// The connection must be closed with this code; the decoder is of no more use.
        case failed(UInt16, String)
    }

    /// A frame whose payload is being read.
    private struct Frame {
        var opcode: UInt8
        var isFinal: Bool
        var isMasked: Bool
        /// RSV1: the first frame of a compressed message.
        var isCompressed: Bool
        var key: UInt32
        var length: Int
        /// Payload bytes taken so far.
        var taken = 0

        var isControl: Bool { opcode & 8 != 0 }
    }

    private enum HeaderResult {
        case frame(Frame)
        case incomplete
        case failed(UInt16, String)
    }

    private let role: Role
    /// Bytes of one message, after putting fragments together.
    let maxMessage: Int
    /// The start of a header that was split over reads: at most 14 bytes.
    private var header: (UInt64, UInt64) = (0, 0)
    private var headerCount = 0
    /// The frame that was not whole in the input, if any.
    private var frame: Frame?
    /// Kind of the message whose fragments are coming in, if any.
    private var fragmented: MessageKind?
    private var message: ByteStore?
    private var control: ByteStore?
    private var text = UTF8Validator()
    /// What was handed out last is in `message`, which goes at the next call.
    private var handedOut = false
    /// Nil unless compression was negotiated.
    private let inflater: MessageInflater?
    /// The message whose fragments are coming in is compressed.
    private var isInflating = false

    /// - Parameter inflater: With the same `maxMessage`.
    init(role: Role, maxMessage: Int, inflater: MessageInflater? = nil) {
        self.role = role
        self.maxMessage = max(1, maxMessage)
        self.inflater = inflater
    }

    /// Memory held for the message whose parts are coming in.
    var messageCapacity: Int { message?.capacity ?? 0 }

    /// The next thing in the input. Pointers handed out are valid until the next call.
    /// - Parameter scratch: The loop's working memory.
    mutating func next(_ input: inout FrameInput, scratch: ByteStore) -> Output {
        if handedOut {
            message = nil
            handedOut = false
        }
        while true {
            if frame != nil {
                if let output = continueFrame(&input) { return output }
                continue
            }
            switch nextHeader(&input) {
            case .incomplete: return .needMore
            case .failed(let code, let reason): return .failed(code, reason)
            case .frame(let started):
                if let failure = admit(started) { return failure }
                if input.remaining >= started.length, started.isControl || (started.isFinal && fragmented == nil) {
                    return whole(started, &input, scratch)
                }
                frame = started
            }
        }
    }

    // MARK: Headers

    @inline(__always)
    private mutating func nextHeader(_ input: inout FrameInput) -> HeaderResult {
        if headerCount == 0 {
            let rest = input.remaining
            if rest >= 2 {
                let base = input.bytes.baseAddress! + input.offset
                let size = Self.headerSize(base)
                if rest >= size {
                    input.offset += size
                    return parse(base)
                }
            }
        }
        return gatherHeader(&input)
    }

    /// Collects a header that is split over reads, byte by byte.
    private mutating func gatherHeader(_ input: inout FrameInput) -> HeaderResult {
        while input.remaining > 0 {
            let byte = input.bytes[input.offset]
            input.offset += 1
            let index = headerCount
            withUnsafeMutableBytes(of: &header) { $0[index] = byte }
            headerCount += 1
            guard headerCount >= 2 else { continue }
            let size = withUnsafeBytes(of: &header) { Self.headerSize($0.baseAddress!) }
            if headerCount == size {
                headerCount = 0
                var copy = header
                return withUnsafeBytes(of: &copy) { parse($0.baseAddress!) }
            }
        }
        return .incomplete
    }

    /// Bytes of the whole header, from its first two.
    @inline(__always)
    private static func headerSize(_ base: UnsafeRawPointer) -> Int {
        let second = base.load(fromByteOffset: 1, as: UInt8.self)
        let key = second & 0x80 == 0 ? 0 : 4
        switch second & 0x7F {
        case 126: return 4 + key
        case 127: return 10 + key
        default: return 2 + key
        }
    }

    @inline(__always)
    private func parse(_ base: UnsafeRawPointer) -> HeaderResult {
        let first = base.load(as: UInt8.self)
        let second = base.load(fromByteOffset: 1, as: UInt8.self)
        if first & 0x70 != 0, !isCompressedStart(first) { return .failed(CloseCode.protocolError, "reserved bit set") }
        var length = Int(second & 0x7F)
        var size = 2
        if length == 126 {
            length = Int(UInt16(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            if length < 126 { return .failed(CloseCode.protocolError, "length not in its shortest form") }
            size = 4
        } else if length == 127 {
            let wide = UInt64(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            if wide >> 63 != 0 { return .failed(CloseCode.protocolError, "length out of range") }
            if wide <= 0xFFFF { return .failed(CloseCode.protocolError, "length not in its shortest form") }
            length = Int(wide)
            size = 10
        }
        let isMasked = second & 0x80 != 0
        let key = isMasked ? base.loadUnaligned(fromByteOffset: size, as: UInt32.self) : 0
        return .frame(
            Frame(
                opcode: first & 0x0F, isFinal: first & 0x80 != 0, isMasked: isMasked, isCompressed: first & 0x40 != 0, key: key,
                length: length))
    }

    /// Reserved bits belong to extensions. The only one there is has RSV1 on the first frame of a message (RFC 7692,
    /// section 6).
    private func isCompressedStart(_ first: UInt8) -> Bool {
        let opcode = first & 0x0F
        return inflater != nil && first & 0x70 == Opcode.compressed && (opcode == Opcode.text || opcode == Opcode.binary)
    }

    /// Checks a header against the role and what came before.
    @inline(__always)
    private mutating func admit(_ frame: Frame) -> Output? {
        if frame.isMasked != (role == .server) {
            return .failed(CloseCode.protocolError, role == .server ? "unmasked frame" : "masked frame")
        }
        if frame.isControl {
            if frame.opcode > Opcode.pong { return .failed(CloseCode.protocolError, "unknown opcode") }
            if !frame.isFinal { return .failed(CloseCode.protocolError, "fragmented control frame") }
            if frame.length > 125 { return .failed(CloseCode.protocolError, "control frame too long") }
            return nil
        }
        switch frame.opcode {
        case Opcode.continuation:
            if fragmented == nil { return .failed(CloseCode.protocolError, "continuation of nothing") }
        case Opcode.text, Opcode.binary:
            if fragmented != nil { return .failed(CloseCode.protocolError, "message within a message") }
        default: return .failed(CloseCode.protocolError, "unknown opcode")
        }
        if frame.length > maxMessage - (message?.count ?? 0) { return admitLarge(frame) }
        return nil
    }

    /// The length of a compressed frame is not that of the message; the inflater counts both.
    @inline(never)
    private func admitLarge(_ frame: Frame) -> Output? {
        if let inflater, frame.isCompressed || isInflating, frame.length <= inflater.maxPacked { return nil }
        return Self.tooBig
    }

    private static var tooBig: Output { .failed(CloseCode.tooBig, "message too big") }

    // MARK: Payloads

    /// A frame that lies whole in the input and is a message or a control frame by itself.
    @inline(__always)
    private func whole(_ frame: Frame, _ input: inout FrameInput, _ scratch: ByteStore) -> Output {
        var payload = UnsafeRawBufferPointer(rebasing: input.bytes[input.offset..<input.offset + frame.length])
        input.offset += frame.length
        if frame.isCompressed { return wholeCompressed(frame, payload, scratch) }
        if frame.isMasked, frame.length > 0 {
            scratch.reserve(frame.length)
            FrameMask.copy(from: payload.baseAddress!, to: scratch.base, count: frame.length, key: frame.key, phase: 0)
            payload = UnsafeRawBufferPointer(start: scratch.base, count: frame.length)
        }
        switch frame.opcode {
        case Opcode.text:
            guard UTF8Validator.isValid(payload) else { return Self.invalidText }
            return .message(.text, payload)
        case Opcode.binary: return .message(.binary, payload)
        default: return Self.controlOutput(frame.opcode, payload)
        }
    }

    private static var invalidText: Output { .failed(CloseCode.invalidText, "text is not UTF-8") }

    private static func controlOutput(_ opcode: UInt8, _ payload: UnsafeRawBufferPointer) -> Output {
        switch opcode {
        case Opcode.ping: .ping(payload)
        case Opcode.pong: .pong
        default: .close(payload)
        }
    }

    /// Takes what there is of the current frame. Nil: the frame is done and was not the last of its message.
    private mutating func continueFrame(_ input: inout FrameInput) -> Output? {
        guard var current = frame else { return nil }
        if current.taken == 0, current.opcode == Opcode.text || current.opcode == Opcode.binary, fragmented == nil {
            fragmented = current.opcode == Opcode.text ? .text : .binary
            text = UTF8Validator()
            isInflating = current.isCompressed
            if isInflating { inflater?.begin() }
        }
        if isInflating, !current.isControl { return continueCompressed(current, &input) }
        let store = storeForPayload(current)
        let take = min(input.remaining, current.length - current.taken)
        if take > 0 {
            store.reserve(store.count + take)
            let source = input.bytes.baseAddress! + input.offset
            let target = store.base + store.count
            if current.isMasked {
                FrameMask.copy(from: source, to: target, count: take, key: current.key, phase: current.taken)
            } else {
                target.copyMemory(from: source, byteCount: take)
            }
            store.count += take
            input.offset += take
            current.taken += take
            if !current.isControl, fragmented == .text {
                guard text.check(UnsafeRawBufferPointer(start: target, count: take)) else { return Self.invalidText }
            }
        }
        guard current.taken == current.length else {
            frame = current
            return .needMore
        }
        frame = nil
        return finish(current, store)
    }

    private mutating func storeForPayload(_ frame: Frame) -> ByteStore {
        if frame.isControl {
            let store = control ?? ByteStore(capacity: 128)
            control = store
            return store
        }
        let store = message ?? ByteStore(capacity: min(frame.length, 4096))
        message = store
        return store
    }

    private mutating func finish(_ frame: Frame, _ store: ByteStore) -> Output? {
        if frame.isControl {
            defer { store.count = 0 }
            return Self.controlOutput(frame.opcode, store.bytes)
        }
        guard frame.isFinal, let kind = fragmented else { return nil }
        fragmented = nil
        isInflating = false
        handedOut = true
        if kind == .text, !text.isComplete { return Self.invalidText }
        return .message(kind, store.bytes)
    }

    // MARK: Compressed payloads

    /// `whole` for a compressed message.
    @inline(never)
    private func wholeCompressed(_ frame: Frame, _ payload: UnsafeRawBufferPointer, _ scratch: ByteStore) -> Output {
        guard let inflater else { return .failed(CloseCode.protocolError, "reserved bit set") }
        // Nobody else counts in the scratch memory.
        defer { scratch.count = 0 }
        inflater.begin()
        let key = frame.isMasked ? frame.key : nil
        let failure = inflater.add(payload, key: key, phase: 0, to: scratch) ?? inflater.finish(to: scratch)
        var text = UTF8Validator()
        // Before what comes after it, so that the outcome is the same however the bytes came in.
        if frame.opcode == Opcode.text, !text.check(scratch.bytes) { return Self.invalidText }
        if let failure { return Self.output(failure) }
        guard text.isComplete else { return Self.invalidText }
        return .message(frame.opcode == Opcode.text ? .text : .binary, scratch.bytes)
    }

    /// `continueFrame` for a frame of a compressed message.
    private mutating func continueCompressed(_ started: Frame, _ input: inout FrameInput) -> Output? {
        guard let inflater else { return .failed(CloseCode.protocolError, "reserved bit set") }
        var current = started
        let store = storeForPayload(current)
        let take = min(input.remaining, current.length - current.taken)
        let payload = UnsafeRawBufferPointer(rebasing: input.bytes[input.offset..<input.offset + take])
        let key = current.isMasked ? current.key : nil
        let known = store.count
        input.offset += take
        current.taken += take
        let isDone = current.taken == current.length
        var failure = inflater.add(payload, key: key, phase: current.taken - take, to: store)
        if failure == nil, isDone, current.isFinal { failure = inflater.finish(to: store) }
        if fragmented == .text {
            let added = UnsafeRawBufferPointer(rebasing: store.bytes[known...])
            guard text.check(added) else { return Self.invalidText }
        }
        if let failure { return Self.output(failure) }
        frame = isDone ? nil : current
        return isDone ? finish(current, store) : .needMore
    }

    private static func output(_ failure: InflateContext.Failure) -> Output {
        switch failure {
        case .tooBig: tooBig
        case .invalid: .failed(CloseCode.invalidText, "invalid compressed data")
        case .noMemory: .failed(CloseCode.internalError, "out of memory")
        }
    }
}
