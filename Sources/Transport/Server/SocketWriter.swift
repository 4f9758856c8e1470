import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes to a connection's socket: straight to its descriptor while nothing waits in the channel, else through the channel.
///
///     nothing waits ──▶ send(2) ── all of it ──▶ done
///                          └────── a part ────▶ the rest waits in the channel ──▶ so does what comes next, until it is empty
///
/// The way through a channel, with its list of pending writes and its promises, costs about a third of what the system call
/// itself does; nearly every answer and every message to a room fits into the socket at once. Used on the connection's loop only.
struct SocketWriter {
    /// Negative: there is none to write to, as with TLS, or in a test without a socket.
    private let descriptor: CInt
    /// The connection's; nil after `detach`. Held because the way to it through a handler's context costs as much as all else that is
    /// done here.
    private var channel: (any Channel)?
    /// Something was handed to the channel that may still wait in it.
    private var isBehind = true

    /// - Parameter isPlain: No other handler changes what is written.
    init(_ context: ChannelHandlerContext, isPlain: Bool) {
        let found = isPlain ? try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable { (handle: NIOBSDSocket.Handle) in handle } : nil
        descriptor = found ?? -1
        channel = context.channel
    }

    /// The channel is gone: from here on all is left to the caller.
    mutating func detach() { channel = nil }

    /// Writes what the socket takes now.
    /// - Returns: What is left, for the caller to write to the channel at once; nil: nothing. Not written to the channel here,
    ///   because its handlers may come back for more writing before it returns.
    mutating func put(_ buffer: ByteBuffer) -> ByteBuffer? {
        guard isClear() else {
            isBehind = true
            return buffer
        }
        let sent = buffer.withUnsafeReadableBytes { Self.put($0, into: descriptor) }
        guard sent < buffer.readableBytes else { return nil }
        isBehind = true
        var rest = buffer
        rest.moveReaderIndex(forwardBy: sent)
        return rest
    }

    /// Something was or is about to be handed to the channel by somebody else.
    mutating func noteQueued() { isBehind = true }

    /// The channel has nothing to send before, and the descriptor is still the connection's. A channel closes its descriptor
    /// before it tells its handlers, and from then on the number may be another connection's: it must be asked each time.
    private mutating func isClear() -> Bool {
        guard descriptor >= 0, let channel, channel.isActive else { return false }
        if isBehind { isBehind = ((try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 1) > 0 }
        return !isBehind
    }

    /// How much of it the socket took. Of a socket that fails nothing is said here: the channel finds out with the rest.
    private static func put(_ bytes: UnsafeRawBufferPointer, into descriptor: CInt) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        while true {
            let count = send(descriptor, base, bytes.count, flags)
            if count >= 0 { return count }
            if errno != EINTR { return 0 }
        }
    }

    #if canImport(Darwin)
    // There the channel has set SO_NOSIGPIPE.
    private static let flags = MSG_DONTWAIT
    #else
    private static let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
    #endif
}
