/// Logins that a browser has finished and whose program has not fetched them yet, by a key that only the two know. Each is taken
/// once. A value; times are milliseconds since 1970.
public struct PendingLogins<Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var until: Int64
        /// Of its place in the line; a key that was put again has a newer one.
        var number: UInt64
    }

    /// How long what is put from now on is kept, milliseconds.
    public var lifetime: Int64
    /// Entries at most: the oldest go.
    public var limit: Int
    private var entries: [String: Entry] = [:]
    /// In the order of their ends, with keys that were taken meanwhile.
    private var line: [(key: String, number: UInt64)] = []
    private var first = 0
    private var nextNumber: UInt64 = 0

    public init(lifetime: Int64, limit: Int) {
        self.lifetime = lifetime
        self.limit = limit
    }

    public var count: Int { entries.count }

    /// A newer one with the same key takes the place of the older.
    public mutating func put(_ key: String, _ value: Value, now: Int64) {
        dropOver(now)
        nextNumber += 1
        entries[key] = Entry(value: value, until: now + lifetime, number: nextNumber)
        line.append((key, nextNumber))
        while entries.count > max(1, limit) { dropFirst() }
        compact()
    }

    /// The value, which nobody gets a second time; nil: there is none (any more).
    public mutating func take(_ key: String, now: Int64) -> Value? {
        dropOver(now)
        return entries.removeValue(forKey: key)?.value
    }

    /// Forgets all of them.
    public mutating func clear() {
        entries = [:]
        line = []
        first = 0
    }

    private mutating func dropOver(_ now: Int64) {
        while first < line.count {
            guard let entry = entries[line[first].key], entry.number == line[first].number else {
                first += 1
                continue
            }
            // One that would end later than a new one is from before the clock was set back: nobody knows how old it is.
            guard entry.until <= now || entry.until > now + lifetime else { return }
            dropFirst()
        }
    }

    private mutating func dropFirst() {
        while first < line.count {
            let (key, number) = line[first]
            first += 1
            guard entries[key]?.number == number else { continue }
            entries[key] = nil
            return
        }
    }

    /// The line is at most twice as long as what it stands for, and a little.
    private mutating func compact() {
        guard line.count > 2 * entries.count + 64 else { return }
        line = line[first...].filter { entries[$0.key]?.number == $0.number }
        first = 0
    }
}
