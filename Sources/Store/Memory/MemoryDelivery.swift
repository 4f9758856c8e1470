public import NIOCore

/// The outbox in memory.
extension MemoryStore {
    public func pending(
        topic: String?, limit: Int, now: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[OutboxEntry]>
    ) {
        perform(on: loop, done, problem: Rules.problem(inLimit: limit), writes: false) { state, _ throws(StoreError) in
            state.outbox.due(topic: topic, limit: limit, now: now)
        }
    }

    public func accept(_ ids: [Int64], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        perform(on: loop, done, problem: Rules.problem(inIDs: ids)) { state, _ throws(StoreError) in
            for id in ids { state.outbox.remove(id) }
        }
    }

    public func postpone(
        _ id: Int64, until nextAt: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        perform(on: loop, done) { state, _ throws(StoreError) in state.outbox.postpone(id, until: nextAt) }
    }
}
