import Foundation

/// A request that waits for a thread of the store.
protocol Request: Sendable {
    /// Payload size, for the bounds.
    var bytes: Int { get }
}

/// Requests on their way to one thread. Bounded in number and bytes (`StoreLimits`).
///
/// `@unchecked Sendable`: all stored variables are reached only while `condition` is locked.
final class RequestQueue<Item: Request>: @unchecked Sendable {
    private let condition = NSCondition()
    private var items: [Item] = []
    private var first = 0
    private var bytes = 0
    private var closed = false
    private var consumerWaits = false
    /// Requests at which the waiting consumer is woken.
    private var wanted = 1
    /// Requests of the latest group, by which the next one is judged.
    private var lastGroup = 0

    /// Any thread. Returns why the request was not taken, nil if it was.
    func push(_ item: Item) -> StoreError? {
        condition.lock()
        defer { condition.unlock() }
        if closed { return StoreError(.closed) }
        guard items.count - first < StoreLimits.queuedRequests, bytes + item.bytes <= StoreLimits.queuedBytes else {
            return StoreError(.busy, "\(items.count - first) requests, \(bytes) bytes queued")
        }
        items.append(item)
        bytes += item.bytes
        if consumerWaits, items.count - first >= wanted {
            consumerWaits = false
            condition.signal()
        }
        return nil
    }

    /// The owning thread. Everything that waits, up to the bounds of a group; waits until there is something, or
    /// until `timeout` seconds have passed (empty). Nil once closed and empty.
    func take(timeout: Double?) -> [Item]? {
        condition.lock()
        defer { condition.unlock() }
        let deadline = timeout.map { Date(timeIntervalSinceNow: $0) }
        gather()
        while first == items.count {
            if closed { return nil }
            consumerWaits = true
            wanted = 1
            if let deadline {
                if !condition.wait(until: deadline) {
                    consumerWaits = false
                    return []
                }
            } else {
                condition.wait()
            }
        }
        return group()
    }

    /// Under load, a moment's patience: a sync costs the same for one request as for fifty, so it pays to let a group
    /// grow to the size of the one before. A single caller never waits.
    private func gather() {
        guard lastGroup >= StoreLimits.gatherFrom, items.count - first < lastGroup, !closed else { return }
        let latest = Date(timeIntervalSinceNow: StoreLimits.gatherSeconds)
        wanted = min(lastGroup, StoreLimits.gatherMost)
        while items.count - first < wanted, !closed {
            consumerWaits = true
            if !condition.wait(until: latest) { break }
        }
        consumerWaits = false
    }

    private func group() -> [Item] {
        let most = min(items.count, first + StoreLimits.groupRequests)
        var end = first
        var size = 0
        while end < most, size == 0 || size + items[end].bytes <= StoreLimits.groupBytes {
            size += items[end].bytes
            end += 1
        }
        bytes -= size
        lastGroup = end - first
        if first == 0, end == items.count {
            let all = items
            items = []
            items.reserveCapacity(all.count)
            return all
        }
        let group = Array(items[first..<end])
        first = end
        // Moving the rest forward costs as much as it frees, so only once half of the array is behind.
        if first * 2 >= items.count {
            items.removeFirst(first)
            first = 0
        }
        return group
    }

    /// Refuses new requests; what is queued will still be taken.
    func close() {
        condition.lock()
        closed = true
        condition.broadcast()
        condition.unlock()
    }
}
