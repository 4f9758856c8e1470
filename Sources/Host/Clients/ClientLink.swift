import NIOCore
import Transport

/// One attempt of a client, and the connection that comes of it. What happens on it goes the way of every connection:
/// `UnitConnections`. Loop-bound.
final class ClientLink: WebSocketClientDelegate {
    private let client: ScriptClient
    /// Set once, right after the link was made.
    private(set) var socket: WebSocketClient!
    /// From the handshake on.
    private(set) var record: ConnectionRecord?

    private init(_ client: ScriptClient) { self.client = client }

    /// Begins an attempt.
    static func begin(_ client: ScriptClient, _ options: WebSocketClientOptions, on loop: any EventLoop) -> ClientLink {
        let link = ClientLink(client)
        link.socket = WebSocketClient.open(client.identity.url, options: options, on: loop, delegate: link)
        return link
    }

    private var connections: UnitConnections { client.endpoint.unit.connections }

    // The client hears of everything first: what it says of itself to the handler that runs next is up to date.

    func opened(_ socket: WebSocketClient) {
        let record = ConnectionRecord(id: .outgoing(), endpoint: client.endpoint, peer: .outgoing(socket), remote: socket.remote)
        self.record = record
        client.opened(self)
        connections.opened(record, nil)
    }

    func received(_ socket: WebSocketClient, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        if let record { connections.received(record, client.endpoint, bytes, kind) }
    }

    func closing(_ socket: WebSocketClient) {
        guard let record else { return socket.answerClose() }
        connections.closing(record)
    }

    func closed(_ socket: WebSocketClient, _ end: WebSocketClientEnd) {
        client.lost(self, end)
        if let record { connections.closed(record, code: end.code, reason: [UInt8](end.reason.utf8)) }
    }

    func failed(_ socket: WebSocketClient, _ error: WebSocketClientError) { client.failed(self, error) }

    func released(_ socket: WebSocketClient) { client.gone() }
}
