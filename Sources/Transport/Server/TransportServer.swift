import Bytes
public import Logging
public import NIOCore
public import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Listens, and keeps one `LoopContext` per event loop. May be used from any thread.
///
///     let server = TransportServer(group: group, logger: logger)
///     for index in 0..<server.loopCount {
///         try await server.prepare(index) { try $0.setRoutes(listener: "main", owner: "me", [.get("/", hello)]) }
///     }
///     let address = try await server.listen(ListenerConfiguration())
///
/// The server does not own the group: shut the server down first, the group after it.
public final class TransportServer: Sendable {
    public let group: MultiThreadedEventLoopGroup
    public let limits: TransportLimits
    public let rooms: Rooms

    private let loops: Loops
    private let shared: SharedState
    private let logger: Logger
    private let listeners = Lock<[any Channel]>([])
    private let certificates = Lock<[ServerCertificate]>([])

    /// - Parameter accessLog: Hears of every answer, on the loop that gave it, and must not block.
    public init(
        group: MultiThreadedEventLoopGroup, logger: Logger, limits: TransportLimits = TransportLimits(),
        accessLog: (@Sendable (AccessEntry) -> Void)? = nil
    ) {
        self.group = group
        self.logger = logger
        self.limits = limits
        let loops = Loops(eventLoops: Array(group.makeIterator()))
        let shared = SharedState(loopCount: loops.count, accessLog: accessLog)
        let rooms = Rooms(loops: loops)
        loops.fill { index, loop in
            LoopContext(index: index, eventLoop: loop, rooms: rooms, limits: limits, shared: shared, logger: logger)
        }
        self.loops = loops
        self.shared = shared
        self.rooms = rooms
    }

    /// The loops in order; a place in this list is a loop index.
    public var eventLoops: [any EventLoop] { loops.eventLoops }
    public var loopCount: Int { loops.count }
    /// Sockets of all loops, HTTP and WebSocket.
    public var connectionCount: Int { shared.connections.load(ordering: .relaxed) }

    /// Runs `body` on a loop: at once if the caller is on it, else in a later turn.
    public func withContext(_ loopIndex: Int, _ body: @escaping @Sendable (LoopContext) -> Void) {
        loops.run(loopIndex, body)
    }

    /// Runs `body` on a loop and waits for what it returns.
    public func prepare<Value: Sendable>(
        _ loopIndex: Int, _ body: @escaping @Sendable (LoopContext) throws -> Value
    ) async throws -> Value {
        let loops = self.loops
        return try await loops.eventLoops[loopIndex].submit { try body(loops.local(loopIndex)) }.get()
    }

    /// The context of a loop the caller is on; traps elsewhere.
    public func context(_ loopIndex: Int) -> LoopContext { loops.local(loopIndex) }

    // MARK: Listening

    /// Opens a listener; connections are spread over all loops.
    /// - Parameter accepting: false: who connects waits in the kernel's queue until `startAccepting`.
    /// - Returns: The address that was bound.
    /// - Throws: `ListenFailure`.
    public func listen(_ configuration: ListenerConfiguration, accepting: Bool = true) async throws -> SocketAddress {
        let tls = try configuration.tls.map { try ServerCertificate($0, listener: configuration.name) }
        let setUp = ChannelSetUp(
            loops: loops, shared: shared, limits: limits, listener: configuration.name, hosts: configuration.hosts, tls: tls)
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: limits.acceptBacklog)
            .serverChannelOption(.autoRead, value: accepting)
            // Many at once: a burst of connects must not wait a loop turn each.
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .serverChannelInitializer { [logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(listener: configuration.name, logger: logger))
                }
            }
            // One read per turn: fair to the others, and the channel then keeps one buffer only (see `TLSReadBuffers`).
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in setUp.initialize(channel) }
        let channel: any Channel
        do {
            switch configuration.address {
            case .tcp(let host, let port):
                bootstrap = bootstrap
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                channel = try await bootstrap.bind(host: host, port: port).get()
            case .unix(let path):
                let socket = try UnixSocket.bind(path: path, listener: configuration.name)
                channel = try await bootstrap.withBoundSocket(socket).get()
            }
        } catch let error as IOError {
            let code: ListenFailure.Code = error.errnoCode == EADDRINUSE ? .addressInUse : .addressRefused
            throw ListenFailure(code: code, listener: configuration.name, detail: String(cString: strerror(error.errnoCode)))
        } catch let error as ListenFailure {
            throw error
        } catch {
            // What is left is a name that does not lead to an address.
            throw ListenFailure(code: .addressRefused, listener: configuration.name, detail: "there is no address of this name")
        }
        listeners.withLock { $0.append(channel) }
        if let tls { certificates.withLock { $0.append(tls) } }
        guard let address = channel.localAddress else {
            throw ListenFailure(code: .addressRefused, listener: configuration.name, detail: "closed at once")
        }
        logger.info("listening", metadata: ["listener": "\(configuration.name)", "address": "\(RemoteAddress.listening(address))"])
        return address
    }

    /// Lets in who has connected to listeners that were opened with `accepting` false, and who comes from now on.
    public func startAccepting() async {
        for channel in listeners.withLock({ $0 }) { try? await channel.setOption(.autoRead, value: true).get() }
    }

    /// Reads the certificates of all listeners again, for connections from now on. Blocks for the files; not for a loop.
    public func renewCertificates() -> [CertificateRenewal] {
        certificates.withLock { $0 }.map { certificate in
            do throws(ListenFailure) {
                return CertificateRenewal(listener: certificate.listener, hasChanged: try certificate.renew())
            } catch {
                return CertificateRenewal(listener: certificate.listener, hasChanged: false, failure: error)
            }
        }
    }

    // MARK: Ending

    /// Closes all listeners; connections stay.
    public func stopAccepting() async {
        let channels = listeners.withLock { list in
            defer { list = [] }
            return list
        }
        for channel in channels { try? await channel.close().get() }
    }

    /// Stops accepting, closes WebSockets with `code` and HTTP connections after their answers, and waits until all are
    /// gone, for the deadline at most; then cuts what is left.
    public func drain(code: UInt16 = 1012, within deadline: TimeAmount) async {
        await stopAccepting()
        let loops = self.loops
        let ends = loops.eventLoops.indices.map { index in
            let ended = loops.eventLoops[index].makePromise(of: Void.self)
            loops.run(index) { context in
                let cut = context.eventLoop.scheduleTask(in: deadline) { loops.local(index).abortAll() }
                context.drain(code: code) {
                    cut.cancel()
                    ended.succeed()
                }
            }
            return ended.futureResult
        }
        for end in ends { try? await end.get() }
    }

    /// Stops accepting and cuts all connections; returns when they are gone and their endpoints know.
    public func shutdown() async { await drain(code: CloseCode.goingAway, within: .zero) }
}

/// Makes the pipeline of a new connection.
private struct ChannelSetUp: Sendable {
    let loops: Loops
    let shared: SharedState
    let limits: TransportLimits
    let listener: String
    let hosts: HostPolicy
    let tls: ServerCertificate?

    func initialize(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let loop = loops.local(channel.eventLoop),
            shared.connections.add(1, ordering: .relaxed).newValue <= limits.connectionsMax
        else {
            shared.connections.subtract(1, ordering: .relaxed)
            return channel.close()
        }
        do {
            let pipeline = channel.pipeline.syncOperations
            if let tls {
                try channel.syncOptions?.setOption(.recvAllocator, value: TLSReadBuffers())
                try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
            } else {
                try channel.syncOptions?.setOption(.recvAllocator, value: loop.readMemory)
            }
            try pipeline.addHandler(HTTPHandler(HTTPConnection(loop: loop, listener: listener, hosts: hosts, isPlain: tls == nil)))
            return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }
}
