public import NIOCore

/// The server did not switch to WebSocket.
public struct HandshakeRefused: Error, Sendable {
    /// What it answered instead.
    public var response: TestResponse
}

/// What a WebSocket client received.
public enum TestFrame: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    /// Code nil: a close frame without one.
    case close(code: UInt16?, reason: String)
}

/// The server sent something a WebSocket server must not send.
public struct ServerViolation: Error {
    /// What it was, in words.
    public var reason: String

    public init(reason: String) { self.reason = reason }
}

/// A small WebSocket client for tests that can also send what no client may.
public struct WebSocketTestClient: Sendable {
    /// What it speaks over; its owner closes it.
    public let connection: TestConnection
    /// The answer to the handshake.
    public let response: TestResponse

    /// For a connection whose handshake the test did by itself.
    public init(connection: TestConnection, response: TestResponse) {
        self.connection = connection
        self.response = response
    }

    /// Opens a WebSocket.
    /// - Throws: `HandshakeRefused` with the answer, if it is not 101.
    public static func connect(
        port: Int, _ path: String, headers: [(String, String)] = [], receiveBufferBytes: Int? = nil
    ) async throws -> WebSocketTestClient {
        try await open(.connect(port: port, receiveBufferBytes: receiveBufferBytes), path, headers)
    }

    /// Opens a WebSocket on a socket file.
    /// - Throws: `HandshakeRefused` with the answer, if it is not 101.
    public static func connect(
        unixPath: String, _ path: String, headers: [(String, String)] = []
    ) async throws -> WebSocketTestClient {
        try await open(.connect(unixPath: unixPath), path, headers)
    }

    /// The request of a handshake, for tests that send it in pieces.
    public static func handshake(_ path: String, headers: [(String, String)] = []) -> String {
        var text = "GET \(path) HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        text += "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return text + "\r\n"
    }

    /// Opens a WebSocket on a connection that is there already.
    public static func open(
        _ connection: TestConnection, _ path: String, _ headers: [(String, String)] = []
    ) async throws -> WebSocketTestClient {
        try await connection.send(handshake(path, headers: headers))
        let response = try await HTTPTestClient(connection).receive()
        guard response.status == 101 else {
            await connection.close()
            throw HandshakeRefused(response: response)
        }
        guard response["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
            throw ServerViolation(reason: "wrong Sec-WebSocket-Accept")
        }
        return WebSocketTestClient(connection: connection, response: response)
    }

    // MARK: Sending

    /// A text message in one frame.
    public func send(_ text: String) async throws { try await sendFrame(1, Array(text.utf8)) }
    /// A binary message in one frame.
    public func send(binary bytes: [UInt8]) async throws { try await sendFrame(2, bytes) }
    /// A ping; more than 125 bytes are sent as well, though no client may.
    public func ping(_ bytes: [UInt8] = []) async throws { try await sendFrame(9, bytes) }
    /// Bytes as they are.
    public func sendRaw(_ bytes: [UInt8]) async throws { try await connection.send(bytes) }

    /// One frame, right or wrong.
    public func sendFrame(
        _ opcode: UInt8, _ payload: [UInt8], final isFinal: Bool = true, reserved: UInt8 = 0, masked: Bool = true
    ) async throws {
        try await connection.send(Self.frame(opcode, payload, final: isFinal, reserved: reserved, masked: masked))
    }

    /// Sends a close frame. Code nil: without one.
    public func sendClose(_ code: UInt16? = 1000, _ reason: String = "") async throws {
        let payload = code.map { [UInt8($0 >> 8), UInt8($0 & 255)] + Array(reason.utf8) } ?? []
        try await sendFrame(8, payload)
    }

    /// The bytes of one frame.
    public static func frame(
        _ opcode: UInt8, _ payload: [UInt8], final isFinal: Bool = true, reserved: UInt8 = 0, masked: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        let mask: UInt8 = masked ? 0x80 : 0
        if payload.count < 126 {
            bytes.append(mask | UInt8(payload.count))
        } else if payload.count < 65_536 {
            bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        } else {
            bytes.append(mask | 127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 255)) }
        }
        guard masked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    // MARK: Receiving

    /// The next frame.
    /// - Throws: `ConnectionEnded`, `TimedOut`, `ServerViolation`.
    public func receive(within limit: TimeAmount = .usualWait) async throws -> TestFrame {
        try await connection.receive(within: limit) { try Self.parse(&$0) }
    }

    /// The next text message; pings are passed over.
    public func receiveText(within limit: TimeAmount = .usualWait) async throws -> String {
        while true {
            switch try await receive(within: limit) {
            case .text(let text): return text
            case .ping: continue
            case let other: throw ServerViolation(reason: "expected text, got \(other)")
            }
        }
    }

    /// Frames until the close frame; the connection must then end.
    public func receiveClose(within limit: TimeAmount = .usualWait) async throws -> (code: UInt16?, reason: String) {
        while true {
            guard case .close(let code, let reason) = try await receive(within: limit) else { continue }
            return (code, reason)
        }
    }

    /// Closes with a handshake: sends a close frame, waits for the answer and for the end.
    public func close(_ code: UInt16? = 1000, _ reason: String = "") async throws {
        try await sendClose(code, reason)
        _ = try await receiveClose()
        _ = try await connection.receiveEnd()
        await connection.close()
    }

    /// Ends the connection without a handshake.
    public func disconnect() async { await connection.close() }

    private static func parse(_ buffer: inout ByteBuffer) throws -> TestFrame? {
        let bytes = Array(buffer.readableBytesView.prefix(10))
        guard bytes.count >= 2 else { return nil }
        guard bytes[0] & 0xF0 == 0x80 else { throw ServerViolation(reason: "fragment or reserved bit") }
        guard bytes[1] & 0x80 == 0 else { throw ServerViolation(reason: "masked frame") }
        var length = Int(bytes[1])
        var size = 2
        if length >= 126 {
            size = length == 126 ? 4 : 10
            guard bytes.count >= size else { return nil }
            length = bytes[2..<size].reduce(0) { $0 << 8 | Int($1) }
            guard length > (size == 4 ? 125 : 65_535) else { throw ServerViolation(reason: "length not in its shortest form") }
        }
        guard buffer.readableBytes >= size + length else { return nil }
        buffer.moveReaderIndex(forwardBy: size)
        let payload = buffer.readBytes(length: length) ?? []
        switch bytes[0] & 0x0F {
        case 1:
            guard let text = String(validating: payload, as: UTF8.self) else { throw ServerViolation(reason: "text is not UTF-8") }
            return .text(text)
        case 2: return .binary(payload)
        case 8:
            if payload.isEmpty { return .close(code: nil, reason: "") }
            guard payload.count >= 2 else { throw ServerViolation(reason: "close frame of one byte") }
            let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
            return .close(code: code, reason: String(decoding: payload[2...], as: UTF8.self))
        case 9: return .ping(payload)
        case 10: return .pong(payload)
        default: throw ServerViolation(reason: "unknown opcode")
        }
    }
}
