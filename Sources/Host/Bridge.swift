import NIOCore
import NIOHTTP1
import Transport

/// Between the loops of the sockets and the workers that run the packages: what one worker sends to the others and gets from
/// them, collected per tick of the loop, so that one hop carries what many connections sent. Loop-bound.
///
///     socket's loop                                    package's worker
///       ForwardingEndpoint → ForwardLink  ─ MessageBatch →  receive
///       deliver             ← MessageBatch ─  Outbox      ← send, close, acknowledge
final class Bridge {
    private unowned let worker: Worker
    /// Answers to other loops that are collected until the end of the turn, by loop index.
    private var outboxes: [Outbox?] = []
    private var isFlushScheduled = false
    /// Ways to the workers that run packages for this loop's sockets, by worker index.
    private var links: [Int: ForwardLink] = [:]
    /// Routes of packages that other workers run.
    private var forwards: [UnitID: [String: ForwardingEndpoint]] = [:]

    init(worker: Worker) { self.worker = worker }

    // MARK: Sending

    /// A connection on whatever loop; nil if it is known to be gone.
    @inline(__always)
    func peer(_ id: ConnectionID) -> Peer? {
        if id.isOutgoing { return worker.records[id]?.peer }
        if let context = worker.context, id.loopIndex == worker.index { return context.connection(id).map { .local($0) } }
        return outbox(id.loopIndex).map { .remote($0, id) }
    }

    /// Answers to connections of another loop; nil for an id that no loop handed out.
    @inline(__always)
    func outbox(_ loopIndex: Int) -> Outbox? {
        if loopIndex < outboxes.count, let outbox = outboxes[loopIndex] { return outbox }
        return makeOutbox(loopIndex)
    }

    private func makeOutbox(_ loopIndex: Int) -> Outbox? {
        guard loopIndex != worker.index, let target = worker.services.workers[loopIndex] else { return nil }
        while outboxes.count <= loopIndex { outboxes.append(nil) }
        let outbox = Outbox(worker: worker, target: target)
        outboxes[loopIndex] = outbox
        return outbox
    }

    /// Sends the outboxes at the end of this turn.
    func scheduleOutboxes() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        worker.eventLoop.assumeIsolated().execute { [self] in
            isFlushScheduled = false
            for outbox in outboxes { outbox?.flush() }
        }
    }

    /// Before something goes to the loops on a way of its own and must not overtake what was sent before it.
    func flushOrdered() {
        for outbox in outboxes { outbox?.flushIfOrdered() }
    }

    // MARK: On the package's worker

    /// What another loop's connections sent.
    func receive(_ batch: MessageBatch, from origin: Int) {
        guard let outbox = outbox(origin) else { return }
        var record: ConnectionRecord?
        var messages = 0
        var bytes = 0
        for index in 0..<batch.count {
            let item = batch[index]
            if record?.id != item.connection {
                if let record, messages > 0 { outbox.acknowledge(record.id, messages: messages, bytes: bytes) }
                messages = 0
                bytes = 0
                record = item.operation == .open ? nil : worker.records[item.connection]
            }
            switch item.operation {
            case .open:
                record = open(.remote(outbox, item.connection), item.connection, batch.opened[Int(item.number)])
            case .message:
                guard let record else { continue }
                if record.endpoint.unit.connections.received(record, record.endpoint, batch.arena.bytes(item.range), item.kind) {
                    messages += 1
                    bytes += Int(item.range.count)
                }
            case .closing:
                guard let record else {
                    outbox.answerClose(item.connection)
                    continue
                }
                record.endpoint.unit.connections.closing(record)
            case .close:
                guard let record else { continue }
                record.endpoint.unit.connections.closed(
                    record, code: UInt16(truncatingIfNeeded: item.number), reason: batch.arena.array(item.range))
            case .send, .shut, .answerClose, .acknowledge: break
            }
        }
        if let record, messages > 0 { outbox.acknowledge(record.id, messages: messages, bytes: bytes) }
    }

    private func open(_ peer: Peer, _ id: ConnectionID, _ opened: MessageBatch.Opened) -> ConnectionRecord? {
        guard let unit = worker.units[opened.unit], let endpoint = unit.routes.endpoints[opened.path] else {
            peer.close(code: UnitConnections.goingAway)
            return nil
        }
        let record = ConnectionRecord(id: id, endpoint: endpoint, peer: peer, remote: opened.request.remote)
        unit.connections.opened(record, opened.request)
        return record
    }

    // MARK: On the socket's loop

    /// What a package on another worker answered to this loop's connections.
    func deliver(_ batch: MessageBatch) {
        guard let context = worker.context else { return }
        var connection: Connection?
        for index in 0..<batch.count {
            let item = batch[index]
            if connection?.id != item.connection { connection = context.connection(item.connection) }
            guard let connection else { continue }
            switch item.operation {
            case .send:
                connection.send(batch.arena.bytes(item.range), item.kind)
            case .shut:
                connection.close(
                    code: UInt16(truncatingIfNeeded: item.number), reason: batch.arena.string(item.range))
            case .answerClose: connection.answerClose()
            case .acknowledge:
                guard let record = connection.attachment as? ForwardRecord else { continue }
                let resumes = record.outstanding.acknowledge(
                    messages: Int(item.number), bytes: Int(item.range.count), limits: worker.services.limits)
                if resumes { connection.resumeReading() }
            case .open, .message, .closing, .close: break
            }
        }
    }

    /// The routes of a unit that another worker runs, replacing what this loop had for it. Connections that are open stay with
    /// the endpoint of their path.
    func forward(_ unit: UnitID, _ manifest: RouteManifest, to home: WorkerHandle) -> [Route] {
        let known = forwards[unit] ?? [:]
        let link = links[home.index] ?? ForwardLink(from: worker, to: home)
        links[home.index] = link
        var endpoints: [String: ForwardingEndpoint] = [:]
        for endpoint in manifest.endpoints {
            let object = known[endpoint.path] ?? ForwardingEndpoint(
                unit: unit, path: endpoint.path, settings: endpoint.settings, link: link, limits: worker.services.limits)
            object.settings = endpoint.settings
            endpoints[endpoint.path] = object
        }
        forwards[unit] = endpoints
        return endpoints.map { Route.webSocket($0.key, $0.value) } + manifest.routes.map { route in
            let responder = ForwardingResponder(
                unit: unit, key: route.key, options: route.options, target: home, limit: worker.services.limits.mailboxInputs)
            return .method(.init(rawValue: route.method), route.pattern, responder)
        }
    }

    func forget(_ unit: UnitID) { forwards[unit] = nil }
}
