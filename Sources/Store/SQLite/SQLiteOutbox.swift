public import NIOCore

/// The outbox in the file.
extension SQLiteStore {
    public func pending(
        topic: String?, limit: Int, now: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[OutboxEntry]>
    ) {
        history(on: loop, done, problem: Rules.problem(inLimit: limit)) { try OutboxReads.due(topic: topic, limit: limit, now: now, $0) }
    }

    public func accept(_ ids: [Int64], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        write(on: loop, done, bytes: ids.count * 8, problem: Rules.problem(inIDs: ids)) { try $0.outbox.accept(ids) }
    }

    public func postpone(
        _ id: Int64, until nextAt: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        write(on: loop, done) { try $0.outbox.postpone(id, until: nextAt) }
    }
}
