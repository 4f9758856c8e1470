public import NIOCore

/// Every bound of the transport, with its default and the reason for it.
public struct TransportLimits: Sendable {
    /// Bytes of all header fields of one request; more: 431. Browsers with large cookies stay below 8 KiB.
    public var headerBytesMax = 16 * 1024
    /// Header fields of one request; more: 431. Browsers send about 20.
    public var headerFieldsMax = 100
    /// Bytes of the request target; more: 414. The length every browser and proxy supports.
    public var requestTargetBytesMax = 8 * 1024
    /// Requests a client may send ahead of their answers, 1…; more: the connection is closed after the answers to these.
    /// Above what one read of a socket can hold, and no more is read while any waits, so nobody is cut by it.
    public var pipelinedRequestsMax = 4_096
    /// Connections of the whole server; further ones are closed at once. Leaves file descriptors for files.
    public var connectionsMax = 65_536
    /// Connections that have not yet sent one complete request head. Above it the oldest of them is closed, so
    /// that a flood of silent connections keeps nobody else out.
    public var halfOpenMax = 8_192
    /// Time for a whole request head, from the connection or the head's first byte. Bytes that drip in do not extend it.
    public var headerTimeout = TimeAmount.seconds(10)
    /// Time for a whole request body; with the largest body this is also the least rate.
    public var bodyTimeout = TimeAmount.seconds(30)
    /// How long a connection may stay open between two requests.
    public var keepAliveTimeout = TimeAmount.seconds(60)
    /// How long an answer may make no progress into the socket: a client that stopped reading must not hold a file open.
    public var sendTimeout = TimeAmount.seconds(30)
    /// How long the other side may take to answer a close frame (RFC 6455, section 7.1.1 leaves the time open).
    public var closeTimeout = TimeAmount.seconds(5)
    /// The same after an idle time-out. Who was silent that long is most likely gone, and others wait to hear of it.
    public var idleCloseTimeout = TimeAmount.seconds(1)
    /// What a chunked request body may take beside eight times its bytes: sizes, extensions and trailers of chunks. More: 400. As
    /// much as header fields twice, for nobody sends any of it.
    public var chunkOverheadBytesMax = 32 * 1024
    /// Bytes that incomplete messages and unsent bytes of all connections may take together, 1…; more: those that hold most are cut.
    /// A quarter of the memory, so that scripts and store have theirs whatever clients do.
    public var bufferedBytesMax = MachineMemory.bytes / 4
    /// Connections waiting in the kernel to be accepted.
    public var acceptBacklog: Int32 = 4_096

    public init() {}
}
