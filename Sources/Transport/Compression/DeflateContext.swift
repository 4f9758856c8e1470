import CZlib

/// zlib's compressor for messages of one form. Used on one thread at a time; its owner is a loop's `CompressionContexts`
/// or one connection of that loop.
final class DeflateContext {
    let form: DeflateForm
    /// At a fixed address: zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Every sync flush ends with an empty stored block, of which these four bytes are not sent (RFC 7692, section 7.2.1).
    static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    /// zlib repeats the end of a flush if it finds less room than 7 bytes.
    private static let roomMin = 64
    /// Bytes given to zlib at once: its counters have 32 bits.
    private static let pieceMax = 1 << 30

    /// Nil if there is no memory.
    init?(_ form: DeflateForm) {
        self.form = form
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Negative window bits: deflate data without zlib's header (RFC 1951).
        let code = deflateInit2_(
            stream, Int32(form.level), Z_DEFLATED, -Int32(form.windowBits), Int32(form.memoryLevel), Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets earlier messages.
    func reset() { deflateReset(stream) }

    /// Appends the payload of a compressed message. False cannot happen but by a defect of zlib; what was appended is of
    /// no use then, nor is the context.
    func compress(_ bytes: UnsafeRawBufferPointer, to output: ByteStore) -> Bool {
        // zlib has nothing to flush after a flush (RFC 7692, section 7.2.3.6).
        guard let base = bytes.baseAddress, bytes.count > 0 else {
            output.reserve(output.count + 1)
            output.base.storeBytes(of: 0, toByteOffset: output.count, as: UInt8.self)
            output.count += 1
            return true
        }
        var offset = 0
        while offset < bytes.count {
            let piece = min(bytes.count - offset, Self.pieceMax)
            // zlib does not write to its input.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: (base + offset).assumingMemoryBound(to: Bytef.self))
            stream.pointee.avail_in = UInt32(piece)
            offset += piece
            let flush = offset == bytes.count ? Z_SYNC_FLUSH : Z_NO_FLUSH
            output.reserve(output.count + Int(deflateBound(stream, UInt(piece))) + Self.roomMin)
            repeat {
                output.reserve(output.count + Self.roomMin)
                let room = min(output.capacity - output.count, Self.pieceMax)
                stream.pointee.next_out = (output.base + output.count).assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_out = UInt32(room)
                let code = deflate(stream, flush)
                guard code == Z_OK || code == Z_BUF_ERROR else { return false }
                output.count += room - Int(stream.pointee.avail_out)
            } while stream.pointee.avail_out == 0
        }
        guard stream.pointee.avail_in == 0, output.count >= Self.tail.count,
            output.bytes.suffix(Self.tail.count).elementsEqual(Self.tail)
        else { return false }
        output.count -= Self.tail.count
        return true
    }
}
