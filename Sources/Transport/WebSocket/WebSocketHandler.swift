import NIOCore

/// Ties a `Connection` to its channel; the only handler of an upgraded connection, but for TLS.
final class WebSocketHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// Puts one into a channel, behind the handler that the channel still has.
    static func add(_ connection: Connection, behind channel: ChannelHandlerContext) throws {
        try channel.channel.syncOptions?.setOption(.recvAllocator, value: connection.context.readMemory)
        try channel.pipeline.syncOperations.addHandler(WebSocketHandler(connection), position: .after(channel.handler))
    }

    func handlerAdded(context: ChannelHandlerContext) { connection.opened(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        connection.received(buffer)
        connection.context.readMemory.giveBack(buffer)
    }

    func channelReadComplete(context: ChannelHandlerContext) { connection.readComplete() }

    func read(context: ChannelHandlerContext) {
        if connection.mayRead() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.writabilityChanged(context.channel.isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) { connection.inactive() }

    func handlerRemoved(context: ChannelHandlerContext) { connection.inactive() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Resets and TLS failures; there is nobody to tell.
        context.close(promise: nil)
    }
}
