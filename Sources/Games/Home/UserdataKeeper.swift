import Logging
import NIOCore
import Host
import Store

/// A user's data on sites as the store said last, JSON texts. Loop-bound; one call at a time for each site.
final class UserdataKeeper {
    private struct Entry {
        var data: [UInt8]
        /// A write has failed, and perhaps stands none the less.
        var isDoubtful: Bool
    }

    private let user: UserKey
    private let ledger: any Ledger
    private let loop: any EventLoop
    private let logger: Logger
    private var entries: [String: Entry] = [:]

    init(of user: UserKey, in ledger: any Ledger, on loop: any EventLoop, logger: Logger) {
        self.user = user
        self.ledger = ledger
        self.loop = loop
        self.logger = logger
    }

    /// What sessions are shown: as last known.
    subscript(site: String) -> [UInt8] { entries[site]?.data ?? Userdata.empty }

    /// Makes the data known, if they are not. False when they cannot be read, which is logged.
    func read(_ site: String, _ done: @escaping (Bool) -> Void) {
        if let entry = entries[site], !entry.isDoubtful { return done(true) }
        ledger.userdata(
            realm: user.realm, user: user.user, site: site, on: loop,
            loop.back { result in
                switch result {
                case .success(let text):
                    self.entries[site] = Entry(data: text.map { Array($0.utf8) } ?? Userdata.empty, isDoubtful: false)
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
        ledger.setUserdata(
            realm: user.realm, user: user.user, site: site, json: String(decoding: data, as: UTF8.self), on: loop,
            loop.back { result in
                switch result {
                case .success:
                    self.entries[site] = Entry(data: data, isDoubtful: false)
                    done(true)
                case .failure(let error):
                    self.logger.error("userdata not stored", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    self.entries[site]?.isDoubtful = true
                    self.read(site) { _ in done(false) }
                }
            })
    }
}
