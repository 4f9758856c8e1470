import GRDB
public import Logging
public import NIOCore

/// The durable store: one SQLite file (write-ahead log, every commit synced), one thread that writes in groups, one
/// that reads what is short and one that reads what may be long.
public final class SQLiteStore: Store {
    /// What may differ from the defaults.
    public struct Options: Sendable {
        /// Milliseconds since 1970; decides about expiry and dates the journal.
        public var clock: StoreClock = systemStoreClock
        /// Failures to order, for tests.
        public var faults: StoreFaults?
        /// Milliseconds to wait for a database locked by another process.
        public var lockWait = StoreLimits.lockWait

        public init() {}
    }

    private let writes = RequestQueue<WriteRequest>()
    private let reads = RequestQueue<ReadRequest>()
    private let longReads = RequestQueue<ReadRequest>()
    private let ended = [Latch(), Latch(), Latch()]
    private let faults: StoreFaults?
    private let clock: StoreClock

    /// Opens the file at `path`, creating or migrating it; its folder must exist. Blocks: not on an event loop.
    public init(path: String, options: Options = Options(), logger: Logger) throws(StoreError) {
        faults = options.faults
        clock = options.clock
        do {
            let writer = try DatabaseQueue(path: path, configuration: SQLiteStore.writing(options))
            try Schema.migrator.migrate(writer)
            // GRDB's own setting for write-ahead logs is NORMAL, which may lose the last commits with the power.
            try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            var reading = Configuration()
            reading.readonly = true
            reading.busyMode = .timeout(Double(options.lockWait) / 1_000)
            let short = try DatabaseQueue(path: path, configuration: reading)
            let long = try DatabaseQueue(path: path, configuration: reading)
            WriterThread.start(
                writer, writes, clock: options.clock, faults: options.faults, logger: logger, ended: ended[0])
            ReaderThread.start(short, reads, name: "store-reader", logger: logger, ended: ended[1])
            ReaderThread.start(long, longReads, name: "store-history", logger: logger, ended: ended[2])
        } catch {
            throw SQLiteStore.storeError(error, path)
        }
    }

    deinit {
        writes.close()
        reads.close()
        longReads.close()
    }

    private static func writing(_ options: Options) -> Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(Double(options.lockWait) / 1_000)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA page_size = \(Tuning.pageSize)")
            try db.execute(sql: "PRAGMA cache_size = -\(Tuning.cacheKiB)")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Tuning.checkpointPages)")
        }
        return configuration
    }

    static func storeError(_ error: any Error, _ path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        if let error = error as? SQLFailure { return error.storeError }
        if let error = error as? DatabaseError,
            [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            return StoreError(.corrupt, "\(path): \(error)")
        }
        return StoreError(.unavailable, "\(path): \(error)")
    }

    // MARK: Queueing

    private func send(_ request: WriteRequest, problem: StoreError?) {
        guard let problem = problem ?? faults?.failure(at: .call) ?? writes.push(request) else { return }
        let answer = request.reject(problem)
        request.loop.execute { answer() }
    }

    private func send(_ request: ReadRequest, to queue: RequestQueue<ReadRequest>, problem: StoreError? = nil) {
        guard let problem = problem ?? faults?.failure(at: .call) ?? queue.push(request) else { return }
        request.loop.execute { request.reject(problem) }
    }

    private func write<Value: Sendable>(
        on loop: any EventLoop, _ done: @escaping StoreCallback<Value>, bytes: Int = 0, problem: StoreError? = nil,
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) {
        send(WriteRequest.request(on: loop, bytes: bytes, done, body), problem: problem)
    }

    // MARK: Accounts

    public func account(
        _ key: AccountKey, initialCredits: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Account>
    ) {
        let problem = initialCredits < 0 ? StoreError(.invalid, "negative credits") : Rules.problem(in: key)
        write(on: loop, done, problem: problem) { try $0.account(key, initialCredits: initialCredits) }
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
        send(.request(on: loop, done) { try Reads.jackpots(realm: realm, site: site, $0) }, to: reads)
    }

    public func user(
        realm: String, uid: String, profile: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<UserRecord>
    ) {
        let problem = Rules.problem(inNames: realm, uid) ?? Rules.problem(inProfile: profile)
        write(on: loop, done, bytes: profile.utf8.count, problem: problem) {
            try $0.user(realm: realm, uid: uid, profile: profile)
        }
    }

    public func userdata(
        realm: String, user: String, site: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<String?>
    ) {
        send(.request(on: loop, done) { try Reads.userdata(realm: realm, user: user, site: site, $0) }, to: reads)
    }

    public func setUserdata(
        realm: String, user: String, site: String, json: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        let problem = Rules.problem(inUserdata: json, realm, user, site)
        write(on: loop, done, bytes: json.utf8.count, problem: problem) {
            try $0.setUserdata(realm: realm, user: user, site: site, json: json)
        }
    }

    // MARK: What happened

    public func lastGames(
        _ key: AccountKey, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        send(
            .request(on: loop, done) { try Reads.lastGames(key, limit: limit, $0) }, to: longReads,
            problem: Rules.problem(inGames: limit))
    }

    public func sums(on loop: any EventLoop, _ done: @escaping StoreCallback<StoreSums>) {
        send(.request(on: loop, done) { try Reads.sums($0) }, to: longReads)
    }

    public func journal(
        since seq: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        send(
            .request(on: loop, done) { try Reads.journal(since: seq, limit: limit, $0) }, to: longReads,
            problem: Rules.problem(inLimit: limit))
    }

    // MARK: Keys and values

    public func get(_ key: StoreKey, on loop: any EventLoop, _ done: @escaping StoreCallback<StoreValue?>) {
        let name = key.text
        send(
            .request(on: loop, done) { [clock] in try Reads.value(name, now: clock(), $0) }, to: reads,
            problem: Rules.problem(in: key))
    }

    public func set(
        _ key: StoreKey, _ value: [UInt8], ttl: Int64?, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inTTL: ttl) ?? Rules.problem(inValue: value)
        write(on: loop, done, bytes: value.count, problem: problem) {
            let now = $0.clock()
            return try $0.set(name, value, expiresAt: Rules.expiry(ttl, now: now), ifVersion: ifVersion, now: now)
        }
    }

    public func delete(
        _ key: StoreKey, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>
    ) {
        let name = key.text
        write(on: loop, done, problem: Rules.problem(in: key)) {
            try $0.delete(name, ifVersion: ifVersion, now: $0.clock())
        }
    }

    public func increment(
        _ key: StoreKey, by amount: Int64, ttl: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int64>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inTTL: ttl)
        write(on: loop, done, problem: problem) { try $0.increment(name, by: amount, ttl: ttl) }
    }

    // MARK: Sorted sets

    public func sortedAdd(
        _ key: StoreKey, _ members: [SortedMember],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inScores: members)
        write(on: loop, done, bytes: members.count * 64, problem: problem) { try $0.sortedAdd(name, members) }
    }

    public func sortedRange(
        _ key: StoreKey, _ range: SortedRange,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[SortedMember]>
    ) {
        let name = key.text
        send(
            .request(on: loop, done) { try Reads.sortedRange(name, range, $0) }, to: reads,
            problem: Rules.problem(in: key) ?? Rules.problem(inLimit: range.limit))
    }

    public func sortedRemove(
        _ key: StoreKey, _ members: [String],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inMembers: members)
        write(on: loop, done, bytes: members.count * 64, problem: problem) { try $0.sortedRemove(name, members) }
    }

    public func sortedCount(
        _ key: StoreKey, scores: ClosedRange<Double>?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let name = key.text
        send(
            .request(on: loop, done) { try Reads.sortedCount(name, scores: scores, $0) }, to: reads,
            problem: Rules.problem(in: key))
    }

    // MARK: Several at once

    public func apply(_ changes: [StoreChange], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        let bytes = changes.reduce(0) { $0 + $1.payloadBytes }
        write(on: loop, done, bytes: bytes, problem: Rules.problem(inChanges: changes)) { session in
            for change in changes { try session.apply(change) }
        }
    }

    // MARK: Outbox

    public func outboxNext(
        limit: Int, now: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[OutboxEntry]>
    ) {
        send(
            .request(on: loop, done) { try Reads.outbox(limit: limit, now: now, $0) }, to: longReads,
            problem: Rules.problem(inLimit: limit))
    }

    public func outboxDelivered(_ id: Int64, on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        write(on: loop, done) { try $0.outboxDelivered(id) }
    }

    public func outboxFailed(
        _ id: Int64, nextAt: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        write(on: loop, done) { try $0.outboxFailed(id, nextAt: nextAt) }
    }

    // MARK: For tests and the end

    /// Removes expired keys now; answers how many.
    func sweep(on loop: any EventLoop, _ done: @escaping StoreCallback<Int>) {
        write(on: loop, done) { try $0.sweep() }
    }

    /// Lets the file grow to `pages` and no further.
    func limit(pages: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        write(on: loop, done) { session in
            let statement = try Statement(session.connection, "PRAGMA max_page_count = \(pages)")
            try statement.run()
        }
    }

    public func close() async {
        // Readers first: the last connection to close tidies the log, and that needs the right to write.
        reads.close()
        longReads.close()
        await ended[1].wait()
        await ended[2].wait()
        writes.close()
        await ended[0].wait()
    }
}

/// Settings of the database, chosen by measurement: transitions in groups of 64 with a state of 1,200 bytes and a
/// body of 1,500.
enum Tuning {
    /// Bytes of a page. Rows of 3 KB come one after another, so large pages mean fewer writes: 12 a group instead
    /// of 64 with pages of 4 KiB.
    static let pageSize = 16_384
    /// Memory for pages, in KiB.
    static let cacheKiB = 65_536
    /// Pages in the write-ahead log at which it is copied into the file. More would hardly save anything, as the
    /// journal's pages are written once, but would make the pause longer.
    static let checkpointPages = 1_000
}
