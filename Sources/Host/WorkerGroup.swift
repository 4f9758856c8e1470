import Bytes
public import NIOCore
import Synchronization

/// The way to a worker from any thread.
public final class WorkerHandle: @unchecked Sendable {
    // `worker` is set once before the handle is shared and used only on `eventLoop`.
    public let index: Int
    public let eventLoop: any EventLoop
    private let worker: Worker

    init(index: Int, eventLoop: any EventLoop, worker: Worker) {
        self.index = index
        self.eventLoop = eventLoop
        self.worker = worker
    }

    /// Runs `body` on the worker's loop, in a later turn. Any thread.
    public func execute(_ body: @escaping @Sendable (Worker) -> Void) {
        eventLoop.execute { body(self.worker) }
    }

    /// Runs `body` on the worker's loop in some time. Any thread.
    func execute(after delay: TimeAmount, _ body: @escaping @Sendable (Worker) -> Void) {
        _ = eventLoop.scheduleTask(in: delay) { body(self.worker) }
    }

    /// The worker itself, for callers on its loop; traps elsewhere.
    var local: Worker {
        eventLoop.preconditionInEventLoop()
        return worker
    }
}

/// All workers of a host by index: first those of the socket loops, then dedicated ones.
package final class WorkerGroup: Sendable {
    private let handles = Lock<[WorkerHandle]>([])

    init() {}

    func append(_ handle: WorkerHandle) {
        handles.withLock {
            precondition(handle.index == $0.count, "workers are numbered in order")
            $0.append(handle)
        }
    }

    package var all: [WorkerHandle] { handles.withLock { $0 } }

    package subscript(index: Int) -> WorkerHandle? {
        handles.withLock { index < $0.count ? $0[index] : nil }
    }
}

/// Which workers offer which functions (`nightjar.provide`) and listen to which topics.
final class ServiceDirectory: Sendable {
    private struct Entry {
        var unit: UnitID
        var workers: [Int]
    }
    private let functions = Lock<[String: Entry]>([:])
    private let topics = Lock<[String: [Int: Int]]>([:])

    init() {}

    /// Replaces what `unit` offers on `worker`. Returns the names another unit offers already; those are left alone.
    func replaceFunctions(of unit: UnitID, worker: Int, _ names: [String]) -> [String] {
        functions.withLock { table in
            for (name, var entry) in table where entry.unit == unit && !names.contains(name) {
                entry.workers.removeAll { $0 == worker }
                table[name] = entry.workers.isEmpty ? nil : entry
            }
            var taken: [String] = []
            for name in names {
                if let entry = table[name], entry.unit != unit {
                    taken.append(name)
                } else if table[name] == nil {
                    table[name] = Entry(unit: unit, workers: [worker])
                } else if !table[name]!.workers.contains(worker) {
                    table[name]!.workers.append(worker)
                }
            }
            return taken
        }
    }

    /// A worker that offers `name`: the preferred one if it does.
    func worker(offering name: String, preferred: Int) -> Int? {
        functions.withLock { table in
            guard let workers = table[name]?.workers else { return nil }
            return workers.contains(preferred) ? preferred : workers.first
        }
    }

    func addTopics(_ names: some Sequence<String>, worker: Int) {
        topics.withLock { table in
            for name in names { table[name, default: [:]][worker, default: 0] += 1 }
        }
    }

    func removeTopics(_ names: some Sequence<String>, worker: Int) {
        topics.withLock { table in
            for name in names {
                guard let count = table[name]?[worker] else { continue }
                table[name]![worker] = count > 1 ? count - 1 : nil
                if table[name]!.isEmpty { table[name] = nil }
            }
        }
    }

    func workers(listeningTo topic: String) -> [Int] {
        topics.withLock { $0[topic].map { Array($0.keys) } ?? [] }
    }
}
