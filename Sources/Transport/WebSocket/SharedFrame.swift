import NIOCore

/// One message encoded once, to be sent to any number of connections on any loop.
public final class SharedFrame: Sendable {
    let buffer: ByteBuffer
    public let kind: MessageKind

    /// - Parameter bytes: Copied. Text must be UTF-8.
    public init(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        var buffer = ByteBufferAllocator().buffer(capacity: bytes.count + 10)
        FrameEncoder.append(kind.rawValue, bytes, to: &buffer)
        self.buffer = buffer
        self.kind = kind
    }

    public convenience init(_ text: String) {
        var text = text
        var made: ByteBuffer?
        text.withUTF8 { bytes in
            var buffer = ByteBufferAllocator().buffer(capacity: bytes.count + 10)
            FrameEncoder.append(Opcode.text, UnsafeRawBufferPointer(bytes), to: &buffer)
            made = buffer
        }
        self.init(encoded: made!, .text)
    }

    private init(encoded: ByteBuffer, _ kind: MessageKind) {
        buffer = encoded
        self.kind = kind
    }
}
