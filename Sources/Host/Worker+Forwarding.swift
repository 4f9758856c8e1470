import LuaRuntime
import NIOCore
import Transport

extension Worker {
    /// The way to a worker from this loop's sockets.
    func link(to target: WorkerHandle) -> ForwardLink {
        if let link = links[target.index] { return link }
        let link = ForwardLink(from: self, to: target)
        links[target.index] = link
        return link
    }

    /// Answers to connections of another loop; nil for an id that no loop handed out.
    @inline(__always)
    func outbox(_ loopIndex: Int) -> Outbox? {
        if loopIndex < outboxes.count, let outbox = outboxes[loopIndex] { return outbox }
        return makeOutbox(loopIndex)
    }

    private func makeOutbox(_ loopIndex: Int) -> Outbox? {
        guard loopIndex != index, let target = services.workers[loopIndex] else { return nil }
        while outboxes.count <= loopIndex { outboxes.append(nil) }
        let outbox = Outbox(worker: self, target: target)
        outboxes[loopIndex] = outbox
        return outbox
    }

    /// Sends the outboxes at the end of this turn.
    func scheduleOutboxes() {
        guard !outboxesFlushScheduled else { return }
        outboxesFlushScheduled = true
        eventLoop.assumeIsolated().execute { self.flushOutboxes() }
    }

    func flushOutboxes() {
        outboxesFlushScheduled = false
        for outbox in outboxes { outbox?.flush() }
    }

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
                record = item.operation == .open ? nil : records[item.connection]
            }
            switch item.operation {
            case .open:
                record = openForwarded(item.connection, batch.opened[Int(item.number)])
            case .message:
                guard let record else { continue }
                if received(record, record.endpoint, batch.arena.bytes(item.range), item.kind) {
                    messages += 1
                    bytes += Int(item.range.count)
                }
            case .close:
                guard let record else { continue }
                closed(record, code: UInt16(truncatingIfNeeded: item.number), reason: batch.arena.array(item.range))
            case .send, .shut, .acknowledge: break
            }
        }
        if let record, messages > 0 { outbox.acknowledge(record.id, messages: messages, bytes: bytes) }
    }

    private func openForwarded(_ id: ConnectionID, _ opened: MessageBatch.Opened) -> ConnectionRecord? {
        guard let slot = existingSlot(opened.unit), let endpoint = slot.endpoints[opened.path] else {
            close(id, 1001, UnsafeRawBufferPointer(start: nil, count: 0))
            return nil
        }
        let record = ConnectionRecord(id: id, endpoint: endpoint, connection: nil, remote: opened.request.remote)
        self.opened(record, opened.request)
        return record
    }

    /// What a package on another worker answered to this loop's connections.
    func deliver(_ batch: MessageBatch) {
        guard let context else { return }
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
            case .acknowledge:
                guard let record = connection.attachment as? ForwardRecord else { continue }
                let resumes = record.outstanding.acknowledge(
                    messages: Int(item.number), bytes: Int(item.range.count), limits: services.limits)
                if resumes { connection.resumeReading() }
            case .open, .message, .close: break
            }
        }
    }
}
