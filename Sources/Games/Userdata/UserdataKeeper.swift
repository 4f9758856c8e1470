import Logging
import NIOCore
import Host
import Store

/// A user's data on sites as the store said last, JSON texts. Loop-bound; one call at a time for each site.
///
/// Stored is what belongs to the player. The level is not: it follows from what the account has spent, which is money and stands in
/// the ledger, and is put beside the data when they are shown.
final class UserdataKeeper {
    private final class Entry {
        let site: String
        let data: [UInt8]
        /// A write has failed, and perhaps stands none the less.
        var isDoubtful = false
        /// The data with the level that was shown last.
        var shown: (curve: LevelCurve, spent: Int64, data: [UInt8])?

        init(_ data: [UInt8], site: String) {
            self.data = data
            self.site = site
        }
    }

    private let user: UserKey
    private let ledger: any Ledger
    private let loop: any EventLoop
    private let logger: Logger
    /// A user is on one site or two, so that looking through them is faster than a dictionary.
    private var entries: [Entry] = []

    init(of user: UserKey, in ledger: any Ledger, on loop: any EventLoop, logger: Logger) {
        self.user = user
        self.ledger = ledger
        self.loop = loop
        self.logger = logger
    }

    /// As last known, without a level.
    subscript(site: String) -> [UInt8] { entry(site)?.data ?? Userdata.empty }

    private func entry(_ site: String) -> Entry? { entries.first { $0.site == site } }

    private func keep(_ data: [UInt8], site: String) {
        let entry = Entry(data, site: site)
        if let index = entries.firstIndex(where: { $0.site == site }) { entries[index] = entry } else { entries.append(entry) }
    }

    /// What sessions are shown: as last known, with the level of an account that has spent so much.
    ///
    /// - Parameter levels: nil: there are no levels.
    func shown(_ site: String, levels: LevelCurve?, spent: Int64) -> [UInt8] {
        let entry = entry(site)
        guard let levels else { return entry?.data ?? Userdata.empty }
        if let shown = entry?.shown, shown.spent == spent, shown.curve == levels { return shown.data }
        let data = Userdata.with(levels, spent: spent, entry?.data ?? Userdata.empty)
        entry?.shown = (levels, spent, data)
        return data
    }

    /// Takes over data that a transition has stored.
    func took(_ data: [UInt8], site: String) { keep(Userdata.bare(data), site: site) }

    /// A transition with data may stand or not: they are read again before the next question.
    func distrust(_ site: String) { entry(site)?.isDoubtful = true }

    /// Makes the data known, if they are not. False when they cannot be read, which is logged.
    func read(_ site: String, _ done: @escaping (Bool) -> Void) {
        if let entry = entry(site), !entry.isDoubtful { return done(true) }
        ledger.userdata(
            realm: user.realm, user: user.user, site: site, on: loop,
            loop.back { result in
                switch result {
                case .success(let text):
                    self.keep(text.map { Array($0.utf8) } ?? Userdata.empty, site: site)
                    done(true)
                case .failure(let error):
                    self.logger.error("userdata not read", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    done(false)
                }
            })
    }

    /// Keeps new data, in the store first. False when they may not be there, which is logged; then they have been read again,
    /// or will be by the next `read`.
    func store(_ data: [UInt8], site: String, _ done: @escaping (Bool) -> Void) {
        let data = Userdata.bare(data)
        ledger.setUserdata(
            realm: user.realm, user: user.user, site: site, json: String(decoding: data, as: UTF8.self), on: loop,
            loop.back { result in
                switch result {
                case .success:
                    self.keep(data, site: site)
                    done(true)
                case .failure(let error):
                    self.logger.error("userdata not stored", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    self.entry(site)?.isDoubtful = true
                    self.read(site) { _ in done(false) }
                }
            })
    }
}
