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

        /// As a field is written.
        var line: StaticString {
            switch self {
            case .keepAlive: ""
            case .keepAliveTold: "connection: keep-alive\r\n"
            case .close: "connection: close\r\n"
            }
        }
    }

    /// Appends status line and headers. False: a header cannot be sent safely; nothing was appended.
    /// - Parameter length: Of the body; nil where there is none by definition (204, 304 without one).
    static func append(
        _ answer: HTTPAnswer, length: Int?, _ persistence: Persistence, _ date: HTTPDate, to buffer: inout ByteBuffer
    ) -> Bool {
        if let type = answer.type, let length, answer.status == 200, answer.headers.isEmpty {
            appendPlain(type, length: length, persistence, date, to: &buffer)
            return true
        }
        let start = buffer.writerIndex
        appendStatusLine(answer.status, to: &buffer)
        if let type = answer.type { buffer.writeStaticString(type.line) }
        guard answer.headers.isEmpty || append(answer.headers, to: &buffer) else {
            buffer.moveWriterIndex(to: start)
            return false
        }
        if let length {
            buffer.writeStaticString("content-length: ")
            appendNumber(length, to: &buffer)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString(persistence.line)
        buffer.writeBytes(date.tail)
        return true
    }

    /// The head of most answers, in one piece.
    private static func appendPlain(
        _ type: ContentType, length: Int, _ persistence: Persistence, _ date: HTTPDate, to buffer: inout ByteBuffer
    ) {
        let tail = date.tail
        // The lines before the tail take less.
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 256 + tail.count) { room in
            var count = 0
            func put(_ bytes: UnsafeRawBufferPointer) {
                UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: bytes)
                count += bytes.count
            }
            func put(_ text: StaticString) { put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }
            put("HTTP/1.1 200 OK\r\n")
            put(type.line)
            put("content-length: ")
            withDecimal(Int64(length)) { put($0) }
            put("\r\n")
            put(persistence.line)
            put(tail)
            return count
        }
    }

    private static func append(_ headers: HTTPHeaders, to buffer: inout ByteBuffer) -> Bool {
        for (name, value) in headers {
            if isOwn(name) { continue }
            guard isToken(name), isFieldValue(value) else { return false }
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
            buffer.writeStaticString("\r\n")
        }
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

    private static func isToken(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { HeaderName.isToken(UnsafeRawBufferPointer($0)) }
    }

    private static func isFieldValue(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { HeaderName.isValue(UnsafeRawBufferPointer($0)) }
    }
}
