/// Raw memory that grows and is freed with its owner. Its bytes stay put until the next `reserve`.
///
/// A class rather than an array, because what is handed to an endpoint must stay valid while the frame decoder that owns
/// it is not being accessed.
final class ByteStore {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    var count = 0

    init(capacity: Int) {
        self.capacity = max(16, capacity)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Makes room for `size` bytes in all and keeps the first `count`. Grows at least twofold, so that a long message is
    /// copied a bounded number of times and its announced length alone costs no memory.
    @inline(__always)
    func reserve(_ size: Int) {
        if size > capacity { grow(size) }
    }

    private func grow(_ size: Int) { move(max(size, capacity * 2)) }

    /// Makes twice the room, but none beyond `limit`, which must be more than there is: at no time more than about twice
    /// `limit` is held.
    func extend(within limit: Int) { move(min(limit, max(4096, capacity * 2))) }

    private func move(_ larger: Int) {
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = larger
    }
}
