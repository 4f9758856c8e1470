import Transport

/// Why an outgoing connection is not open, for scripts.
package struct ClientFailure: Sendable, Equatable {
    /// Stable: those of `WebSocketClientError`, and `closed`, `silent`, `violation` for a connection that was open.
    package var code: String
    /// For a person. Never with the query of the URL: it may hold a secret.
    package var message: String
    /// The HTTP status of a service that refused.
    package var status: Int?

    init(_ error: WebSocketClientError) {
        code = error.code.rawValue
        message = error.detail
        status = error.status
    }

    init(_ end: WebSocketClientEnd) {
        switch end.cause {
        case .remote, .local:
            code = "closed"
            message = "the connection was closed with \(end.code)"
        case .lost:
            code = WebSocketClientError.Code.lost.rawValue
            message = "the connection broke"
        case .silent:
            code = "silent"
            message = "the service did not answer a ping in time"
        case .violation:
            code = "violation"
            message = "the service broke the protocol: \(end.reason)"
        }
    }

    /// As scripts get it: a table in the form of plain data.
    package var plain: [UInt8] {
        var writer = PlainWriter()
        write(&writer)
        return writer.bytes
    }

    package func write(_ writer: inout PlainWriter) {
        writer.map(status == nil ? 2 : 3)
        writer.string("code")
        writer.string(code)
        writer.string("message")
        writer.string(message)
        guard let status else { return }
        writer.string("status")
        writer.integer(Int64(status))
    }
}
