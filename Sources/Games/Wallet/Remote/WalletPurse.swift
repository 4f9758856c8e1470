/// What an operator is owed of one account, and what waits for that. A value.
struct WalletPurse {
    /// No note of a stake is on disk but the one of the stake that is under way.
    var isClear = false
    /// Wins that are committed, or about to be, and not known to be accepted: the calls' ids.
    private var owed: Set<String> = []
    /// Those of them whose first attempt has no answer yet.
    private var underWay: Set<String> = []
    /// What waits for these answers.
    private var waiting: [() -> Void] = []

    var isPaying: Bool { !underWay.isEmpty }

    /// - Parameter id: Of a call that does not count.
    func owesNothing(but id: String? = nil) -> Bool { owed.allSatisfy { $0 == id } }

    mutating func owe(_ id: String) {
        owed.insert(id)
        underWay.insert(id)
    }

    /// It is not to be paid, for nothing was won.
    mutating func forget(_ id: String) {
        owed.remove(id)
        underWay.remove(id)
    }

    /// The wallet has accepted it, or will be asked again.
    ///
    /// - Returns: Whether it was known to be owed.
    mutating func told(_ id: String, isPaid: Bool) -> Bool {
        let wasKnown = owed.contains(id)
        if isPaid { owed.remove(id) }
        underWay.remove(id)
        return wasKnown
    }

    mutating func wait(_ work: @escaping () -> Void) { waiting.append(work) }

    /// What has waited goes on, whatever is still under way.
    mutating func takeWaiting() -> [() -> Void] {
        guard !waiting.isEmpty else { return [] }
        defer { (waiting, underWay) = ([], []) }
        return waiting
    }
}
