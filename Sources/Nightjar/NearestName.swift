/// Finds what somebody meant who misspelt a name.
enum NearestName {
    /// The name with the fewest slips from `name`: letters that are missing, too many, wrong or exchanged; nil if none is near:
    /// up to two slips, and fewer than half of the letters.
    static func of(_ name: String, in names: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8)
        let allowed = min(2, (wanted.count - 1) / 2)
        var best: (name: String, slips: Int)?
        for candidate in names {
            let slips = Self.slips(wanted, Array(candidate.lowercased().utf8))
            if slips <= allowed, slips < best?.slips ?? Int.max { best = (candidate, slips) }
        }
        return best?.name
    }

    /// ` Did you mean "…"?`, or nothing.
    static func hint(_ name: String, in names: some Sequence<String>) -> String {
        of(name, in: names).map { " Did you mean \"\($0)\"?" } ?? ""
    }

    private static func slips(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard !a.isEmpty, !b.isEmpty, abs(a.count - b.count) <= 2 else { return Int.max }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, before[j - 2] + 1) }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
