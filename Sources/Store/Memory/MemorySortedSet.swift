/// A set of members ordered by score, then by the member's bytes.
struct MemorySortedSet {
    private var scores: [Name: Double] = [:]
    private var order: [SortedMember] = []

    var isEmpty: Bool { order.isEmpty }
    func holds(_ member: String) -> Bool { scores[Name(member)] != nil }

    /// A member is in both tables.
    static func cost(_ key: StoreKey, _ member: String) -> Int {
        StoreLimits.memoryEntryBytes + key.realm.utf8.count + key.name.utf8.count + 2 * member.utf8.count
    }

    /// The members that were not there.
    mutating func add(_ members: [SortedMember]) -> [String] {
        var added: [String] = []
        for member in members {
            if let score = scores[Name(member.member)] {
                order.remove(at: place(of: SortedMember(member.member, score)))
            } else {
                added.append(member.member)
            }
            scores[Name(member.member)] = member.score
            order.insert(member, at: place(of: member))
        }
        return added
    }

    /// Those that were there.
    mutating func remove(_ members: [String]) -> [String] {
        var removed: [String] = []
        for member in members {
            guard let score = scores.removeValue(forKey: Name(member)) else { continue }
            order.remove(at: place(of: SortedMember(member, score)))
            removed.append(member)
        }
        return removed
    }

    func count(_ scores: ClosedRange<Double>?) -> Int {
        guard let scores else { return order.count }
        return span(from: scores.lowerBound, through: scores.upperBound).count
    }

    func range(_ range: SortedRange) -> [SortedMember] {
        let span: Range<Int>
        switch range.bounds {
        case .score(let from, let through):
            span = self.span(from: from, through: through)
        case .rank(let from, let through):
            let ranks = Rules.ranks(from: from, through: through, count: order.count)
            span = range.descending ? (order.count - ranks.upperBound)..<(order.count - ranks.lowerBound) : ranks
        }
        let limit = min(range.limit, StoreLimits.rowsPerRead)
        return range.descending ? Array(order[span].reversed().prefix(limit)) : Array(order[span].prefix(limit))
    }

    private func span(from: Double, through: Double) -> Range<Int> {
        let first = partition { $0.score < from }
        let last = partition { $0.score <= through }
        return first..<max(first, last)
    }

    /// Where `member` is, or belongs.
    private func place(of member: SortedMember) -> Int {
        partition {
            $0.score < member.score || ($0.score == member.score && Name.precedes($0.member, member.member))
        }
    }

    /// The number of members at the front for which `before` holds.
    private func partition(_ before: (SortedMember) -> Bool) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if before(order[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
