import CZlib
import NIOCore
import NightjarTesting
@testable import Transport

/// zlib used directly, so that what the transport writes and reads is judged by something else than itself.
final class PlainDeflater {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init(windowBits: Int = 15, level: Int = 6, memoryLevel: Int = 8) {
        stream.initialize(to: z_stream())
        let code = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, -Int32(windowBits), Int32(memoryLevel), Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK)
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Deflate data of the bytes, all of it up to the flush.
    func run(_ bytes: [UInt8], _ flush: Int32 = Z_SYNC_FLUSH) -> [UInt8] {
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 8 + 1_024)
        let count = input.withUnsafeMutableBytes { from in
            output.withUnsafeMutableBytes { to in
                stream.pointee.next_in = from.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_in = UInt32(from.count)
                stream.pointee.next_out = to.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(to.count)
                _ = deflate(stream, flush)
                precondition(stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0)
                return to.count - Int(stream.pointee.avail_out)
            }
        }
        return Array(output[..<count])
    }

    /// The payload of a compressed message.
    func message(_ bytes: [UInt8]) -> [UInt8] { bytes.isEmpty ? [0] : Array(run(bytes).dropLast(4)) }
}

/// The payload of a message compressed by itself.
func deflated(_ bytes: [UInt8], windowBits: Int = 15, level: Int = 6) -> [UInt8] {
    PlainDeflater(windowBits: windowBits, level: level).message(bytes)
}

final class PlainInflater {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    /// - Parameter windowBits: 8…15. With output taken byte by byte zlib has nothing but the window to look back to.
    init(windowBits: Int = 15) {
        stream.initialize(to: z_stream())
        precondition(inflateInit2_(stream, -Int32(windowBits), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The message of a compressed payload; nil: not valid with this window.
    func message(_ payload: [UInt8], step: Int = 4_096) -> [UInt8]? {
        var input = payload + [0, 0, 0xFF, 0xFF]
        var result: [UInt8] = []
        var room = [UInt8](repeating: 0, count: step)
        return input.withUnsafeMutableBytes { from in
            stream.pointee.next_in = from.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_in = UInt32(from.count)
            while true {
                let (code, made) = room.withUnsafeMutableBytes { to in
                    stream.pointee.next_out = to.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(to.count)
                    let code = inflate(stream, Z_SYNC_FLUSH)
                    return (code, to.count - Int(stream.pointee.avail_out))
                }
                result += room[..<made]
                guard code == Z_OK || code == Z_BUF_ERROR else { return nil }
                guard result.count <= 64 << 20 else { return nil }  // no message of a test is as large
                if made < step { return stream.pointee.avail_in == 0 ? result : nil }
            }
        }
    }
}

/// A frame as it came, with its RSV1.
struct WireFrame: Sendable, Equatable {
    var opcode: UInt8
    var isCompressed: Bool
    var payload: [UInt8]

    /// Takes one final, unmasked frame with no reserved bit but RSV1.
    static func parse(_ buffer: inout ByteBuffer) throws -> WireFrame? {
        let bytes = Array(buffer.readableBytesView.prefix(10))
        guard bytes.count >= 2 else { return nil }
        guard bytes[0] & 0xB0 == 0x80, bytes[1] & 0x80 == 0 else { throw ServerViolation(reason: "unexpected header bits") }
        var length = Int(bytes[1])
        var size = 2
        if length >= 126 {
            size = length == 126 ? 4 : 10
            guard bytes.count >= size else { return nil }
            length = bytes[2..<size].reduce(0) { $0 << 8 | Int($1) }
        }
        guard buffer.readableBytes >= size + length else { return nil }
        buffer.moveReaderIndex(forwardBy: size)
        return WireFrame(
            opcode: bytes[0] & 0x0F, isCompressed: bytes[0] & 0x40 != 0, payload: buffer.readBytes(length: length) ?? [])
    }
}

extension WebSocketTestClient {
    static func connect(port: Int, _ path: String, offer: String) async throws -> WebSocketTestClient {
        try await connect(port: port, path, headers: [("sec-websocket-extensions", offer)])
    }

    var agreed: String? { response["sec-websocket-extensions"] }

    func receiveFrame() async throws -> WireFrame { try await connection.receive { try WireFrame.parse(&$0) } }

    /// Sends a message compressed by itself.
    func send(compressed bytes: [UInt8], _ opcode: UInt8 = 1) async throws {
        try await sendFrame(opcode, deflated(bytes), reserved: 4)
    }
}
