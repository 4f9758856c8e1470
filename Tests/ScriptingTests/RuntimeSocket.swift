import Glibc

/// A WebSocket client of few lines for tests: blocking, one thread.
final class RuntimeSocket {
    struct Failure: Error, CustomStringConvertible { let description: String }
    enum Event: Equatable { case message(String), closed(UInt16) }

    private let descriptor: Int32
    private var input: [UInt8] = []
    private var start = 0

    init(port: Int, timeoutSeconds: Int = 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // sockaddr_in: family in this machine's order, port and address in the network's.
        var address = [UInt8](repeating: 0, count: 16)
        withUnsafeBytes(of: UInt16(AF_INET)) { address.replaceSubrange(0..<2, with: $0) }
        address.replaceSubrange(2..<8, with: [UInt8(port >> 8), UInt8(port & 0xFF), 127, 0, 0, 1])
        let status = address.withUnsafeBytes {
            connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard status == 0 else { throw Failure(description: "connect: \(errno)") }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    convenience init(port: Int, path: String) throws {
        try self.init(port: port)
        let head = try request("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        guard head.hasPrefix("HTTP/1.1 101") else { throw Failure(description: head) }
    }

    /// Another object for the same connection, for a second thread.
    init(sharing other: RuntimeSocket) throws {
        descriptor = dup(other.descriptor)
        guard descriptor >= 0 else { throw Failure(description: "dup: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes and reads a head, up to the empty line.
    func request(_ text: String) throws -> String {
        try write(Array(text.utf8))
        var head: [UInt8] = []
        while head.suffix(4) != [13, 10, 13, 10] { head.append(try byte()) }
        return String(decoding: head, as: UTF8.self)
    }

    /// One HTTP request on this connection: status and body.
    func http(_ method: String, _ path: String, headers: String = "", body: String = "") throws -> (status: Int, body: String, head: String) {
        let head = try request(
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let lower = head.lowercased()
        var count = 0
        if let range = lower.firstRange(of: "content-length: ") {
            count = Int(lower[range.upperBound...].prefix { $0.isNumber }) ?? 0
        }
        let bytes = try (0..<count).map { _ in try byte() }
        let status = Int(head.split(separator: " ")[1]) ?? 0
        return (status, String(decoding: bytes, as: UTF8.self), head)
    }

    func send(_ text: String) throws { try write(Self.frame(text)) }

    /// Several messages in one write.
    func send(_ texts: [String]) throws { try write(texts.flatMap(Self.frame)) }

    func sendClose(_ code: UInt16) throws {
        try write([0x88, 0x82, 0, 0, 0, 0, UInt8(code >> 8), UInt8(code & 0xFF)])
    }

    static func frame(_ text: String) -> [UInt8] {
        let payload = Array(text.utf8)
        var frame: [UInt8] = [0x81]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        return frame + [0, 0, 0, 0] + payload
    }

    /// The next message or the end.
    func next() throws -> Event {
        while true {
            let first = try byte()
            var count = Int(try byte() & 0x7F)
            if count == 126 {
                count = Int(try byte()) << 8 | Int(try byte())
            } else if count == 127 {
                count = try (0..<8).reduce(0) { sum, _ in sum << 8 | Int(try byte()) }
            }
            let payload = try (0..<count).map { _ in try byte() }
            switch first & 0x0F {
            case 1, 2: return .message(String(decoding: payload, as: UTF8.self))
            case 8: return .closed(count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005)
            default: continue
            }
        }
    }

    /// The next message; throws if the connection ends.
    func receive() throws -> String {
        guard case .message(let text) = try next() else { throw Failure(description: "closed") }
        return text
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure(description: "send: \(errno)") }
            sent += count
        }
    }

    private func byte() throws -> UInt8 {
        if start == input.count {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { throw Failure(description: count == 0 ? "end of stream" : "recv: \(errno)") }
            input = Array(buffer[..<count])
            start = 0
        }
        defer { start += 1 }
        return input[start]
    }
}
