/// The bounds of the running part, each with its reason.
public struct RuntimeLimits: Sendable {
    /// Wall time of one handler including its waits, milliseconds. Longer than any reasonable outside call, short enough that
    /// an old generation ends soon.
    public var handlerMilliseconds: Int64 = 30_000
    /// Least time between two looks at the handlers' time, milliseconds: a look goes through all that wait.
    public var deadlineCheckMilliseconds: Int64 = 100
    /// Messages that may queue behind a running handler of one connection before reading stops.
    public var queuedMessages = 64
    /// Their bytes. Equal to what one connection may have unsent, so a peer costs the same in both directions.
    public var queuedBytes = 256 << 10
    /// Forwarded messages of one connection not yet taken by the owner's handler. More than the queue: messages travel
    /// in batches, and a batch of 64 small ones must not stop reading.
    public var forwardedMessages = 1_024
    /// Their bytes.
    public var forwardedBytes = 256 << 10
    /// Jobs of one package that wait at the same time (handlers, spawned coroutines). 20,000 waiting coroutines are about
    /// 40 MiB of Lua stacks, within the memory limit of a package.
    public var waitingJobs = 20_000
    /// Timers of one package on one worker: entries of one heap, and what they call is kept in Lua's memory.
    public var timers = 10_000
    /// Requests, calls, publications and spawned functions that wait in the mailbox of one package on one worker; more are
    /// refused. A package that takes 0.1 ms for each is a second behind then.
    public var mailboxInputs = 10_000
    /// Bytes of all that waits there, beyond which the same are refused. As much as a package's state may use by itself.
    public var mailboxBytes = 64 << 20
    /// Room names one generation has objects for at once; the least recently used half is forgotten beyond that.
    public var roomNames = 65_536
    /// Effects one slice may record. A script that sends more in 20 ms is broken.
    public var effectsPerSlice = 100_000
    /// Bytes of effects one slice may record.
    public var effectBytesPerSlice = 64 << 20
    /// Connections whose `conn.data` is carried over per turn of the loop after a swap.
    public var carriedPerTurn = 256
    /// Waiters of one event name in one package; long polls of a whole room fit.
    public var eventWaiters = 20_000
    /// Publications one slice may record: each goes to every worker that has a subscriber.
    public var publicationsPerSlice = 1_000
    /// Shares of the units in a tick of the loop.
    var scheduler = Scheduler<Unit>.Limits()

    public init() {}
}
