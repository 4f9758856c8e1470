import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

extension EndpointSettings {
    var options: WebSocketOptions {
        var options = WebSocketOptions()
        if let idleTimeoutSeconds { options.idleTimeout = Self.time(idleTimeoutSeconds) }
        options.pingsKeepAlive = pingsKeepAlive
        switch pings {
        case .standard: break
        case .none: options.pingInterval = nil
        case .everySeconds(let seconds): options.pingInterval = Self.time(seconds)
        }
        if let pongTimeoutSeconds { options.pongTimeout = Self.time(pongTimeoutSeconds) }
        options.compression = compression
        if let maxMessageBytes { options.maxMessage = maxMessageBytes }
        if let origins { options.origins = origins.contains("*") ? .any : .list(origins) }
        return options
    }

    private static func time(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1_000_000_000)) }
}

/// A WebSocket endpoint of a package on the worker that runs it. Stays the same object through reloads, as long as the path
/// is declared; only its handlers change.
final class ScriptEndpoint: WebSocketEndpoint {
    let slot: Unit
    let worker: Worker
    let path: String
    var handlers = EndpointHandlers()
    var settings = EndpointSettings() {
        didSet { options = settings.options }
    }
    private(set) var options = WebSocketOptions()
    /// What a message needs, looked up once per swap; nil while the unit is held, not there, or takes no messages.
    @exclusivity(unchecked) private(set) var target: Target?

    /// Unmanaged: the slot holds the instance as long as it is its running one, and the instance its state.
    struct Target {
        let instance: Unmanaged<Generation>
        let state: Unmanaged<LuaState>
        let generation: UInt64
        let handler: LuaRef
        let concurrent: Bool
    }

    /// To be called whenever the slot's instance, its being held, or the handlers change.
    func retarget() {
        guard !slot.isHeld, let instance = slot.instance, let state = instance.state, let handler = handlers.message else {
            target = nil
            return
        }
        target = Target(
            instance: .passUnretained(instance), state: .passUnretained(state), generation: instance.generation.number,
            handler: handler, concurrent: settings.concurrent)
    }

    init(slot: Unit, path: String) {
        self.slot = slot
        self.worker = slot.worker
        self.path = path
    }

    func opened(_ connection: Connection) {
        let record = ConnectionRecord(
            id: connection.id, endpoint: self, connection: connection, remote: connection.remote)
        connection.attachment = record
        let request = RequestInfo(connection)
        connection.releaseRequest()
        worker.opened(record, request)
    }

    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        guard let attachment = connection.attachment else { return }
        worker.received(unsafeDowncast(attachment, to: ConnectionRecord.self), self, bytes, kind)
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        guard let record = connection.attachment as? ConnectionRecord else { return }
        connection.attachment = nil
        worker.closed(record, code: code, reason: [UInt8](reason.utf8))
    }
}

/// A route of plain HTTP on the worker that runs its package; the same object through reloads, like `ScriptEndpoint`.
final class ScriptResponder: HTTPResponder {
    let slot: Unit
    let worker: Worker
    var handler: LuaRef?
    var options = HTTPOptions()

    init(slot: Unit) {
        self.slot = slot
        self.worker = slot.worker
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        handle(RequestInfo(request), HTTPExchange(reply))
    }

    /// Runs the handler, after the swap if one is under way.
    func handle(_ request: RequestInfo, _ exchange: HTTPExchange) {
        if slot.isHeld {
            if !slot.hold({ self.handle(request, exchange) }) { exchange.refuse(503, "busy") }
            return
        }
        worker.whenIdle { self.run(request, exchange) }
    }

    private func run(_ request: RequestInfo, _ exchange: HTTPExchange) {
        guard let instance = slot.instance, let handler else { return exchange.refuse(404, "not_found") }
        let number = instance.requests.add(request)
        exchange.request = number
        exchange.instance = instance
        worker.run(handler, instance, slot, .http(exchange)) { $0.object(RequestAPI.type, number) }
    }
}

/// The requests that handlers of one instance are looking at. A request object holds only a number.
struct RequestTable {
    private var requests: [Int64: RequestInfo] = [:]
    private var next: Int64 = 1

    init() {}

    mutating func add(_ request: RequestInfo) -> Int64 {
        let number = next
        next += 1
        requests[number] = request
        return number
    }

    mutating func remove(_ number: Int64) { requests[number] = nil }

    subscript(number: Int64) -> RequestInfo? { requests[number] }

    var count: Int { requests.count }
}
