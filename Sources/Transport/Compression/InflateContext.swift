import CZlib

/// zlib's decompressor for messages with windows up to a size. Used on one thread at a time; its owner is a loop's
/// `CompressionContexts` or one connection of that loop.
final class InflateContext {
    enum Failure: Error {
        /// More bytes come out than the limit allows.
        case tooBig
        /// Not deflate data (RFC 1951), or it refers back beyond the window.
        case invalid
        case noMemory
    }

    let windowBits: Int
    /// At a fixed address: zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    /// What was read so far ends with a block, on a byte.
    private(set) var isAtBoundary = true

    /// Nil if there is no memory.
    /// - Parameter windowBits: 9…15.
    init?(windowBits: Int) {
        self.windowBits = windowBits
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit2_(stream, -Int32(windowBits), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets earlier messages; keeps the memory of the window.
    func reset() {
        inflateReset(stream)
        isAtBoundary = true
    }

    /// Inflates and appends. The output grows step by step, so that at no time more than about twice `limit` is held.
    /// - Parameters:
    ///   - input: At most 1 GiB.
    ///   - limit: Bytes that `output` may have in all.
    /// - Returns: Nil if all input was used. After a failure the context is of no more use.
    func inflate(_ input: UnsafeRawBufferPointer, to output: ByteStore, limit: Int) -> Failure? {
        guard let base = input.baseAddress, input.count > 0 else { return nil }
        // zlib does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: Bytef.self))
        stream.pointee.avail_in = UInt32(input.count)
        // Room for one byte more than allowed shows that there is more.
        let most = limit + 1
        while true {
            let room = min(min(output.capacity, most) - output.count, 1 << 30)
            if room <= 0 {
                output.extend(within: most)
                continue
            }
            stream.pointee.next_out = (output.base + output.count).assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = UInt32(room)
            let code = CZlib.inflate(stream, Z_SYNC_FLUSH)
            let isFull = stream.pointee.avail_out == 0
            output.count += room - Int(stream.pointee.avail_out)
            if output.count > limit { return .tooBig }
            switch code {
            case Z_OK:
                // Bits that are left of the last byte, and whether a block is over (see inflate() in zlib.h).
                isAtBoundary = stream.pointee.data_type & 128 != 0 && stream.pointee.data_type & 63 == 0
            case Z_BUF_ERROR:
                // Nothing more comes out. If nothing more goes in either there would be no end to this.
                guard stream.pointee.avail_in == 0 else { return .invalid }
            case Z_STREAM_END:
                // A block marked as the last one: more may follow nevertheless (RFC 7692, section 7.2.3.4), and may refer
                // to what came before.
                guard inflateResetKeep(stream) == Z_OK else { return .invalid }
                isAtBoundary = true
                if stream.pointee.avail_in == 0 { return nil }
                continue
            case Z_MEM_ERROR: return .noMemory
            default: return .invalid
            }
            if stream.pointee.avail_in == 0, !isFull { return nil }
        }
    }
}
