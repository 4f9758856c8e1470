import NIOCore

/// Frame opcodes (RFC 6455, section 5.2).
enum Opcode {
    static let continuation: UInt8 = 0
    static let text: UInt8 = 1
    static let binary: UInt8 = 2
    static let close: UInt8 = 8
    static let ping: UInt8 = 9
    static let pong: UInt8 = 10
    /// Added to the opcode of a compressed message's first frame: RSV1 (RFC 7692, section 6).
    static let compressed: UInt8 = 0x40
}

/// Writes unfragmented frames.
enum FrameEncoder {
    /// The longest header: two bytes, a 64-bit length, a mask key.
    static let headerBytesMax = 14

    /// Appends one final frame.
    /// - Parameter mask: A client's key, as it lies in memory; nil for a server's frame.
    @inline(__always)
    static func append(
        _ opcode: UInt8, _ payload: UnsafeRawBufferPointer, mask: UInt32? = nil, to buffer: inout ByteBuffer
    ) {
        let count = payload.count
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count + headerBytesMax) { target in
            let base = target.baseAddress!
            let header = writeHeader(opcode, count, mask, base)
            guard let source = payload.baseAddress else { return header }
            if let mask {
                FrameMask.copy(from: source, to: base + header, count: count, key: mask, phase: 0)
            } else {
                (base + header).copyMemory(from: source, byteCount: count)
            }
            return header + count
        }
    }

    @inline(__always)
    private static func writeHeader(_ opcode: UInt8, _ count: Int, _ mask: UInt32?, _ base: UnsafeMutableRawPointer) -> Int {
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        base.storeBytes(of: 0x80 | opcode, as: UInt8.self)
        var length: Int
        if count < 126 {
            base.storeBytes(of: maskBit | UInt8(truncatingIfNeeded: count), toByteOffset: 1, as: UInt8.self)
            length = 2
        } else if count <= 0xFFFF {
            base.storeBytes(of: maskBit | 126, toByteOffset: 1, as: UInt8.self)
            base.storeBytes(of: UInt16(truncatingIfNeeded: count).bigEndian, toByteOffset: 2, as: UInt16.self)
            length = 4
        } else {
            base.storeBytes(of: maskBit | 127, toByteOffset: 1, as: UInt8.self)
            base.storeBytes(of: UInt64(count).bigEndian, toByteOffset: 2, as: UInt64.self)
            length = 10
        }
        if let mask {
            base.storeBytes(of: mask, toByteOffset: length, as: UInt32.self)
            length += 4
        }
        return length
    }

    /// Appends a close frame; code 1005 makes one without a payload.
    static func appendClose(_ code: UInt16, _ reason: String, mask: UInt32? = nil, to buffer: inout ByteBuffer) {
        guard code != CloseCode.none else {
            return append(Opcode.close, UnsafeRawBufferPointer(start: nil, count: 0), mask: mask, to: &buffer)
        }
        var payload: [UInt8] = [UInt8(code >> 8), UInt8(code & 0xFF)]
        payload.append(contentsOf: CloseCode.fitted(reason).utf8)
        payload.withUnsafeBytes { append(Opcode.close, $0, mask: mask, to: &buffer) }
    }
}
