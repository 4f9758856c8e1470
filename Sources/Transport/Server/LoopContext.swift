public import NIOCore
import Logging
import Synchronization

/// What the transport keeps on one event loop: routes, connections, timers, buffers. Used on that loop only.
public final class LoopContext {
    /// The loop's number in the server, 0…127.
    public let index: Int
    public let eventLoop: any EventLoop
    /// The server's rooms.
    public let rooms: Rooms

    let limits: TransportLimits
    let logger: Logger
    let shared: SharedState
    let wheel: TimerWheel
    /// Working memory for unmasking; see `FrameDecoder`.
    let scratch = ByteStore(capacity: 64 * 1024)
    /// zlib contexts; take no memory before the first compressed message.
    let compression = CompressionContexts()
    /// Memory for socket reads, shared by the loop's connections.
    let readMemory = ReadMemory()
    var buffers = BufferPool()
    /// This loop's part of the rooms.
    var localRooms = LocalRooms()
    var ownedRooms = OwnedRooms()
    let halfOpen: HalfOpenList
    let date = HTTPDate()
    /// For the header fields of the request that is looked at.
    var fieldMemory = FieldMemory()
    /// `TransportLimits.keepAliveTimeout`, which is set with every answer.
    let keepAliveTicks: UInt32
    private(set) var buffered: BufferBound!

    private var listeners: [String: ListenerRoutes] = [:]
    private var connections: ConnectionTable
    private var requests: [ObjectIdentifier: HTTPConnection] = [:]
    private var unflushed: [Connection] = []
    private var isFlushScheduled = false
    private var whenEmpty: [() -> Void] = []
    /// Set by the drain: no new connection gets past the handshake, and answers close theirs.
    private(set) var isDraining = false

    init(
        index: Int, eventLoop: any EventLoop, rooms: Rooms, limits: TransportLimits, shared: SharedState, logger: Logger
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.rooms = rooms
        self.limits = limits
        self.shared = shared
        self.logger = logger
        wheel = TimerWheel(eventLoop: eventLoop)
        connections = ConnectionTable(loop: index)
        halfOpen = HalfOpenList(limit: max(1, limits.halfOpenMax / max(1, shared.loopCount)))
        keepAliveTicks = TimerWheel.ticks(limits.keepAliveTimeout)
        buffered = BufferBound(loop: self, bytesMax: max(1, limits.bufferedBytesMax / max(1, shared.loopCount)))
    }

    // MARK: Routes

    /// Replaces all of the owner's routes of a listener on this loop; none removes them. All or nothing.
    /// A listener's routes may be set before it listens.
    public func setRoutes(listener: String, owner: String, _ routes: [Route]) throws(RouteClash) {
        try self.routes(of: listener).table.set(owner: owner, routes)
    }

    func routes(of listener: String) -> ListenerRoutes {
        if let known = listeners[listener] { return known }
        let made = ListenerRoutes(listener: listener)
        listeners[listener] = made
        return made
    }

    // MARK: Connections

    /// WebSocket connections on this loop.
    public var connectionCount: Int { connections.count }

    /// The connection, or nil if it is gone or lives on another loop.
    public func connection(_ id: ConnectionID) -> Connection? {
        id.loopIndex == index ? connections[id] : nil
    }

    /// Sends a message; does nothing if the connection is gone.
    public func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        connection(id)?.send(bytes, kind)
    }

    /// Closes a connection; does nothing if it is gone.
    public func close(_ id: ConnectionID, code: UInt16 = 1000, reason: String = "") {
        connection(id)?.close(code: code, reason: reason)
    }

    func reserveID() -> ConnectionID? { connections.reserve() }

    func add(_ connection: Connection) { connections.insert(connection) }

    func remove(_ connection: Connection) {
        connections.remove(connection.id)
        noteIfEmpty()
    }

    /// Here first, then at the owners of the rooms.
    func leaveRooms(_ connection: Connection) {
        let names = connection.memberships.map(\.name)
        localRooms.leaveAll(connection)
        for name in names { rooms.left(name, connection.id) }
    }

    func add(_ connection: HTTPConnection) { requests[ObjectIdentifier(connection)] = connection }

    func remove(_ connection: HTTPConnection) {
        requests[ObjectIdentifier(connection)] = nil
        halfOpen.remove(connection)
        noteIfEmpty()
    }

    /// `body` must not close any.
    func forEachConnection(_ body: (Connection) -> Void) { connections.forEach(body) }

    /// Those that speak HTTP. `body` must not close any.
    func forEachRequest(_ body: (HTTPConnection) -> Void) { for request in requests.values { body(request) } }

    // MARK: Writing

    /// Writes the connection's replies once, after everything else this loop turn has to do.
    @inline(__always)
    func flushLater(_ connection: Connection) {
        unflushed.append(connection)
        if !isFlushScheduled { scheduleFlush() }
    }

    private func scheduleFlush() {
        isFlushScheduled = true
        eventLoop.assumeIsolatedUnsafeUnchecked().execute {
            self.isFlushScheduled = false
            self.flushAll()
        }
    }

    /// Replies of this many connections are written together. A write that finds its reader asleep pays for waking it,
    /// about as much as for the write itself; the others of the group find it awake. More would make the first wait.
    private static let flushGroup = 8

    /// Called at the end of a connection's read: writes the replies collected so far if they are enough for a group.
    @inline(__always)
    func flushGroupIfFull() {
        if unflushed.count >= Self.flushGroup { flushAll() }
    }

    private func flushAll() {
        var list: [Connection] = []
        swap(&list, &unflushed)
        for connection in list { connection.flushScheduled() }
        // Keep the memory unless something was sent meanwhile.
        if unflushed.isEmpty, list.capacity <= 4096 {
            list.removeAll(keepingCapacity: true)
            unflushed = list
        }
    }

    // MARK: Draining

    private func noteIfEmpty() {
        guard isDraining, connections.count == 0, requests.isEmpty else { return }
        let waiting = whenEmpty
        whenEmpty = []
        for call in waiting { call() }
    }

    /// Begins to close everything: WebSockets with the code, unless they have one of their own, idle HTTP connections at once, busy ones after their
    /// answer. Calls back when nothing is left.
    func drain(code: UInt16, _ done: @escaping () -> Void) {
        isDraining = true
        whenEmpty.append(done)
        for connection in connections.all { connection.close(code: connection.stopCode ?? code, reason: "") }
        for connection in Array(requests.values) { connection.drain() }
        noteIfEmpty()
    }

    /// Closes what is left without waiting for anybody.
    func abortAll() {
        isDraining = true
        for connection in connections.all { connection.abort() }
        for connection in Array(requests.values) { connection.abort() }
        noteIfEmpty()
    }
}

/// The routes of a listener on one loop; a box, so that connections see a replacement.
final class ListenerRoutes {
    let listener: String
    var table: RouteTable {
        didSet { exact = table.exact }
    }
    /// The table's, at hand without a copy of the table, which would have a reference of each of its parts counted.
    private var exact: [String: RouteTable.Targets] = [:]

    init(listener: String) {
        self.listener = listener
        table = RouteTable(listener: listener)
    }

    /// What serves a path, see ``RouteTable/match(_:)``.
    @inline(__always)
    func match(_ path: String) throws(RouteTable.MalformedPath) -> RouteTable.Match? {
        if let targets = exact[path] { return RouteTable.Match(targets: targets, values: []) }
        return try table.match(path)
    }
}

/// What all loops of a server share.
final class SharedState: Sendable {
    let loopCount: Int
    /// Sockets of all loops.
    let connections = Atomic<Int>(0)
    /// Hears of every answer; nil: nobody wants to know.
    let accessLog: (@Sendable (AccessEntry) -> Void)?

    init(loopCount: Int, accessLog: (@Sendable (AccessEntry) -> Void)? = nil) {
        self.loopCount = loopCount
        self.accessLog = accessLog
    }
}
