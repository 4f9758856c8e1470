/// zlib contexts and working memory of one event loop, for messages that do not refer to earlier ones: a context is
/// borrowed during a message, so connections that are silent hold none. Used on its loop only.
final class CompressionContexts {
    /// Compressors kept, one per form. Compressing is over before it returns, so each form needs one; endpoints rarely have
    /// more than two or three forms. The largest takes 268 KB.
    static let deflatersMax = 8
    /// Decompressors kept, up to 40 KB each. More than one is in use only while compressed messages come in pieces.
    static let inflatersMax = 8
    /// A compressed message larger than this is not kept room for.
    static let packedBytesMax = 1024 * 1024
    /// Bytes unmasked at once before they are inflated: stays in the processor's nearest cache.
    static let chunkBytes = 16 * 1024

    /// The most recently used one last.
    private var deflaters: [DeflateContext] = []
    private var inflaters: [InflateContext] = []
    /// Unmasked bytes on their way into a decompressor.
    lazy var chunk = ByteStore(capacity: CompressionContexts.chunkBytes)
    private lazy var packed = ByteStore(capacity: 4096)

    init() {}

    /// Contexts kept at the moment.
    var deflaterCount: Int { deflaters.count }
    var inflaterCount: Int { inflaters.count }

    // MARK: Compressing

    /// The payload of a compressed message by itself; nil: it cannot be compressed now, send it plain.
    /// Valid until the next call of `compress`.
    func compress(_ bytes: UnsafeRawBufferPointer, _ form: DeflateForm) -> UnsafeRawBufferPointer? {
        guard let context = deflater(form) else { return nil }
        guard let result = compress(bytes, with: context) else {
            deflaters.removeLast()
            return nil
        }
        context.reset()
        return result
    }

    /// The same with a connection's own context, which goes on from its earlier messages. After nil it is of no more use.
    func compress(_ bytes: UnsafeRawBufferPointer, with context: DeflateContext) -> UnsafeRawBufferPointer? {
        if packed.capacity > Self.packedBytesMax { packed = ByteStore(capacity: 4096) }
        packed.count = 0
        return context.compress(bytes, to: packed) ? packed.bytes : nil
    }

    private func deflater(_ form: DeflateForm) -> DeflateContext? {
        if let last = deflaters.last, last.form == form { return last }
        if let index = deflaters.firstIndex(where: { $0.form == form }) {
            deflaters.append(deflaters.remove(at: index))
        } else {
            guard let made = DeflateContext(form) else { return nil }
            if deflaters.count == Self.deflatersMax { deflaters.removeFirst() }
            deflaters.append(made)
        }
        return deflaters.last
    }

    // MARK: Inflating

    /// A decompressor for one message, with the largest window. Nil: no memory.
    func takeInflater() -> InflateContext? {
        inflaters.popLast() ?? InflateContext(windowBits: Compression.windowBitsRange.upperBound)
    }

    func giveBack(_ context: InflateContext) {
        guard inflaters.count < Self.inflatersMax else { return }
        context.reset()
        inflaters.append(context)
    }
}
