public import NIOCore

/// Accounts, transitions and the journal in the file.
extension SQLiteStore {
    public func account(
        _ key: AccountKey, initialCredits: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Account>
    ) {
        let problem = (initialCredits ?? 0) < 0 ? StoreError(.invalid, "negative credits") : Rules.problem(in: key)
        write(on: loop, done, problem: problem) { try $0.ledger.account(key, initialCredits: initialCredits) }
    }

    public func overdue(
        openedBefore moment: Int64, after cursor: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<OverduePage>
    ) {
        history(on: loop, done, problem: Rules.problem(inLimit: limit)) {
            try LedgerReads.overdue(openedBefore: moment, after: cursor, limit: limit, $0)
        }
    }

    public func commit(
        _ transition: Transition, on loop: any EventLoop, _ done: @escaping @Sendable (CommitResult) -> Void
    ) {
        let request = WriteRequest(loop: loop, bytes: transition.payloadBytes, work: .commit(transition, done))
        send(request, problem: Rules.problem(in: transition))
    }

    public func jackpots(
        realm: String, site: String, on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>
    ) {
        read(on: loop, done) { try LedgerReads.jackpots(realm: realm, site: site, $0) }
    }

    public func openJackpots(
        realm: String, _ openings: [JackpotOpening], on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>
    ) {
        write(on: loop, done, bytes: openings.count * 128, problem: Rules.problem(inOpenings: openings, realm: realm)) {
            try $0.ledger.openJackpots(openings, realm: realm)
        }
    }

    public func user(
        realm: String, uid: String, profile: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<UserRecord>
    ) {
        let problem = Rules.problem(inNames: realm, uid) ?? Rules.problem(inProfile: profile)
        write(on: loop, done, bytes: profile.utf8.count, problem: problem) {
            try $0.users.user(realm: realm, uid: uid, profile: profile)
        }
    }

    public func userdata(
        realm: String, user: String, site: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<String?>
    ) {
        read(on: loop, done) { try LedgerReads.userdata(realm: realm, user: user, site: site, $0) }
    }

    public func setUserdata(
        realm: String, user: String, site: String, json: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        let problem = Rules.problem(inUserdata: json, realm, user, site)
        write(on: loop, done, bytes: json.utf8.count, problem: problem) {
            try $0.users.setUserdata(realm: realm, user: user, site: site, json: json)
        }
    }

    // MARK: What happened

    public func lastGames(
        _ key: AccountKey, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        history(on: loop, done, problem: Rules.problem(inGames: limit)) { try LedgerReads.lastGames(key, limit: limit, $0) }
    }

    public func sums(on loop: any EventLoop, _ done: @escaping StoreCallback<StoreSums>) {
        history(on: loop, done) { try LedgerReads.sums($0) }
    }

    public func journal(
        since seq: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        history(on: loop, done, problem: Rules.problem(inLimit: limit)) { try LedgerReads.journal(since: seq, limit: limit, $0) }
    }
}
