/// The bounds of one read: rows and payload bytes.
struct ReadBudget {
    private var rows: Int
    private var bytes = 0

    init(rows: Int) { self.rows = min(rows, StoreLimits.rowsPerRead) }

    /// Whether one more row of `size` bytes may be returned; the first always may.
    mutating func admits(_ size: Int) -> Bool {
        guard rows > 0, bytes == 0 || bytes + size <= StoreLimits.bytesPerRead else { return false }
        rows -= 1
        bytes += size + 64
        return true
    }
}
