import NIOCore
import Transport

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
        worker.bridge.scheduleOutboxes()
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

    /// Answers the client's close frame, after what was sent before.
    func answerClose(_ id: ConnectionID) {
        current.append(.answerClose, id, UnsafeRawBufferPointer(start: nil, count: 0))
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
            worker.bridge.deliver(batch)
            pool.put(batch)
        }
    }
}
