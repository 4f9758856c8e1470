import Host

/// Specs that have passed, with what they read: one whose files are the same comes to the same again, so a save runs only those
/// it can change. Files, since settings stay what they are for as long as a server runs. Control loop only.
final class PassedSpecs {
    typealias Files = [String: SourceSnapshot.State]

    /// By the path of the spec.
    private var passed: [UnitID: [String: Files]] = [:]

    /// What a spec has read that has passed with just that; nil: it is to be run.
    func unchanged(_ spec: String, of unit: UnitID, in snapshot: SourceSnapshot) -> Files? {
        guard let files = passed[unit]?[spec], files.allSatisfy({ snapshot.look($0.key, as: $0.value) == $0.value }) else { return nil }
        return files
    }

    /// All of a unit that have passed now.
    func keep(_ specs: [String: Files], of unit: UnitID) { passed[unit] = specs }
}
