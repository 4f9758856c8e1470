/// The bounds of everything the store queues, buffers or keeps.
public enum StoreLimits {
    /// Requests waiting for the writer, and again for the reader. About a second of work at the measured rate;
    /// beyond it an answer would come too late to be of use, so the request is refused as `busy`.
    public static let queuedRequests = 65_536
    /// Bytes of payload waiting for the writer, so that large values cannot exhaust memory before the count does.
    public static let queuedBytes = 256 << 20
    /// Requests in one SQLite transaction: above this the share of the sync is negligible and only latency grows.
    public static let groupRequests = 512
    /// Groups of so many requests show that many callers wait at once: then the next group may gather.
    public static let gatherFrom = 4
    /// And is worked on as soon as it has so many.
    public static let gatherMost = 48
    /// Or after so long: short against the time of a sync under load.
    public static let gatherSeconds = 0.0008
    /// Milliseconds the writer waits for a database locked by another process; then the group is `unavailable`.
    public static let lockWait: Int64 = 1_000
    /// Problems `SQLiteStore.verify` lists; more are only counted.
    public static let listedProblems = 100
    /// Milliseconds a check at a start may take; what a restart can bear.
    static let startCheck: Int64 = 1_000
    /// Journal entries it looks at: more than a crash can have touched, read in some milliseconds.
    static let startCheckEntries: Int64 = 1_000
    /// Bytes of a file that SQLite checks as a whole within that time.
    static let startCheckBytes: Int64 = 128 << 20
    /// Payload bytes in one SQLite transaction; keeps the write-ahead log small.
    public static let groupBytes = 8 << 20
    /// Bytes of realm, user, denomination, site, game, topic, member and key names, each.
    public static let nameBytes = 512
    /// Bytes of one game state.
    public static let blobBytes = 1 << 20
    /// Bytes of one journal body: several steps, each with its state.
    public static let bodyBytes = 4 << 20
    /// Bytes of a key-value value.
    public static let valueBytes = 1 << 20
    /// Bytes of a user's data on one site (docs/session-protocol.md: 16 KiB).
    public static let userdataBytes = 16 << 10
    /// Bytes of a user's profile.
    public static let profileBytes = 16 << 10
    /// Bytes of one outbox body.
    public static let outboxBytes = 1 << 20
    /// Outbox items that wait to be accepted, in a file. A day of a service that is away at a hundred items a second, some
    /// gigabytes; beyond it changes that must be told are refused, for what is never told piles up and is found out too late.
    public static let pendingOutbox = 10_000_000
    /// The same in memory, and the bytes of their bodies.
    public static let pendingOutboxInMemory = 100_000
    public static let pendingOutboxBytes = 256 << 20
    /// Ledger entries, jackpot changes and outbox items of one transition, each.
    public static let itemsPerTransition = 1_024
    /// Parked games of one account. Above it one without an open round gives way.
    public static let parkedPerAccount = 64
    /// Accounts that one page of `Ledger.overdue` looks at: some 10 ms of the reader's time.
    public static let headsPerPage = 4_096
    /// Rows one read may return (journal, outbox, sorted ranges, last games).
    public static let rowsPerRead = 10_000
    /// Payload bytes one read may return (at least one row is returned all the same).
    public static let bytesPerRead = 16 << 20
    /// Journal rows looked through for one `lastGames`, per game asked for.
    public static let rowsPerGame = 64
    /// Rounds one `lastGames` may ask for.
    public static let gamesPerRead = 1_000
    /// Members in one sorted-set call.
    public static let membersPerCall = 1_024
    /// Changes made together: a group of a few hundred shares its sync with others all the same.
    public static let writesPerBatch = 256
    /// Bytes of the values and outbox bodies of such a batch: half of a transaction, so that one batch does not hold up all others.
    public static let batchBytes = 4 << 20
    /// Bytes of all keys, values and sorted sets of a `MemoryStore`: scripts that write without an end are told so long before the
    /// machine has no more, and what tests and trials keep fits many times.
    public static let memoryBytes = 256 << 20
    /// What an entry of it costs beside its bytes: the table's place, the headers of its names and its value.
    static let memoryEntryBytes = 256
    /// Journal entries `MemoryStore` keeps; the oldest are forgotten (their sums are not).
    public static let memoryJournalEntries = 16_384
    /// Accounts whose head figures the SQLite writer remembers; beyond it the memory is emptied and refills.
    public static let rememberedHeads = 100_000
    /// Journal entries whose heads need not have been written yet. They are read again at a start, which takes some
    /// milliseconds; the more, the fewer pages are written, for many changes of one head become one.
    public static let unwrittenEntries: Int64 = 8_192
    /// Bytes of state and body at which packing an entry begins to pay.
    static let packedFrom = 64
    /// And above which it is left as it is: a delta refers to 64 KiB at most, and what is so large is rare.
    static let packedBytes = 32 << 10
    /// Entries that are packed with the same base. A base costs its full size; more would save no more than 1 %.
    static let packedPerBase = 64
    /// Accounts whose base the SQLite writer remembers, some 2 KB each; beyond it the memory is emptied and refills.
    static let rememberedBases = 16_384
    /// Ids of the latest journal entries that the SQLite writer remembers, to recognize one that comes again with
    /// another expected version.
    public static let rememberedIDs = 16_384
    /// Entries of an account looked through for the one that a late retry repeats.
    public static let retryDepth: Int64 = 64
    /// Jackpots the SQLite writer remembers, likewise.
    public static let rememberedJackpots = 10_000
    /// Expired keys removed in one sweep, so that a sweep never delays a commit noticeably.
    public static let sweepRows = 256
    /// Milliseconds between sweeps of expired keys. Reading is exact without them; they only free space.
    public static let sweepInterval: Int64 = 1_000
    // MARK: Archives

    /// Entries of one archive's file: 30 MB of lines in memory, 3 to 5 MB on the disk.
    static let archiveFileEntries = 16_384
    /// A piece of fewer entries waits for more, so that a server of few players does not get a file a day.
    static let archiveFileEntriesMin = 1_024
    /// Bytes of states and bodies at which a file is full as well.
    static let archiveFileBytes = 64 << 20
    /// No file is larger, packed or not: the last entry of a full one may bring what one entry may have, escaped.
    static let archiveFileBytesMax = 512 << 20
    /// The latest entries stay, whatever their age: a start checks them.
    static let unarchivedEntries: Int64 = 1_024
    /// Rows looked at in one transaction of deletions: the server waits as long, some 20 ms.
    static let archiveDeletedRows = 4_096
    /// Milliseconds that archiving waits for its turn beside a server that writes all the time.
    static let archivePatience: Int64 = 60_000
    /// Milliseconds between two of them, for the server to write in.
    static let archivePause = 50
}
