import Foundation
import Glibc

/// A WebSocket client on a blocking socket, for tests that run one client per thread. Messages below 64 KiB, no fragments:
/// what the session protocols use. Loopback only.
public final class BlockingWebSocket {
    public enum Failure: Error {
        case connect
        /// The head of the answer.
        case refused(String)
        /// Nothing came for 30 seconds.
        case silence
        /// Close code; 1006 without a close frame.
        case closed(UInt16)
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0

    public init(port: Int, path: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure.connect }
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        try write(Array((
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n").utf8))
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) { head.append(try byte()) }
        let text = String(decoding: head, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 101") else { throw Failure.refused(text) }
    }

    deinit { close(descriptor) }

    public func send(_ text: String, opcode: UInt8 = 1) throws {
        let payload = Array(text.utf8)
        let mask: [UInt8] = [7, 11, 13, 17]
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        try write(frame)
    }

    /// The next text message as a JSON object.
    public func receive() throws -> [String: Any] {
        while true {
            let (opcode, payload) = try frame()
            if opcode == 8 { throw Failure.closed(payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005) }
            guard opcode == 1 else { continue }
            return try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any] ?? [:]
        }
    }

    private func frame() throws -> (UInt8, [UInt8]) {
        let first = try byte()
        var size = Int(try byte() & 0x7F)
        if size == 126 {
            size = Int(try byte()) << 8 | Int(try byte())
        } else if size == 127 {
            size = 0
            for _ in 0..<8 { size = size << 8 | Int(try byte()) }
        }
        var payload: [UInt8] = []
        payload.reserveCapacity(size)
        for _ in 0..<size { payload.append(try byte()) }
        return (first & 0x0F, payload)
    }

    private func byte() throws -> UInt8 {
        if position == buffer.count {
            buffer = [UInt8](repeating: 0, count: 16_384)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { throw count == 0 ? Failure.closed(1006) : Failure.silence }
            buffer.removeLast(buffer.count - count)
            position = 0
        }
        defer { position += 1 }
        return buffer[position]
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure.closed(1006) }
            sent += count
        }
    }
}
