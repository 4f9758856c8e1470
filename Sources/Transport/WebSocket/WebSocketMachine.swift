/// The protocol of one WebSocket connection as a value: what comes in turns into events, and the state of the closing
/// handshake says what may still be sent (RFC 6455, section 7). Performs nothing itself.
struct WebSocketMachine: ~Copyable {
    enum State {
        case open
        /// The other side has said its last; our close frame is due, and messages may go out before it.
        case answering
        /// A close frame went out; the other side's answer is due.
        case closing
        /// No more frames in either direction.
        case ended
    }

    enum Event {
        /// The input is used up.
        case needMore
        case message(MessageKind, UnsafeRawBufferPointer)
        /// Answer with a pong of this payload (section 5.5.3).
        case ping(UnsafeRawBufferPointer)
        /// The peer began to close: answer with this code, 1005 for none, once everything before it is answered
        /// (`answerClose`), then end the connection.
        case peerClosed(UInt16, String)
        /// The peer answered our close frame: end the connection.
        case closeAnswered(UInt16, String)
        /// The peer broke the protocol: send this code, then end the connection.
        case failed(UInt16, String)
    }

    private(set) var state = State.open
    private var decoder: FrameDecoder

    /// - Parameter inflater: Nil unless compression was negotiated.
    init(role: FrameDecoder.Role, maxMessage: Int, inflater: MessageInflater? = nil) {
        decoder = FrameDecoder(role: role, maxMessage: maxMessage, inflater: inflater)
    }

    /// Whether messages may be sent.
    @inline(__always) var isOpen: Bool { state == .open || state == .answering }

    /// Memory held for the message whose parts are coming in.
    var messageCapacity: Int { decoder.messageCapacity }

    /// The next event. Pointers handed out are valid until the next call. While closing, messages and pings are dropped;
    /// after the peer's close frame the input is.
    @inline(__always)
    mutating func next(_ input: inout FrameInput, scratch: ByteStore) -> Event {
        while true {
            if state == .ended || state == .answering {
                input.offset = input.bytes.count
                return .needMore
            }
            switch decoder.next(&input, scratch: scratch) {
            case .needMore: return .needMore
            case .message(let kind, let bytes):
                if state == .open { return .message(kind, bytes) }
            case .ping(let payload):
                if state == .open { return .ping(payload) }
            case .pong: continue
            case .close(let payload): return closed(payload)
            case .failed(let code, let reason):
                state = .ended
                return .failed(code, reason)
            }
        }
    }

    /// We begin to close. False: a close is under way already and no frame may be sent.
    mutating func beginClose() -> Bool {
        guard state == .open else { return false }
        state = .closing
        return true
    }

    /// Our close frame answers the peer's. False: none is due.
    mutating func answerClose() -> Bool {
        guard state == .answering else { return false }
        state = .ended
        return true
    }

    /// Nothing more goes in or out, whatever the state was.
    mutating func end() { state = .ended }

    private mutating func closed(_ payload: UnsafeRawBufferPointer) -> Event {
        let began = state == .open
        state = .ended
        guard payload.count > 0 else {
            if began { state = .answering }
            return began ? .peerClosed(CloseCode.none, "") : .closeAnswered(CloseCode.none, "")
        }
        guard payload.count >= 2 else { return .failed(CloseCode.protocolError, "close frame of one byte") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard CloseCode.isSendable(code) else { return .failed(CloseCode.protocolError, "invalid close code") }
        let text = UnsafeRawBufferPointer(rebasing: payload[2...])
        guard UTF8Validator.isValid(text) else { return .failed(CloseCode.invalidText, "close reason is not UTF-8") }
        let reason = String(decoding: text, as: UTF8.self)
        if began { state = .answering }
        return began ? .peerClosed(code, reason) : .closeAnswered(code, reason)
    }
}
