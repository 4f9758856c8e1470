import Host

/// Which files each unit was made from at its last attempt, with the ones it looked for in vain.
struct DependencyGraph {
    private var files: [UnitID: [String: SourceSnapshot.State]] = [:]

    init() {}

    mutating func record(_ unit: UnitID, _ states: [String: SourceSnapshot.State]) { files[unit] = states }

    mutating func remove(_ unit: UnitID) { files[unit] = nil }

    func paths(of unit: UnitID) -> Set<String> { Set(files[unit]?.keys ?? [:].keys) }

    /// The units that would be made from something else now.
    ///
    /// - Parameters:
    ///   - written: Paths known to have been written; their contents are compared, those of others only if their stamp has
    ///     changed. A file that was saved without a change concerns nobody.
    ///   - prefix: Only paths that begin so count; nil: all.
    ///   - onlyWritten: Other paths than those are not looked at.
    func changed(
        written: Set<String>, snapshot: SourceSnapshot, below prefixes: [String]? = nil, onlyWritten: Bool = false
    ) -> Set<UnitID> {
        var isChanged: [String: [SourceSnapshot.State: Bool]] = [:]
        var result: Set<UnitID> = []
        for (unit, states) in files {
            for (path, state) in states where (!onlyWritten || written.contains(path)) && (prefixes.map({ $0.contains { path.hasPrefix($0) } }) ?? true) {
                let answer: Bool
                if let known = isChanged[path]?[state] {
                    answer = known
                } else {
                    answer = Self.differs(path, from: state, isWritten: written.contains(path), snapshot)
                    isChanged[path, default: [:]][state] = answer
                }
                if answer {
                    result.insert(unit)
                    break
                }
            }
        }
        return result
    }

    private static func differs(
        _ path: String, from state: SourceSnapshot.State, isWritten: Bool, _ snapshot: SourceSnapshot
    ) -> Bool {
        if case .listing = state { return snapshot.listingState(path) != state }
        guard case .present(let stamp, let hash) = state else {
            return Files.stamp(path) != nil && (state == .missing || isWritten)
        }
        if !isWritten, Files.stamp(path) == stamp { return false }
        _ = try? snapshot.read(path)
        guard case .present(_, let now) = snapshot.state(path) else { return true }
        return now != hash
    }
}
