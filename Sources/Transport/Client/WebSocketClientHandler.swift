import NIOCore

/// Ties a `WebSocketClient` to its channel; the only handler but for TLS.
final class WebSocketClientHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let client: WebSocketClient

    init(_ client: WebSocketClient) { self.client = client }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { client.connected(context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { client.received(unwrapInboundIn(data)) }

    func read(context: ChannelHandlerContext) {
        if client.mayRead() { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.inactive()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { client.inactive() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        client.noteError(error)
        context.close(promise: nil)
    }
}
