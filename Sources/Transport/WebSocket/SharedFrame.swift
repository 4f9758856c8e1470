import Bytes
import NIOCore
import Synchronization

/// One message encoded once, to be sent to any number of connections on any loop.
///
/// For receivers that negotiated compression it is compressed once per form, by the first loop that needs it.
public final class SharedFrame: Sendable {
    /// The frame without compression.
    let buffer: ByteBuffer
    public let kind: MessageKind
    /// Bytes of the message.
    let count: Int
    /// Compressed frames by form; rarely more than one. A loop that finds the lock taken waits for what it would otherwise
    /// have to compute itself.
    private let compressed = Lock<[(form: DeflateForm, frame: ByteBuffer)]>([])

    /// - Parameter bytes: Copied. Text must be UTF-8.
    public init(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        var buffer = ByteBufferAllocator().buffer(capacity: bytes.count + 10)
        FrameEncoder.append(kind.rawValue, bytes, to: &buffer)
        self.buffer = buffer
        self.kind = kind
        count = bytes.count
    }

    public convenience init(_ text: String) {
        var text = text
        var made: ByteBuffer?
        text.withUTF8 { bytes in
            var buffer = ByteBufferAllocator().buffer(capacity: bytes.count + 10)
            FrameEncoder.append(Opcode.text, UnsafeRawBufferPointer(bytes), to: &buffer)
            made = buffer
        }
        self.init(encoded: made!, .text, count: text.utf8.count)
    }

    private init(encoded: ByteBuffer, _ kind: MessageKind, count: Int) {
        buffer = encoded
        self.kind = kind
        self.count = count
    }

    /// Runs `body` with the message itself.
    func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0.suffix(count))) }
    }

    /// The frame compressed by itself.
    /// - Parameter contexts: Those of the calling loop.
    func compressed(_ form: DeflateForm, _ contexts: CompressionContexts) -> ByteBuffer {
        compressed.withLock { frames in
            if let known = frames.first(where: { $0.form == form }) { return known.frame }
            let packed = withMessage { message -> ByteBuffer? in
                guard let payload = contexts.compress(message, form) else { return nil }
                var frame = ByteBufferAllocator().buffer(capacity: payload.count + FrameEncoder.headerBytesMax)
                FrameEncoder.append(kind.rawValue | Opcode.compressed, payload, to: &frame)
                return frame
            }
            guard let packed else { return buffer }
            frames.append((form, packed))
            return packed
        }
    }

    /// Forms it was compressed in so far.
    var formCount: Int { compressed.withLock { $0.count } }
}
