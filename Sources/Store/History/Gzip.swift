import CZlib

/// Whole files of gzip (RFC 1952), in memory. Any thread.
enum Gzip {
    /// zlib's default: level 9 takes three times as long for 2 %.
    private static let level: Int32 = 6
    /// The largest window, and 16 for gzip's header and checksum.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8
    private static let pieceBytes = 1 << 20

    /// Nil if there is no memory.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard
            deflateInit2_(
                &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        return run(&stream, bytes, limit: .max) { deflate(&$0, Z_FINISH) }
    }

    /// Nil if it is damaged, has something behind its end, or becomes larger than `limit` bytes.
    static func decompressed(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        return run(&stream, bytes, limit: limit) { inflate(&$0, Z_NO_FLUSH) }
    }

    /// Calls `step` until it says that the end is reached and all of `bytes` (below 4 GiB) is used.
    private static func run(_ stream: inout z_stream, _ bytes: [UInt8], limit: Int, _ step: (inout z_stream) -> Int32) -> [UInt8]? {
        guard bytes.count <= Int(UInt32.max) else { return nil }
        var output: [UInt8] = []
        let piece = UnsafeMutablePointer<UInt8>.allocate(capacity: pieceBytes)
        defer { piece.deallocate() }
        return bytes.withUnsafeBytes { input -> [UInt8]? in
            // zlib does not write to its input.
            stream.next_in = input.bindMemory(to: UInt8.self).baseAddress.map { UnsafeMutablePointer(mutating: $0) }
            stream.avail_in = UInt32(input.count)
            while true {
                stream.next_out = piece
                stream.avail_out = UInt32(pieceBytes)
                let code = step(&stream)
                let made = pieceBytes - Int(stream.avail_out)
                guard output.count + made <= limit else { return nil }
                output.append(contentsOf: UnsafeBufferPointer(start: piece, count: made))
                if code == Z_STREAM_END { return stream.avail_in == 0 ? output : nil }
                guard code == Z_OK, made > 0 || stream.avail_in > 0 else { return nil }
            }
        }
    }
}
