import NIOCore

/// The client's side of the opening handshake (RFC 6455, section 4.1) as a value: the request, and the answer taken in
/// piece by piece. Performs nothing itself.
struct ClientHandshake {
    enum Progress: Equatable {
        case needMore
        /// The WebSocket is open; the subprotocol the server chose, and the compression. What is left in the input are frames.
        case accepted(subprotocol: String?, compression: CompressionAgreement? = nil)
    }

    private let offered: [String]
    /// Nil: no compression was offered.
    private let compression: CompressionRequest?
    private let accept: String
    private let headBytesMax: Int
    /// The answer as far as it came.
    private var head: [UInt8] = []
    /// Bytes of answers with a status of 1xx that came before; they count too, or they could go on for ever.
    private var passedBytes = 0

    /// - Parameter key: `Sec-WebSocket-Key`, from `makeKey`.
    init(key: String, subprotocols: [String], compression: CompressionRequest? = nil, headBytesMax: Int) {
        offered = subprotocols
        self.compression = compression
        accept = Handshake.acceptValue(key)
        self.headBytesMax = headBytesMax
    }

    // MARK: The request

    /// 16 random bytes in base64. Of the last letter only two bits count.
    static func makeKey() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var key = (0..<21).map { _ in letters[Int.random(in: 0..<64)] }
        key.append(letters[Int.random(in: 0..<4) << 4])
        return String(decoding: key, as: UTF8.self) + "=="
    }

    /// Appends the request.
    /// - Throws: `invalid_option` for a header or subprotocol that cannot be sent.
    static func appendRequest(
        _ url: WebSocketURL, key: String, options: WebSocketClientOptions, to buffer: inout ByteBuffer
    ) throws(WebSocketClientError) {
        buffer.writeString("GET \(url.target) HTTP/1.1\r\nhost: \(url.hostHeader)\r\n")
        buffer.writeStaticString("upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ")
        buffer.writeString(key)
        if !options.subprotocols.isEmpty {
            for name in options.subprotocols {
                guard ClientHeader.isSubprotocol(name) else { throw WebSocketClientError(.invalidOption, "unusable subprotocol") }
            }
            buffer.writeString("\r\nsec-websocket-protocol: \(options.subprotocols.joined(separator: ", "))")
        }
        if let compression = options.compression {
            buffer.writeString("\r\nsec-websocket-extensions: \(CompressionRequest(compression).offer)")
        }
        for (name, value) in options.headers {
            if let problem = ClientHeader.problem(name, value) { throw WebSocketClientError(.invalidOption, problem) }
            buffer.writeString("\r\n\(name): \(value)")
        }
        buffer.writeStaticString("\r\n\r\n")
    }

    // MARK: The answer

    /// Takes in what has come, up to the end of the head.
    mutating func receive(_ buffer: inout ByteBuffer) throws(WebSocketClientError) -> Progress {
        while let byte = buffer.readInteger(as: UInt8.self) {
            head.append(byte)
            guard passedBytes + head.count <= headBytesMax else {
                throw WebSocketClientError(.headTooLarge, "the head of the answer is larger than \(headBytesMax) bytes")
            }
            // Another protocol's greeting need not end like a head; tell soon.
            if head.count <= Self.start.count, head[head.count - 1] != Self.start[head.count - 1] {
                throw Self.bad("the answer is not HTTP/1.1")
            }
            guard byte == UInt8(ascii: "\n"), head.count >= 4, head.suffix(4).elementsEqual(Self.end) else { continue }
            let status = try check()
            if let status { return .accepted(subprotocol: status.subprotocol, compression: status.compression) }
            passedBytes += head.count
            head.removeAll(keepingCapacity: true)
        }
        return .needMore
    }

    private static let start = Array("HTTP/1.1 ".utf8)
    private static let end = Array("\r\n\r\n".utf8)

    private struct Accepted {
        var subprotocol: String?
        var compression: CompressionAgreement?
    }

    /// Checks a whole head. Nil: an interim answer (RFC 9110, section 15.2), another one follows.
    private func check() throws(WebSocketClientError) -> Accepted? {
        let lines = Self.lines(head.dropLast(4))
        let digits = lines[0].dropFirst(Self.start.count).prefix(3)
        guard digits.count == 3, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let status = Int(String(decoding: digits, as: UTF8.self)), status >= 100
        else { throw Self.bad("no status") }
        if status != 101 {
            if status < 200 { return nil }
            throw WebSocketClientError(.refused, "the server answered with status \(status)", status: status)
        }
        var upgrades = false, connects = false
        var accepts: [String] = [], protocols: [String] = [], extensions: [String] = []
        for line in lines.dropFirst() {
            let (name, value) = try Self.field(line)
            switch name {
            case "upgrade": upgrades = upgrades || HeaderName.matches(value, "websocket")
            case "connection": connects = connects || HeaderName.list(value, has: "upgrade")
            case "sec-websocket-accept": accepts.append(value)
            case "sec-websocket-protocol": protocols.append(value)
            case "sec-websocket-extensions": extensions.append(value)
            default: break
            }
        }
        guard upgrades else { throw Self.bad("Upgrade: websocket is missing") }
        guard connects else { throw Self.bad("Connection: Upgrade is missing") }
        guard accepts == [accept] else { throw Self.bad("wrong Sec-WebSocket-Accept") }
        guard protocols.count <= 1, protocols.allSatisfy(offered.contains) else {
            throw Self.bad("a subprotocol that was not offered")
        }
        return Accepted(subprotocol: protocols.first, compression: try agreement(extensions))
    }

    private func agreement(_ fields: [String]) throws(WebSocketClientError) -> CompressionAgreement? {
        guard let compression else {
            guard fields.allSatisfy(\.isEmpty) else { throw Self.bad("an extension that was not offered") }
            return nil
        }
        do throws(CompressionRequest.Refusal) { return try compression.agreement(fields) } catch { throw Self.bad(error.reason) }
    }

    /// Parts between CR LF.
    private static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var index = start
        while index < bytes.endIndex {
            if bytes[index] == 0x0D, index + 1 < bytes.endIndex, bytes[index + 1] == 0x0A {
                lines.append(bytes[start..<index])
                start = index + 2
                index = start
            } else {
                index += 1
            }
        }
        lines.append(bytes[start..<bytes.endIndex])
        return lines
    }

    /// Name in lower case and value of a header line (RFC 9112, section 5).
    private static func field(_ line: ArraySlice<UInt8>) throws(WebSocketClientError) -> (String, String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), ClientHeader.isToken(line[..<colon]) else {
            throw bad("a line that is no header")
        }
        let value = line[(colon + 1)...]
        guard value.allSatisfy(ClientHeader.isFieldByte) else { throw bad("a control character in a header") }
        return (
            String(decoding: line[..<colon], as: UTF8.self).lowercased(),
            String(Substring(String(decoding: value, as: UTF8.self)).trimmed)
        )
    }

    private static func bad(_ why: String) -> WebSocketClientError { WebSocketClientError(.badHandshake, why) }
}
