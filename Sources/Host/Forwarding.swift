import NIOCore
import NIOHTTP1
import Transport

/// A forwarded connection as its socket's loop knows it.
final class ForwardRecord {
    var outstanding = Outstanding()
    init() {}
}

/// From one socket loop to one worker: what happens in a turn of the loop travels together. Loop-bound to the socket's loop.
final class ForwardLink {
    let target: WorkerHandle
    private let source: Worker
    private let pool = BatchPool()
    private var batch: MessageBatch?
    private var isScheduled = false

    init(from source: Worker, to target: WorkerHandle) {
        self.source = source
        self.target = target
    }

    /// The batch of this turn.
    @inline(__always)
    var current: MessageBatch {
        if let batch { return batch }
        return begin()
    }

    @inline(never)
    private func begin() -> MessageBatch {
        let new = pool.take()
        batch = new
        return new
    }

    /// Gives the batch away once the loop has read everything of this turn: tasks of a turn run after its reads, so one hop
    /// carries what many connections sent.
    @inline(__always)
    func schedule() {
        if !isScheduled { scheduleFlush() }
    }

    @inline(never)
    private func scheduleFlush() {
        isScheduled = true
        source.eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush() {
        isScheduled = false
        guard let batch else { return }
        self.batch = nil
        let pool = pool
        let origin = source.index
        target.execute { worker in
            worker.receive(batch, from: origin)
            pool.put(batch)
        }
    }
}

/// A WebSocket endpoint of a package that another worker runs.
final class ForwardingEndpoint: WebSocketEndpoint {
    let unit: UnitID
    let path: String
    private let link: ForwardLink
    private let limits: RuntimeLimits
    var settings: EndpointSettings {
        didSet { options = settings.options }
    }
    private(set) var options: WebSocketOptions

    init(unit: UnitID, path: String, settings: EndpointSettings, link: ForwardLink, limits: RuntimeLimits) {
        self.unit = unit
        self.path = path
        self.settings = settings
        self.options = settings.options
        self.link = link
        self.limits = limits
    }

    func opened(_ connection: Connection) {
        connection.attachment = ForwardRecord()
        link.current.open(connection.id, .init(unit: unit, path: path, request: RequestInfo(connection)))
        connection.releaseRequest()
        link.schedule()
    }

    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        guard let attachment = connection.attachment else { return }
        link.current.append(.message, connection.id, bytes, kind: kind)
        let record = unsafeDowncast(attachment, to: ForwardRecord.self)
        if record.outstanding.add(bytes: bytes.count, limits: limits) { connection.pauseReading() }
        link.schedule()
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        var reason = reason
        reason.withUTF8 {
            link.current.append(.close, connection.id, UnsafeRawBufferPointer($0), number: UInt32(code))
        }
        link.schedule()
    }
}

/// A route of plain HTTP of a package that another worker runs. One hop there and one back.
final class ForwardingResponder: HTTPResponder {
    private let unit: UnitID
    private let key: String
    private let target: WorkerHandle
    private let limit: Int
    private var underWay = 0
    let options: HTTPOptions

    init(unit: UnitID, key: String, options: HTTPOptions, target: WorkerHandle, limit: Int) {
        self.unit = unit
        self.key = key
        self.options = options
        self.target = target
        self.limit = limit
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        guard underWay < limit else {
            return reply.send(status: 503, error: "busy", message: "too many requests are waiting")
        }
        underWay += 1
        let loop = reply.eventLoop
        let origin = NIOLoopBound((reply, self), eventLoop: loop)
        let info = RequestInfo(request)
        let (unit, key) = (unit, key)
        target.execute { worker in
            let exchange = HTTPExchange { answer in
                loop.execute {
                    let (reply, responder) = origin.value
                    responder.underWay -= 1
                    answer.send(reply)
                }
            }
            guard let responder = worker.existingSlot(unit)?.responders[key] else {
                return exchange.refuse(404, "not_found")
            }
            responder.handle(info, exchange)
        }
    }
}

/// Answers of one worker to connections of one other loop, collected until the end of the turn.
final class Outbox {
    private let target: WorkerHandle
    private let pool = BatchPool()
    private var batch: MessageBatch?
    /// The batch holds more than acknowledgements: something whose place among other messages the client sees.
    private var isOrdered = false
    private unowned let worker: Worker

    init(worker: Worker, target: WorkerHandle) {
        self.worker = worker
        self.target = target
    }

    @inline(__always)
    private var current: MessageBatch {
        if let batch { return batch }
        return begin()
    }

    @inline(never)
    private func begin() -> MessageBatch {
        let new = pool.take()
        batch = new
        worker.scheduleOutboxes()
        return new
    }

    @inline(__always)
    func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        current.append(.send, id, bytes, kind: kind)
        isOrdered = true
    }

    func close(_ id: ConnectionID, _ code: UInt16, _ reason: UnsafeRawBufferPointer) {
        current.append(.shut, id, reason, number: UInt32(code))
        isOrdered = true
    }

    func acknowledge(_ id: ConnectionID, messages: Int, bytes: Int) {
        current.acknowledge(id, messages: messages, bytes: bytes)
    }

    /// Before something else goes to the loop on a way of its own and must not overtake what was sent before it.
    @inline(__always)
    func flushIfOrdered() {
        if isOrdered { flush() }
    }

    func flush() {
        guard let batch else { return }
        self.batch = nil
        isOrdered = false
        let pool = pool
        target.execute { worker in
            worker.deliver(batch)
            pool.put(batch)
        }
    }
}
