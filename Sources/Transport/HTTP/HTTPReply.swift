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
    ///   - type: What the body is; nil: `headers` say so.
    public func send(status: Int, type: ContentType? = nil, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        send(HTTPAnswer(status: status, type: type, headers: headers, body: body))
    }

    /// Sends the answer; its members as in ``send(status:type:headers:body:)``.
    package func send(_ answer: HTTPAnswer) {
        guard let connection = take() else { return }
        connection.answer(serial, answer)
    }

    /// Sends JSON text.
    public func send(status: Int = 200, json: String) { send(status: status, type: .json, body: ByteBuffer(string: json)) }

    /// Sends text.
    public func send(status: Int = 200, text: String) { send(status: status, type: .text, body: ByteBuffer(string: text)) }

    /// Sends text of another type.
    public func send(status: Int = 200, text: String, contentType: String) {
        send(status: status, headers: ["content-type": contentType], body: ByteBuffer(string: text))
    }

    /// Sends `{"error":{"code":…,"message":…}}`.
    public func send(status: Int, error code: String, message: String) {
        send(HTTPAnswer.error(status: status, code: code, message: message))
    }

    /// Sends a head now and `length` bytes from `stream` after it.
    func send(status: Int, headers: HTTPHeaders, length: Int, stream: any BodyStream) {
        guard let connection = take() else { return }
        connection.answer(serial, HTTPAnswer(status: status, headers: headers), length, stream)
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

/// Carries a loop's object through a closure that runs on the same loop.
// @unchecked: the value is its loop's, and only closures that run there look at it.
private struct UnsafeHandOver<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
