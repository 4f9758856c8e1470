package import Logging
package import LuaRuntime

/// What the scripts of a generation do at once, beyond their state, before anybody knows whether the generation will ever run: lines
/// for the log, counts of metrics. Done when it is taken up, lost with it when it is not.
struct HeldActs {
    /// A script that does more while it loads is loaded when its turn comes, not ahead of it.
    static let most = 256

    private(set) var list: [() -> Void] = []
    /// There were more, or something that cannot be put off.
    private(set) var isIncomplete = false

    mutating func add(_ act: @escaping () -> Void) {
        if list.count < Self.most { list.append(act) } else { isIncomplete = true }
    }

    mutating func lose() { isIncomplete = true }
}

extension Generation {
    /// It is loaded ahead of its turn: nothing that its scripts do may reach anybody yet.
    package var isAhead: Bool { heldActs != nil }

    /// What reaches others and is not answered is put off until the generation is taken up. Only while it `isAhead`.
    package func putOff(_ act: @escaping () -> Void) { heldActs?.add(act) }

    /// Nil, or the error to raise: what the script needs an answer to cannot be put off. Such a generation is not taken up, and its unit
    /// is loaded anew when its turn has come.
    package func refusalAhead() -> HostResult? {
        guard isAhead else { return nil }
        heldActs?.lose()
        return .raise("not before the turn of this generation")
    }

    /// Logs a line of the scripts'; with the unit and the generation, whatever fields of theirs may say.
    package func log(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        let logger = services.logger
        guard logger.logLevel <= level else { return }
        let metadata = metadata.merging(["unit": "\(id)", "generation": "\(number)"]) { $1 }
        guard isAhead else { return logger.log(level: level, "\(message)", metadata: metadata) }
        putOff { logger.log(level: level, "\(message)", metadata: metadata) }
    }

    /// From now on what the scripts do is put off. Before any of them runs.
    package func holdActs() { heldActs = HeldActs() }

    /// Something could not be put off, so that the generation must not be used.
    package var lacksActs: Bool { heldActs?.isIncomplete == true }

    /// Does what was put off, and everything later at once.
    package func doHeldActs() {
        guard let acts = heldActs?.list else { return }
        heldActs = nil
        for act in acts { act() }
    }
}
