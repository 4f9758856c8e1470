public import NIOCore
public import NIOHTTP1
public import NIOPosix
public import Logging

/// The request a WebSocket connection was opened with.
public struct UpgradeRequest {
    public var listener: String
    public var path: String
    public var query: String?
    public var parameters: RouteParameters
    public var headers: HTTPHeaders
    /// The subprotocol that was chosen.
    public var subprotocol: String?
    public var queryItems: [(name: String, value: String)] { QueryString.items(query) }
}

/// A WebSocket connection; used on its event loop only.
public final class Connection {
    public let id: ConnectionID
    /// The loop it lives on.
    public unowned let context: LoopContext
    /// The endpoint's own record.
    public var attachment: AnyObject?
    /// Until `releaseRequest`.
    public var request: UpgradeRequest? { fatalError() }
    /// The other side's address, or "unix".
    public var remote: String { fatalError() }
    /// False once a close has begun on either side.
    public var isOpen: Bool { fatalError() }
    public var unsentBytes: Int { fatalError() }
    init(id: ConnectionID, context: LoopContext) { self.id = id; self.context = context }
    public func releaseRequest() {}
    public func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {}
    public func send(_ text: String) {}
    public func send(_ frame: SharedFrame) {}
    public func close(code: UInt16 = 1000, reason: String = "") {}
    public func pauseReading() {}
    public func resumeReading() {}
}

/// One encoded frame that goes to many connections.
public final class SharedFrame: Sendable {
    public init(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {}
}

public final class LoopContext {
    public let index: Int
    public let eventLoop: any EventLoop
    public let rooms: Rooms
    public var connectionCount: Int { 0 }
    init(index: Int, eventLoop: any EventLoop, rooms: Rooms) { self.index = index; self.eventLoop = eventLoop; self.rooms = rooms }
    public func setRoutes(listener: String, owner: String, _ routes: [Route]) throws(RouteClash) {}
    public func routesClash(listener: String, owner: String, _ routes: [Route]) -> RouteClash? { nil }
    public func connection(_ id: ConnectionID) -> Connection? { nil }
    public func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {}
    public func close(_ id: ConnectionID, code: UInt16 = 1000, reason: String = "") {}
}

/// The way to answer one request; used on the request's event loop only. Dropped unsent: the client gets 500.
public final class HTTPReply {
    /// An answer was sent.
    public var isSent: Bool { false }
    /// Called once, on the loop, if the client is gone before the answer was sent.
    public var onCancelled: (() -> Void)?
    public var eventLoop: any EventLoop { fatalError() }
    init() {}
    public func send(status: Int, headers: HTTPHeaders = [:], body: ByteBuffer) {}
    public func send(status: Int = 200, json: String) {}
    public func send(status: Int = 200, text: String, contentType: String = "text/plain; charset=utf-8") {}
    /// `{"error":{"code":…,"message":…}}`
    public func send(status: Int, error code: String, message: String) {}
}

public final class StaticFiles: HTTPResponder {
    public struct Policy: Sendable {
        /// Asked with the path below the root, decoded, without a leading slash; false: 404.
        public var allowed: @Sendable (String) -> Bool = { _ in true }
        /// Served for a folder; nil: 404.
        public var index: String? = "index.html"
        /// `Cache-Control` of every file.
        public var cacheControl = "no-cache"
        /// Extra headers of every file.
        public var headers: [(String, String)] = []
        public init() {}
    }
    public var options: HTTPOptions { HTTPOptions() }
    public init(root: String, policy: Policy = Policy(), threadPool: NIOThreadPool) {}
    public func respond(_ request: HTTPRequest, _ reply: HTTPReply) {}
}

public final class Rooms: Sendable {
    public enum JoinOutcome: Sendable { case joined, already, gone, full, nameTooLong }
    init() {}
    public func own(prefix: String, loopIndex: Int) {}
    public func ownerLoop(of room: String) -> Int { 0 }
    public func join(_ room: String, _ id: ConnectionID, then: (@Sendable (JoinOutcome) -> Void)? = nil) {}
    public func leave(_ room: String, _ id: ConnectionID) {}
    public func send(_ room: String, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind, except: ConnectionID? = nil) {}
    public func send(_ room: String, _ frame: SharedFrame, except: ConnectionID? = nil) {}
    public func count(_ room: String, on loop: any EventLoop, _ done: @escaping @Sendable (Int) -> Void) {}
    public func members(_ room: String, on loop: any EventLoop, _ done: @escaping @Sendable ([ConnectionID]) -> Void) {}
}

public struct ListenerConfiguration: Sendable {
    public struct TLS: Sendable { public var certificatePath: String; public var keyPath: String
        public init(certificatePath: String, keyPath: String) { self.certificatePath = certificatePath; self.keyPath = keyPath } }
    public enum Address: Sendable { case tcp(host: String, port: Int), unix(path: String) }
    public var name: String
    public var address: Address
    public var tls: TLS?
    public init(name: String = "main", address: Address = .tcp(host: "127.0.0.1", port: 0), tls: TLS? = nil) { self.name = name; self.address = address; self.tls = tls }
}

public final class TransportServer: Sendable {
    public let group: MultiThreadedEventLoopGroup
    public let rooms: Rooms
    /// The loops in order; an index into it is a loop index.
    public let eventLoops: [any EventLoop]
    public var loopCount: Int { eventLoops.count }
    public init(group: MultiThreadedEventLoopGroup, logger: Logger, limits: TransportLimits = TransportLimits()) { fatalError() }
    public func withContext(_ loopIndex: Int, _ body: @escaping @Sendable (LoopContext) -> Void) {}
    /// The context of a loop the caller is on; traps elsewhere.
    public func context(_ loopIndex: Int) -> LoopContext { fatalError() }
    public func listen(_ configuration: ListenerConfiguration) async throws -> SocketAddress { fatalError() }
    public var connectionCount: Int { 0 }
    public func stopAccepting() async {}
    public func drain(code: UInt16 = 1012, within: TimeAmount) async {}
    public func shutdown() async {}
}
