import Crypto
import NIOCore
import NIOHTTP1

/// The opening handshake (RFC 6455, section 4.2), without a socket.
enum Handshake {
    struct Accepted {
        var key: String
        var subprotocol: String?
        var compression: CompressionAgreement?
    }

    /// Checks a request that asks for a WebSocket.
    static func check(
        _ head: borrowing RequestHead, options: WebSocketOptions
    ) throws(RequestRefusal) -> Accepted {
        guard head.method == .GET, !head.isOld else {
            throw .init(status: 400, code: "bad_handshake", message: "A WebSocket opens with GET and HTTP/1.1.")
        }
        let headers = head.fields.headers
        guard headers["connection"].contains(where: { HeaderName.list($0, has: "upgrade") }) else {
            throw .init(status: 400, code: "bad_handshake", message: "Connection: Upgrade is missing.")
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            throw .init(status: 426, code: "unsupported_version", message: "WebSocket version 13 is required.")
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, isKey(keys[0]) else {
            throw .init(status: 400, code: "bad_handshake", message: "Unusable Sec-WebSocket-Key.")
        }
        guard isAllowed(head.origin.map { head.fields[$0] }, host: headers.first(name: "host"), options.origins) else {
            throw .init(status: 403, code: "origin_refused", message: "This origin may not connect.")
        }
        var chosen: String?
        if !options.subprotocols.isEmpty {
            let offered = Set(headers[canonicalForm: "sec-websocket-protocol"].map(String.init))
            chosen = options.subprotocols.first { offered.contains($0) }
        }
        let agreement = options.compression.flatMap {
            CompressionAgreement.choose(headers["sec-websocket-extensions"], $0)
        }
        return Accepted(key: keys[0], subprotocol: chosen, compression: agreement)
    }

    /// 16 bytes in base64.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes[22] == UInt8(ascii: "="), bytes[23] == UInt8(ascii: "=") else { return false }
        return bytes[..<22].allSatisfy { base64Alphabet.contains($0) }
    }

    /// Whether a page of `origin` may connect.
    static func isAllowed(_ origin: String?, host: String?, _ policy: OriginPolicy) -> Bool {
        guard let origin else { return true }
        if policy == .any { return true }
        let origin0 = origin.lowercased()
        if case .list(let list) = policy, list.contains(where: { $0.lowercased() == origin0 }) { return true }
        guard let host = host?.lowercased() else { return false }
        let scheme: Substring
        let port: String
        if origin0.hasPrefix("http://") {
            (scheme, port) = (origin0.dropFirst(7), ":80")
        } else if origin0.hasPrefix("https://") {
            (scheme, port) = (origin0.dropFirst(8), ":443")
        } else {
            return false
        }
        func bare(_ text: Substring) -> Substring { text.hasSuffix(port) ? text.dropLast(port.count) : text }
        return bare(scheme) == bare(Substring(host))
    }

    private static let base64Alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The `Sec-WebSocket-Accept` value.
    static func acceptValue(_ key: String) -> String {
        var hash = Insecure.SHA1()
        var text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return base64(Array(hash.finalize()))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(28)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let second = start + 1 < bytes.count ? bytes[start + 1] : 0
            let third = start + 2 < bytes.count ? bytes[start + 2] : 0
            result.append(base64Alphabet[Int(bytes[start] >> 2)])
            result.append(base64Alphabet[Int((bytes[start] & 3) << 4 | second >> 4)])
            result.append(start + 1 < bytes.count ? base64Alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
            result.append(start + 2 < bytes.count ? base64Alphabet[Int(third & 63)] : UInt8(ascii: "="))
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Appends the server's answer.
    static func appendAnswer(_ accepted: Accepted, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ")
        buffer.writeString(acceptValue(accepted.key))
        if let name = accepted.subprotocol {
            buffer.writeStaticString("\r\nsec-websocket-protocol: ")
            buffer.writeString(name)
        }
        if let agreement = accepted.compression {
            buffer.writeStaticString("\r\nsec-websocket-extensions: ")
            buffer.writeString(agreement.answer)
        }
        buffer.writeStaticString("\r\n\r\n")
    }
}
