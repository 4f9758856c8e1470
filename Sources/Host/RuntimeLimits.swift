/// The bounds of the running part, each with its reason.
public struct RuntimeLimits: Sendable {
    /// Wall time of one handler including its waits, seconds. Longer than any reasonable outside call, short enough that
    /// an old generation ends soon.
    public var handlerSeconds: Int64 = 30
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
    /// Timers of one package on one worker. Each costs a scheduled task of the loop.
    public var timers = 10_000
    /// Things that wait for a swap to end, besides connection messages: requests, timers, answers.
    public var heldEvents = 10_000
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
    /// Waits of other packages' functions answered late are dropped after `handlerSeconds`; so many may be open per worker.
    public var openCalls = 20_000

    public init() {}
}
