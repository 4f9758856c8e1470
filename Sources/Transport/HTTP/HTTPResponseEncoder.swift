import Bytes
import NIOCore
import NIOHTTP1

/// Writes answer heads straight into the outgoing buffer.
enum HTTPResponseEncoder {
    /// How the connection goes on after the answer.
    enum Persistence {
        /// Nothing to say in HTTP/1.1.
        case keepAlive
        /// HTTP/1.0 must be told.
        case keepAliveTold
        case close
    }

    /// Appends status line and headers. False: a header cannot be sent safely; nothing was appended.
    /// - Parameter length: Of the body; nil where there is none by definition (204, 304 without one).
    static func append(
        status: Int, headers: HTTPHeaders, length: Int?, persistence: Persistence, date: [UInt8],
        to buffer: inout ByteBuffer
    ) -> Bool {
        let start = buffer.writerIndex
        appendStatusLine(status, to: &buffer)
        for (name, value) in headers {
            if isOwn(name) { continue }
            guard isToken(name), isFieldValue(value) else {
                buffer.moveWriterIndex(to: start)
                return false
            }
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
            buffer.writeStaticString("\r\n")
        }
        if let length {
            buffer.writeStaticString("content-length: ")
            appendNumber(length, to: &buffer)
            buffer.writeStaticString("\r\n")
        }
        switch persistence {
        case .keepAlive: break
        case .keepAliveTold: buffer.writeStaticString("connection: keep-alive\r\n")
        case .close: buffer.writeStaticString("connection: close\r\n")
        }
        // A browser must not guess that what is sent as text or data is a page or a script.
        buffer.writeStaticString("x-content-type-options: nosniff\r\ndate: ")
        buffer.writeBytes(date)
        buffer.writeStaticString("\r\n\r\n")
        return true
    }

    private static func appendStatusLine(_ status: Int, to buffer: inout ByteBuffer) {
        if status == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
            return
        }
        buffer.writeStaticString("HTTP/1.1 ")
        appendNumber(status, to: &buffer)
        buffer.writeStaticString(" ")
        buffer.writeString(HTTPResponseStatus(statusCode: status).reasonPhrase)
        buffer.writeStaticString("\r\n")
    }

    static func appendNumber(_ number: Int, to buffer: inout ByteBuffer) {
        withDecimal(Int64(number)) { _ = buffer.writeBytes($0) }
    }

    /// Headers that frame the message are written by the transport alone (RFC 9112, section 6: two different ones are
    /// how requests are smuggled), and what is the same on every answer.
    private static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: HeaderName.matches(name, "date")
        case 10: HeaderName.matches(name, "connection") || HeaderName.matches(name, "keep-alive")
        case 14: HeaderName.matches(name, "content-length")
        case 17: HeaderName.matches(name, "transfer-encoding")
        case 22: HeaderName.matches(name, "x-content-type-options")
        default: false
        }
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        guard !name.isEmpty else { return false }
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "!"),
                UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
                UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "`"),
                UInt8(ascii: "|"), UInt8(ascii: "~"):
                continue
            default: return false
            }
        }
        return true
    }

    /// RFC 9110, section 5.5: no control characters but the tab.
    private static func isFieldValue(_ value: String) -> Bool {
        for byte in value.utf8 where byte < 0x20 && byte != 0x09 || byte == 0x7F { return false }
        return true
    }
}

enum HeaderName {
    /// Whether `name` is `lowercase` but for its case.
    @inline(__always)
    static func matches(_ name: String, _ lowercase: StaticString) -> Bool {
        guard name.utf8.count == lowercase.utf8CodeUnitCount else { return false }
        var expected = lowercase.utf8Start
        for byte in name.utf8 {
            let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            if lower != expected.pointee { return false }
            expected += 1
        }
        return true
    }

    /// Whether a comma-separated list has the token, without case.
    static func list(_ value: String, has token: StaticString) -> Bool {
        value.utf8.split(separator: UInt8(ascii: ",")).contains { part in
            matches(String(Substring(part).trimmed), token)
        }
    }
}

extension Substring {
    /// Without blanks and tabs at both ends.
    var trimmed: Substring {
        var result = self
        while let last = result.utf8.last, last == 0x20 || last == 0x09 { result = result.dropLast() }
        return result.drop { $0 == " " || $0 == "\t" }
    }
}
