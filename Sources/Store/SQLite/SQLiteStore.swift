public import Bytes
public import Logging
import NIOCore

/// The durable store: one SQLite file (write-ahead log, every commit synced), one thread that writes in groups, one
/// that reads what is short and one that reads what may be long.
public final class SQLiteStore: Store {
    /// What may differ from the defaults.
    public struct Options: Sendable {
        /// Milliseconds since 1970; decides about expiry and dates the journal.
        public var clock: WallClock = systemWallClock
        /// Failures to order, for tests.
        public var faults: StoreFaults?
        /// Milliseconds to wait for a database locked by another process.
        public var lockWait = StoreLimits.lockWait
        /// Outbox items that may wait.
        public var pendingOutbox = StoreLimits.pendingOutbox
        /// Further files that must stay where they are while the store is open, like the mark that keeps a second server
        /// away; they must be there.
        public var companions: [String] = []

        public init() {}
    }

    private let writes = RequestQueue<WriteRequest>()
    private let reads = RequestQueue<ReadRequest>()
    private let longReads = RequestQueue<ReadRequest>()
    private let ended = [Latch(), Latch(), Latch()]
    /// What the queues would not take.
    private let refusals = Completions()
    private let faults: StoreFaults?
    let clock: WallClock

    /// Opens the file at `path`, creating or migrating it; its folder must exist. Looks for about a second whether it is
    /// sound. Blocks: not on an event loop.
    /// - Throws: ``StoreError``: `corrupt` for what is no database or is damaged, `foreign` for a database that is no
    ///   store, `newer` for a store of a later release, else `unavailable`.
    public init(path: String, options: Options = Options(), logger: Logger) throws(StoreError) {
        faults = options.faults
        clock = options.clock
        do {
            let lockWait = Duration.milliseconds(options.lockWait)
            let writer = try Database(path: path, lockWait: lockWait)
            // Before anything is changed in a file that is somebody else's.
            _ = try Schema.version(writer)
            try Tuning.apply(to: writer)
            try Schema.prepare(writer)
            try StartCheck(writer).run()
            Self.tellMissingArchives(writer, path, logger)
            let short = try Database(path: path, access: .readOnly, lockWait: lockWait)
            let long = try Database(path: path, access: .readOnly, lockWait: lockWait)
            let places = try FilePlaces([path, path + "-wal", path + "-shm"] + options.companions)
            WriterThread.start(
                writer, writes, places: places, clock: options.clock, outboxMost: options.pendingOutbox,
                faults: options.faults, logger: logger, ended: ended[0])
            ReaderThread.start(short, reads, name: "store-reader", ended: ended[1])
            ReaderThread.start(long, longReads, name: "store-history", ended: ended[2])
        } catch {
            throw SQLiteStore.storeError(error, path)
        }
    }

    /// Nothing that is played needs them; what is asked about old rounds does.
    private static func tellMissingArchives(_ sql: Database, _ path: String, _ logger: Logger) {
        let missing = missingArchives(sql, path)
        guard let first = missing.first else { return }
        logger.error(
            "Archives of the store are not there: rounds, replay, verify and backup need them. Copy them from where the backups are",
            metadata: ["folder": "\(ArchivedPiece.folder(of: path))", "missing": "\(missing.count)", "first": "\(first)"])
    }

    deinit {
        writes.close()
        reads.close()
        longReads.close()
    }

    /// With the path, for it is the operator who reads it.
    static func storeError(_ error: any Error, _ path: String) -> StoreError {
        let error = error as? StoreError ?? (error as? SQLFailure)?.storeError ?? StoreError(.unavailable, "\(error)")
        return StoreError(error.code, "\(path): \(error.detail)")
    }

    // MARK: Queueing, for the parts

    /// Queues a change. `body` runs on the writer's thread; a `StoreError` of it is an answer and must be thrown before
    /// the first write. A request with a `problem` is queued all the same, so that its refusal keeps its place.
    func write<Value: Sendable>(
        on loop: any EventLoop, _ done: @escaping StoreCallback<Value>, bytes: Int = 0, problem: StoreError? = nil,
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) {
        send(WriteRequest.request(on: loop, bytes: bytes, done, body), problem: problem)
    }

    func send(_ request: WriteRequest, problem: StoreError?) {
        var request = request
        if let problem = problem ?? faults?.failure(at: .call) { request = .refused(on: request.loop, request.reject(problem)) }
        if let refusal = writes.push(request) { refusals.add(request.loop, request.reject(refusal)) }
    }

    /// Queues a short read: a few rows found by their key.
    func read<Value: Sendable>(
        on loop: any EventLoop, _ done: @escaping StoreCallback<Value>, problem: StoreError? = nil,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) {
        send(.request(on: loop, done, body), to: reads, problem)
    }

    /// Queues a read that may be long, which short ones do not wait for.
    func history<Value: Sendable>(
        on loop: any EventLoop, _ done: @escaping StoreCallback<Value>, problem: StoreError? = nil,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) {
        send(.request(on: loop, done, body), to: longReads, problem)
    }

    private func send(_ request: ReadRequest, to queue: RequestQueue<ReadRequest>, _ problem: StoreError?) {
        var request = request
        if let problem = problem ?? faults?.failure(at: .call) { request = request.refused(problem) }
        if let refusal = queue.push(request) { refusals.add(request.loop) { [request] in request.reject(refusal) } }
    }

    // MARK: For tests and the end

    /// Removes expired keys now; answers how many.
    func sweep(on loop: any EventLoop, _ done: @escaping StoreCallback<Int>) {
        write(on: loop, done) { try $0.keys.sweep() }
    }

    /// Lets the file grow to `pages` and no further.
    func limit(pages: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        write(on: loop, done) { session in
            try session.sql.run("PRAGMA max_page_count = \(pages)")
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
