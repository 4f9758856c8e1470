import NIOCore

/// From one socket loop to one worker: what happens in a turn of the loop travels together. Loop-bound to the socket's loop.
final class ForwardLink {
    let target: WorkerHandle
    private unowned let source: Worker
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
            worker.bridge.receive(batch, from: origin)
            pool.put(batch)
            worker.takeTurn()
        }
    }
}
