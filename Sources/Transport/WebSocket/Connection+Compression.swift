import NIOCore

/// Sending text, and what is or may be compressed.
extension Connection {
    /// Sends a text message.
    public func send(_ text: String) {
        var text = text
        text.withUTF8 { send(UnsafeRawBufferPointer($0), .text) }
    }

    /// Messages may be compressed, in both directions: the endpoint wants it and the client offered it.
    public var isCompressed: Bool { deflater != nil }

    /// Sends a message that was encoded once for many connections.
    public func send(_ frame: SharedFrame) {
        guard isOpen else { return }
        guard let deflater, frame.count >= deflater.threshold else { return send(encoded: frame.buffer) }
        if deflater.keepsContext {
            frame.withMessage { send($0, frame.kind, compressedBy: deflater) }
        } else {
            send(encoded: frame.compressed(deflater.form, deflater.contexts))
        }
    }

    @inline(never)
    func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind, compressedBy deflater: MessageDeflater) {
        guard let payload = deflater.compress(bytes) else { return append(kind.rawValue, bytes) }
        append(kind.rawValue | Opcode.compressed, payload)
    }
}
