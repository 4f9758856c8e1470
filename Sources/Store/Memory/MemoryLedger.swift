public import NIOCore

/// Accounts, transitions and the journal in memory.
extension MemoryStore {
    public func account(
        _ key: AccountKey, initialCredits: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Account>
    ) {
        let problem = (initialCredits ?? 0) < 0 ? StoreError(.invalid, "negative credits") : Rules.problem(in: key)
        perform(on: loop, done, problem: problem) { state, now throws(StoreError) in
            try state.account(key, initialCredits: initialCredits, now: now)
        }
    }

    public func overdue(
        openedBefore moment: Int64, after cursor: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<OverduePage>
    ) {
        perform(on: loop, done, problem: Rules.problem(inLimit: limit), writes: false) { state, _ throws(StoreError) in
            state.overdue(openedBefore: moment)
        }
    }

    public func commit(
        _ transition: Transition, on loop: any EventLoop, _ done: @escaping @Sendable (CommitResult) -> Void
    ) {
        let result = result(problem: Rules.problem(in: transition), writes: true) { state, now throws(StoreError) in
            try state.commit(transition, now: now)
        }
        let answer: CommitResult
        switch result {
        case .success(let made): answer = made
        case .failure(let error): answer = .unavailable(error)
        }
        completions.add(loop) { done(answer) }
    }

    public func jackpots(
        realm: String, site: String, on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>
    ) {
        perform(on: loop, done, writes: false) { state, _ throws(StoreError) in
            state.jackpots(realm: realm, site: site)
        }
    }

    public func openJackpots(
        realm: String, _ openings: [JackpotOpening], on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>
    ) {
        perform(on: loop, done, problem: Rules.problem(inOpenings: openings, realm: realm)) { state, _ throws(StoreError) in
            state.openJackpots(realm: realm, openings)
        }
    }

    public func user(
        realm: String, uid: String, profile: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<UserRecord>
    ) {
        let problem = Rules.problem(inNames: realm, uid) ?? Rules.problem(inProfile: profile)
        perform(on: loop, done, problem: problem) { state, now throws(StoreError) in
            state.user(realm: realm, uid: uid, profile: profile, now: now)
        }
    }

    public func userdata(
        realm: String, user: String, site: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<String?>
    ) {
        perform(on: loop, done, writes: false) { state, _ throws(StoreError) in
            state.userdata[MemoryState.path(realm, user, site)]
        }
    }

    public func setUserdata(
        realm: String, user: String, site: String, json: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        let problem = Rules.problem(inUserdata: json, realm, user, site)
        perform(on: loop, done, problem: problem) { state, _ throws(StoreError) in
            state.userdata[MemoryState.path(realm, user, site)] = json
        }
    }

    // MARK: What happened

    public func lastGames(
        _ key: AccountKey, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        perform(on: loop, done, problem: Rules.problem(inGames: limit), writes: false) { state, _ throws(StoreError) in
            state.lastGames(key, limit: limit)
        }
    }

    public func sums(on loop: any EventLoop, _ done: @escaping StoreCallback<StoreSums>) {
        perform(on: loop, done, writes: false) { state, _ throws(StoreError) in try state.sums() }
    }

    public func journal(
        since seq: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        perform(on: loop, done, problem: Rules.problem(inLimit: limit), writes: false) { state, _ throws(StoreError) in
            state.journal(since: seq, limit: limit)
        }
    }
}
