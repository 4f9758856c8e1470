import Bytes
public import NIOCore
public import NIOHTTP1

/// The way to answer one request. Used on the request's event loop only, except for being dropped.
///
/// Exactly one `send`; later ones are ignored. A reply that is dropped without one answers 500, so that a responder's
/// mistake cannot leave a client waiting.
public final class HTTPReply {
    private var connection: HTTPConnection?
    private let serial: UInt64
    public let eventLoop: any EventLoop
    /// An answer was sent, or the client is gone.
    public private(set) var isSent = false
    /// Called once if the client is gone before the answer was sent.
    public var onCancelled: (() -> Void)?

    init(_ connection: HTTPConnection, serial: UInt64, eventLoop: any EventLoop) {
        self.connection = connection
        self.serial = serial
        self.eventLoop = eventLoop
    }

    deinit {
        guard !isSent, let connection else { return }
        let bound = UnsafeHandOver(connection)
        let serial = self.serial
        eventLoop.execute { bound.value.dropped(serial) }
    }

    /// Sends the answer.
    /// - Parameters:
    ///   - status: 200…599.
    ///   - headers: `content-length`, `connection`, `date`, `transfer-encoding` and `x-content-type-options` are the transport's and ignored here. A name or value
    ///     that could not be sent safely (line breaks, control characters) turns the answer into 500.
    ///   - body: Left out for HEAD, 204 and 304.
    public func send(status: Int, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        guard let connection = take() else { return }
        connection.answer(serial, HTTPAnswer(status: status, headers: headers, body: body))
    }

    /// Sends JSON text.
    public func send(status: Int = 200, json: String) {
        send(status: status, contentType: "application/json", text: json)
    }

    /// Sends text.
    public func send(status: Int = 200, text: String, contentType: String = "text/plain; charset=utf-8") {
        send(status: status, contentType: contentType, text: text)
    }

    /// Sends `{"error":{"code":…,"message":…}}`.
    public func send(status: Int, error code: String, message: String) {
        guard let connection = take() else { return }
        connection.answer(serial, HTTPAnswer.error(status: status, code: code, message: message))
    }

    private func send(status: Int, contentType: String, text: String) {
        guard let connection = take() else { return }
        let headers: HTTPHeaders = ["content-type": contentType]
        connection.answer(serial, HTTPAnswer(status: status, headers: headers, body: ByteBuffer(string: text)))
    }

    /// Sends a head now and `length` bytes from `stream` after it.
    func send(status: Int, headers: HTTPHeaders, length: Int, stream: any BodyStream) {
        guard let connection = take() else { return }
        connection.answer(serial, HTTPAnswer(status: status, headers: headers, body: ByteBuffer()), length, stream)
    }

    private func take() -> HTTPConnection? {
        eventLoop.preconditionInEventLoop()
        guard !isSent, let connection else { return nil }
        isSent = true
        self.connection = nil
        onCancelled = nil
        return connection
    }

    func cancel() {
        guard !isSent else { return }
        isSent = true
        connection = nil
        let call = onCancelled
        onCancelled = nil
        call?()
    }
}

/// A body that is sent piece by piece, each when the one before is in the socket. Used on the loop.
protocol BodyStream: AnyObject {
    /// Delivers the next piece, never empty, on the loop; nil: failed, the connection is cut.
    func next(_ done: @escaping (ByteBuffer?) -> Void)
    /// No more pieces will be asked for.
    func end()
}

/// Carries a loop's object through a closure that runs on the same loop.
struct UnsafeHandOver<Value>: @unchecked Sendable {
    // The value is only looked at by closures executed on its own loop.
    let value: Value
    init(_ value: Value) { self.value = value }
}

struct HTTPAnswer {
    var status: Int
    var headers: HTTPHeaders
    var body: ByteBuffer
}

/// The transport's own error answers.
enum ErrorBody {
    static func json(code: String, message: String) -> [UInt8] {
        var json: [UInt8] = []
        json.append(text: "{\"error\":{\"code\":")
        json.append(jsonString: code)
        json.append(text: ",\"message\":")
        json.append(jsonString: message)
        json.append(text: "}}")
        return json
    }
}
