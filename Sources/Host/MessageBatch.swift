import Bytes
import NIOCore
import Synchronization
import Transport

/// What crosses between a socket's loop and the worker that runs its package: many small things in one piece of memory,
/// one hop for all of them.
///
/// `@unchecked Sendable`: owned by one loop at a time. The sender fills it and gives it away with `execute`; the receiver
/// reads it and puts it back into the pool, whose lock orders the next use.
final class MessageBatch: @unchecked Sendable {
    enum Operation: UInt8 {
        // To the worker.
        case open, message, closing, close
        // To the socket's loop.
        case send, shut, answerClose, acknowledge
    }

    struct Item {
        var operation: Operation
        var kind: MessageKind
        /// Close code, how many messages an acknowledgement is for, or the place in `opened`.
        var number: UInt32
        var connection: ConnectionID
        var range: ArenaRange
    }

    /// What an opened connection's worker has to know. Names only: they are resolved when taken out.
    struct Opened {
        var unit: UnitID
        var path: String
        var request: RequestInfo
    }

    private(set) var items: ContiguousArray<Item> = []
    var arena = ByteArena()
    private(set) var opened: [Opened] = []

    init() {}

    @inline(__always) var isEmpty: Bool { items.isEmpty }
    @inline(__always) var count: Int { items.count }
    @inline(__always) subscript(index: Int) -> Item { items[index] }

    @inline(__always)
    func append(
        _ operation: Operation, _ connection: ConnectionID, _ bytes: UnsafeRawBufferPointer,
        kind: MessageKind = .text, number: UInt32 = 0
    ) {
        let range = arena.append(bytes)
        items.append(Item(operation: operation, kind: kind, number: number, connection: connection, range: range))
    }

    func open(_ connection: ConnectionID, _ opened: Opened) {
        self.opened.append(opened)
        let number = UInt32(self.opened.count - 1)
        items.append(Item(operation: .open, kind: .text, number: number, connection: connection, range: .empty))
    }

    /// Confirms `messages` messages of together `bytes` bytes, at most 4 GiB.
    func acknowledge(_ connection: ConnectionID, messages: Int, bytes: Int) {
        let range = ArenaRange(offset: 0, count: UInt32(bytes))
        items.append(
            Item(operation: .acknowledge, kind: .text, number: UInt32(messages), connection: connection, range: range))
    }

    func removeAll() {
        items.removeAll(keepingCapacity: items.capacity <= 4_096)
        arena.removeAll()
        if !opened.isEmpty { opened.removeAll() }
    }
}

/// Batches to use again, per pair of loops.
final class BatchPool: Sendable {
    /// More than a pair of loops has under way in practice; what comes back beyond that is freed.
    static let kept = 16

    private let free = Lock<[MessageBatch]>([])

    init() {}

    func take() -> MessageBatch {
        free.withLock { $0.popLast() } ?? MessageBatch()
    }

    func put(_ batch: MessageBatch) {
        batch.removeAll()
        free.withLock { if $0.count < BatchPool.kept { $0.append(batch) } }
    }
}

/// How much of one connection is on its way to the worker; decides when reading stops.
struct Outstanding {
    private(set) var messages = 0
    private(set) var bytes = 0
    private(set) var isPausing = false

    init() {}

    /// Returns whether reading has to pause now (told once).
    @inline(__always)
    mutating func add(bytes count: Int, limits: RuntimeLimits) -> Bool {
        messages += 1
        bytes += count
        guard messages >= limits.forwardedMessages || bytes >= limits.forwardedBytes, !isPausing else { return false }
        isPausing = true
        return true
    }

    /// Returns whether reading may go on now (told once).
    mutating func acknowledge(messages count: Int, bytes size: Int, limits: RuntimeLimits) -> Bool {
        messages -= count
        bytes -= size
        guard isPausing, messages <= limits.forwardedMessages / 2, bytes <= limits.forwardedBytes / 2 else { return false }
        isPausing = false
        return true
    }
}
