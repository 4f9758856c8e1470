package import NIOCore

/// Keys by the time they are due: a heap. Keys of equal time come in the order they were added.
///
/// Nothing is taken out before its time: whoever adds keys knows which ones still count, and `compact` drops the others
/// before they are more than those that do.
package struct DueList<Key> {
    private struct Entry {
        var due: NIODeadline
        var number: UInt64
        var key: Key

        func isBefore(_ other: Entry) -> Bool { (due, number) < (other.due, other.number) }
    }

    private var heap: ContiguousArray<Entry> = []
    private var nextNumber: UInt64 = 0
    private var compactAt = 64

    package init() {}

    package var count: Int { heap.count }

    /// When the first key is due.
    package var first: NIODeadline? { heap.first?.due }

    package mutating func add(_ key: Key, at due: NIODeadline) {
        heap.append(Entry(due: due, number: nextNumber, key: key))
        nextNumber += 1
        rise(heap.count - 1)
    }

    /// The first key, if it is due, with its time.
    package mutating func takeDue(at now: NIODeadline) -> (key: Key, due: NIODeadline)? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink(0)
        }
        return (first.key, first.due)
    }

    /// Drops keys that do not count any more, once it pays: to be called after adding.
    package mutating func compact(_ counts: (Key, NIODeadline) -> Bool) {
        guard heap.count >= compactAt else { return }
        heap.removeAll { !counts($0.key, $0.due) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
        compactAt = max(64, heap.count * 2)
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
