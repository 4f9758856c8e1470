import Foundation
import Glibc

/// A WebSocket and HTTP client on a blocking socket, for tests that run one client per thread. Loopback only; whole messages,
/// no fragments. One thread at a time: a second one takes an object of its own, see `init(sharing:)`.
public final class BlockingWebSocket {
    /// What can go wrong.
    public enum Failure: Error, CustomStringConvertible {
        /// The connection could not be made or used: `errno`.
        case system(Int32)
        /// The head of the answer.
        case refused(String)
        /// Nothing came, or nothing was read, within the time limit. Port and path of the connection.
        case silence(String)
        /// Close code; 1006 without a close frame, 1005 with one that has no code.
        case closed(UInt16)

        public var description: String {
            switch self {
            case .system(let number): String(cString: strerror(number))
            case .refused(let head): "refused: \(head)"
            case .silence(let place): "waited in vain for the server on \(place)"
            case .closed(let code): "closed with \(code)"
            }
        }
    }

    /// What the server has sent.
    public enum Event: Equatable, Sendable {
        case message(String)
        /// Close code; 1005 if the frame has none.
        case closed(UInt16)
    }

    private let descriptor: Int32
    private var place: String
    private var input: [UInt8] = []
    private var start = 0

    /// Connects, without a handshake.
    ///
    /// - Parameter timeoutSeconds: How long each read and each write may wait.
    public init(port: Int, timeoutSeconds: Int = 30) throws {
        place = "port \(port)"
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure.system(errno) }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        for direction in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, direction, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects and opens a WebSocket.
    public convenience init(port: Int, path: String, timeoutSeconds: Int = 30) throws {
        try self.init(port: port, timeoutSeconds: timeoutSeconds)
        place += path
        let head = try request(
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        guard head.hasPrefix("HTTP/1.1 101") else { throw Failure.refused(head) }
    }

    /// Another object for the same connection, for a second thread.
    public init(sharing other: BlockingWebSocket) throws {
        place = other.place
        descriptor = dup(other.descriptor)
        guard descriptor >= 0 else { throw Failure.system(errno) }
    }

    deinit { close(descriptor) }

    // MARK: HTTP

    /// Sends bytes and reads a head, up to the empty line.
    public func request(_ text: String) throws -> String {
        try write(Array(text.utf8))
        var head: [UInt8] = []
        while head.suffix(4) != [13, 10, 13, 10] { head.append(try byte()) }
        return String(decoding: head, as: UTF8.self)
    }

    /// One HTTP request on this connection.
    public func http(
        _ method: String, _ path: String, headers: String = "", body: String = ""
    ) throws -> (status: Int, body: String, head: String) {
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

    // MARK: WebSocket

    /// One message; `opcode` 2 for a binary one.
    public func send(_ text: String, opcode: UInt8 = 1) throws { try write(Self.frame(Array(text.utf8), opcode)) }

    /// Several messages in one write.
    public func send(_ texts: [String]) throws { try write(texts.flatMap { Self.frame(Array($0.utf8), 1) }) }

    /// A close frame; the connection stays open until the server closes it.
    public func sendClose(_ code: UInt16) throws { try write(Self.frame([UInt8(code >> 8), UInt8(code & 0xFF)], 8)) }

    private static func frame(_ payload: [UInt8], _ opcode: UInt8) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else if payload.count < 65_536 {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        } else {
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        let mask: [UInt8] = [7, 11, 13, 17]
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        return frame
    }

    /// The next message or close frame; pings are passed over.
    public func next() throws -> Event {
        while true {
            let first = try byte()
            var count = Int(try byte() & 0x7F)
            if count == 126 {
                count = Int(try byte()) << 8 | Int(try byte())
            } else if count == 127 {
                count = try (0..<8).reduce(0) { sum, _ in sum << 8 | Int(try byte()) }
            }
            var payload: [UInt8] = []
            payload.reserveCapacity(count)
            for _ in 0..<count { payload.append(try byte()) }
            switch first & 0x0F {
            case 1, 2: return .message(String(decoding: payload, as: UTF8.self))
            case 8: return .closed(count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005)
            default: continue
            }
        }
    }

    /// The next message.
    ///
    /// - Throws: `Failure.closed` when the connection ends.
    public func receive() throws -> String {
        switch try next() {
        case .message(let text): return text
        case .closed(let code): throw Failure.closed(code)
        }
    }

    /// The next message, a JSON object.
    public func receiveObject() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(try receive().utf8)) as? [String: Any] ?? [:]
    }

    // MARK: Bytes

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw errno == EAGAIN ? Failure.silence(place) : Failure.closed(1006) }
            sent += count
        }
    }

    private func byte() throws -> UInt8 {
        if start == input.count {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { throw count == 0 ? Failure.closed(1006) : errno == EAGAIN ? Failure.silence(place) : Failure.system(errno) }
            input = Array(buffer[..<count])
            start = 0
        }
        defer { start += 1 }
        return input[start]
    }
}
