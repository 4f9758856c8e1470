import NIOCore

/// Ties an `HTTPConnection` to its channel; gives way to a `WebSocketHandler` when a WebSocket is opened.
final class HTTPHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: HTTPConnection

    init(_ connection: HTTPConnection) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) { connection.opened(context) }

    func handlerRemoved(context: ChannelHandlerContext) { connection.gone() }

    func channelInactive(context: ChannelHandlerContext) {
        connection.gone()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        connection.received(buffer)
        connection.loop.readMemory.giveBack(buffer)
    }

    func channelReadComplete(context: ChannelHandlerContext) { connection.readComplete() }

    func read(context: ChannelHandlerContext) {
        if connection.mayRead() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { connection.writabilityChanged(context.channel.isWritable) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { connection.failed() }
}
