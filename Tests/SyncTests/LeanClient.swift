import NIOCore

/// A WebSocket client for tests with thousands of them: as little as the relay's messages need. Loop-bound.
final class LeanClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Event {
        case opened
        case text(String)
        /// A close frame, with its payload.
        case closing([UInt8])
        case ended
    }

    private let onEvent: (LeanClient, Event) -> Void
    private var context: ChannelHandlerContext?
    private var input = ByteBuffer()
    private var isOpen = false
    private var outgoing = ByteBuffer()
    private var isFlushScheduled = false

    init(_ onEvent: @escaping (LeanClient, Event) -> Void) { self.onEvent = onEvent }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let request = """
            GET /connect HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        if !isOpen {
            guard let head = input.getString(at: input.readerIndex, length: input.readableBytes), head.hasSuffix("\r\n\r\n")
            else { return }
            guard head.hasPrefix("HTTP/1.1 101 ") else { return context.close(promise: nil) }
            input.clear()
            isOpen = true
            return onEvent(self, .opened)
        }
        while let (opcode, payload) = nextFrame() {
            switch opcode {
            case 1: onEvent(self, .text(String(buffer: payload)))
            case 8: onEvent(self, .closing(Array(payload.readableBytesView)))
            default: onEvent(self, .text("frame \(opcode)"))
            }
        }
    }

    private func nextFrame() -> (UInt8, ByteBuffer)? {
        guard let first = input.getInteger(at: input.readerIndex, as: UInt8.self),
            let second = input.getInteger(at: input.readerIndex + 1, as: UInt8.self)
        else { return nil }
        var length = Int(second)
        var header = 2
        if second == 126 {
            guard let long = input.getInteger(at: input.readerIndex + 2, as: UInt16.self) else { return nil }
            (length, header) = (Int(long), 4)
        }
        precondition(first & 0x70 == 0 && length < 65_536 && second < 127, "not what the relay sends")
        guard input.readableBytes >= header + length else { return nil }
        input.moveReaderIndex(forwardBy: header)
        return (first & 0x0F, input.readSlice(length: length)!)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        onEvent(self, .ended)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Sends a text, together with others of this turn.
    func send(_ text: String) {
        guard let context else { return }
        let bytes = text.utf8
        outgoing.writeInteger(0x81, as: UInt8.self)
        if bytes.count < 126 {
            outgoing.writeInteger(UInt8(0x80 | bytes.count))
        } else {
            outgoing.writeInteger(0xFE, as: UInt8.self)
            outgoing.writeInteger(UInt16(bytes.count))
        }
        outgoing.writeInteger(0, as: UInt32.self)
        outgoing.writeString(text)
        if isFlushScheduled { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush() {
        isFlushScheduled = false
        guard let context, outgoing.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        outgoing = ByteBuffer()
    }

    /// Ends the connection without a word, after what was sent.
    func disconnect() {
        flush()
        context?.close(promise: nil)
    }
}
