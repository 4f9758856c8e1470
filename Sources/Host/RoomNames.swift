/// The names behind a state's room objects, which hold only a number.
///
/// Bounded: beyond the limit the half that was used longest ago is forgotten; such an object then raises.
package struct RoomNames {
    private struct Entry {
        var name: String
        var used: UInt64
    }
    private var entries: [Int64: Entry] = [:]
    private var numbers: [String: Int64] = [:]
    private var next: Int64 = 1
    private var uses: UInt64 = 0
    private let limit: Int

    init(limit: Int) { self.limit = max(2, limit) }

    /// The number of a name, new or known. `forgotten` gets those that had to go.
    package mutating func number(of name: String, forgotten: (Int64) -> Void) -> Int64 {
        uses += 1
        if let number = numbers[name] {
            entries[number]!.used = uses
            return number
        }
        if entries.count >= limit { forgetOldHalf(forgotten) }
        let number = next
        next += 1
        numbers[name] = number
        entries[number] = Entry(name: name, used: uses)
        return number
    }

    /// The name, or nil if it was forgotten.
    package mutating func name(of number: Int64) -> String? {
        guard let index = entries.index(forKey: number) else { return nil }
        uses += 1
        entries.values[index].used = uses
        return entries.values[index].name
    }

    var count: Int { entries.count }

    private mutating func forgetOldHalf(_ forgotten: (Int64) -> Void) {
        let order = entries.sorted { $0.value.used < $1.value.used }
        for (number, entry) in order.prefix(max(1, entries.count / 2)) {
            entries[number] = nil
            numbers[entry.name] = nil
            forgotten(number)
        }
    }
}
