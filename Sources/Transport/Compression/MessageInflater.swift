/// Inflates the messages of one connection piece by piece as they come (RFC 7692, section 7.2.2). Used on its loop only.
final class MessageInflater {
    /// Bytes of one inflated message.
    let maxMessage: Int
    /// Bytes that one message may have in compressed form. No compressor makes a message twice as long, but for a few
    /// bytes; without a bound empty blocks could go on for ever.
    let maxPacked: Int
    private let windowBits: Int
    private let keepsContext: Bool
    private let contexts: CompressionContexts
    /// During a message; between messages only if contexts are kept.
    private var context: InflateContext?
    private var packedBytes = 0

    init(_ agreement: CompressionAgreement, maxMessage: Int, _ contexts: CompressionContexts) {
        self.maxMessage = max(1, maxMessage)
        maxPacked = self.maxMessage * 2 + 1024
        windowBits = agreement.receivedWindowBits
        keepsContext = agreement.keepsReceived
        self.contexts = contexts
    }

    /// Whether a context is held now.
    var isHoldingContext: Bool { context != nil }

    /// A compressed message begins.
    func begin() { packedBytes = 0 }

    /// Takes the next bytes of the message's payload and appends what they inflate to.
    /// - Parameters:
    ///   - key: The frame's mask, nil if it has none.
    ///   - phase: Bytes of the frame before these.
    func add(_ payload: UnsafeRawBufferPointer, key: UInt32?, phase: Int, to output: ByteStore) -> InflateContext.Failure? {
        let allowed = min(payload.count, maxPacked - packedBytes)
        packedBytes += allowed
        var offset = 0
        while offset < allowed {
            let count = min(allowed - offset, CompressionContexts.chunkBytes)
            var piece = UnsafeRawBufferPointer(rebasing: payload[offset..<offset + count])
            if let key {
                let chunk = contexts.chunk
                FrameMask.copy(from: piece.baseAddress!, to: chunk.base, count: count, key: key, phase: phase + offset)
                piece = UnsafeRawBufferPointer(start: chunk.base, count: count)
            }
            if let failure = inflate(piece, to: output) { return failure }
            offset += count
        }
        return allowed < payload.count ? .tooBig : nil
    }

    /// The message's payload is over: appends what is still to come of it.
    func finish(to output: ByteStore) -> InflateContext.Failure? {
        // What ends with a whole block needs no tail: nothing at all, or a block marked as the last.
        if let context, !context.isAtBoundary {
            if let failure = DeflateContext.tail.withUnsafeBytes({ inflate($0, to: output) }) { return failure }
            guard context.isAtBoundary else { return .invalid }
        }
        if !keepsContext, let used = context {
            context = nil
            contexts.giveBack(used)
        }
        return nil
    }

    private func inflate(_ piece: UnsafeRawBufferPointer, to output: ByteStore) -> InflateContext.Failure? {
        if context == nil {
            context = keepsContext ? InflateContext(windowBits: windowBits) : contexts.takeInflater()
        }
        guard let context else { return .noMemory }
        return context.inflate(piece, to: output, limit: maxMessage)
    }
}
