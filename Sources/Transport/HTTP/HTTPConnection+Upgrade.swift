import NIOCore
import NIOHTTP1

/// The change to WebSocket.
extension HTTPConnection {
    func upgrade(
        _ exchange: HTTPExchange, _ endpoint: any WebSocketEndpoint, _ options: WebSocketOptions, _ accepted: Handshake.Accepted
    ) {
        guard let channel, let id = loop.reserveID() else {
            return refuse(.init(status: 503, code: "busy", message: "Too many connections."))
        }
        // The answer to the handshake waits in the channel until the connection has what it wants to send behind it.
        writer.noteQueued()
        let connection = Connection(
            id: id, context: loop, endpoint: endpoint, options: options, compression: accepted.compression,
            request: UpgradeRequest(
                listener: routes.listener, path: exchange.summary.path, query: exchange.summary.query,
                parameters: exchange.parameters, headers: exchange.head.headers, subprotocol: accepted.subprotocol),
            writer: writer)
        phase = .upgraded
        noteAccess(101, bytes: 0)
        current = nil
        loop.wheel.cancel(self)
        startOutgoing()
        Handshake.appendAnswer(accepted, to: &outgoing)
        channel.write(NIOAny(takeOutgoing()), promise: nil)
        let pipeline = channel.pipeline.syncOperations
        do {
            try channel.channel.syncOptions?.setOption(.recvAllocator, value: loop.readMemory)
            try pipeline.addHandler(WebSocketHandler(connection), position: .after(self))
        } catch {
            // Only a channel that is closing refuses.
            phase = .ending
            return channel.close(promise: nil)
        }
        // The decoder hands on what it has left in a turn of its own; after that nobody needs this handler.
        pipeline.removeHandler(decoder).assumeIsolatedUnsafeUnchecked().whenComplete { _ in
            _ = pipeline.removeHandler(self)
        }
    }
}
