import NIOCore
import Transport

/// `/session/ws`: user sessions (docs/session-protocol.md).
final class SessionEndpoint: WebSocketEndpoint {
    /// A start message with token and profile is the largest thing a client sends.
    static let messageBytesMax = 64 << 10

    let options: WebSocketOptions
    private let loop: CasinoLoop

    init(loop: CasinoLoop) {
        self.loop = loop
        var options = WebSocketOptions()
        options.maxMessage = Self.messageBytesMax
        options.idleTimeout = loop.shared.configuration.sessionIdle
        options.letsClientsChooseStopCode = true
        self.options = options
    }

    func opened(_ connection: Connection) {
        connection.releaseRequest()
        let session = Session(connection: connection, loop: loop)
        connection.attachment = session
        loop.sessions[connection.id] = session
    }

    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        guard let session = connection.attachment as? Session else { return }
        session.received(bytes, isText: kind == .text)
    }

    func readComplete(_ connection: Connection) { loop.flush() }

    func closing(_ connection: Connection) {
        guard let session = connection.attachment as? Session else { return connection.answerClose() }
        session.closing()
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        (connection.attachment as? Session)?.closed()
        connection.attachment = nil
        loop.sessions[connection.id] = nil
    }
}
