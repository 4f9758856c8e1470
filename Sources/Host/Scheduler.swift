import NIOCore

/// Who takes part in a ``Scheduler``'s rotation.
protocol SchedulerMember: AnyObject {
    /// It has used the share of a whole tick at once: nothing of it runs out of line, and the others come first, until it has
    /// stood back once. Set and taken back by the scheduler.
    var owes: Bool { get set }
}

/// Whose turn it is: units with inputs run in rotation, each for a bounded share, all of them together for a bounded part of
/// one tick of the event loop. A value without loop, clock or Lua.
///
///     add(a) add(b)      a b            next → a   ran(hasMore)   b a     (a's turn is over)
///                        ↑ rotation     next → b   ran(!hasMore)  a       (b has nothing left)
///                                       next → nil                        (the tick's share is spent; renew() with the next tick)
///
/// One input runs to its end whatever it takes, a slice's deadline at most; the bounds say when the next one has to wait. Who
/// has used the share of a whole tick at once stands back (``SchedulerMember/owes``): it lets the others run first, and if one has
/// run in this tick it waits for the next, because what they have to send goes out at the end of a tick. So whoever comes
/// meanwhile waits for one such input and not for two.
struct Scheduler<Member: SchedulerMember> {
    struct Limits: Sendable {
        /// Inputs of one tick. Enough to keep the price of a tick (two system calls) small, few enough that sockets are read
        /// thousands of times a second.
        var inputsPerTick = 256
        /// Their time. A tenth of a slice's deadline: what a neighbour waits for at most, besides one slice.
        var nanosecondsPerTick: Int64 = 2_000_000
        /// Time of a tick after which nothing runs out of line any more. More than the share above, since what runs out of line
        /// saves the price of waiting in line; less than a slice's deadline, so that a neighbour waits for less than two slices.
        var nanosecondsDirect: Int64 = 8_000_000
        /// Inputs of one unit before the next one's turn.
        var inputsPerTurn = 32
        /// Their time.
        var nanosecondsPerTurn: Int64 = 500_000

        init() {}
    }

    let limits: Limits
    private var rotation = CircularBuffer<Member>()
    private var current: Member?
    /// Who stood back first in this tick.
    private var standing: Member?
    /// When the tick's and the unit's share began; nil until something runs.
    private var tickBegan: Int64?
    private var turnBegan: Int64 = 0
    private var inputBegan: Int64 = 0
    /// The thread's processor time when it was last told, in this tick or before it, and in a tick before.
    private var processorSeen: Int64 = 0
    private var processorBefore: Int64 = 0
    private var tickInputs = 0
    private var turnInputs = 0
    /// Nothing more runs before `renew`.
    private(set) var isSpent = false

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Nobody waits for a turn.
    var isEmpty: Bool { rotation.isEmpty && current == nil }

    /// A member has inputs now: it comes last. The caller adds it once until `ran` says that it has no more.
    mutating func add(_ member: Member) { rotation.append(member) }

    /// Whose input runs next; nil: nobody has any, or the tick's share is spent.
    mutating func next(at now: Int64) -> Member? {
        guard !isSpent else { return nil }
        if let current { return current }
        let othersHaveRun = hasBegun
        begin(at: now)
        guard let member = nextInRotation(othersHaveRun) else { return nil }
        current = member
        turnBegan = now
        inputBegan = now
        turnInputs = 0
        return member
    }

    private mutating func nextInRotation(_ othersHaveRun: Bool) -> Member? {
        while let member = rotation.popFirst() {
            if member === standing {
                standing = nil
                guard othersHaveRun else { return member }
                rotation.prepend(member)
                isSpent = true
                return nil
            }
            guard member.owes else { return member }
            member.owes = false
            if standing == nil { standing = member }
            rotation.append(member)
        }
        return nil
    }

    /// The member's input has run.
    mutating func ran(hasMore: Bool, at now: Int64) {
        guard let member = current else { return }
        tickInputs += 1
        turnInputs += 1
        spend(at: now)
        if now - inputBegan >= limits.nanosecondsPerTick { member.owes = true }
        inputBegan = now
        if !hasMore {
            current = nil
        } else if isSpent || turnInputs >= limits.inputsPerTurn || now - turnBegan >= limits.nanosecondsPerTurn {
            current = nil
            rotation.append(member)
        }
    }

    /// Something that did not wait in line has run in this tick; `member` was the last.
    ///
    /// - Parameter processor: Processor time of the loop's thread so far. Time in which the system ran others is no unit's, so
    ///   the tick's time counts as far as the thread has computed since this was last called in a tick before.
    mutating func ranDirectly(_ member: Member, at now: Int64, processor: Int64) {
        begin(at: now)
        let time = min(now - (tickBegan ?? now), processor - processorBefore)
        processorSeen = processor
        guard time >= limits.nanosecondsDirect else { return }
        isSpent = true
        member.owes = true
    }

    /// Something that does not wait in line begins; its time counts from here if it is the tick's first.
    @inline(__always)
    mutating func begin(at now: Int64) {
        if tickBegan == nil { tickBegan = now }
    }

    /// Something has run in this tick.
    @inline(__always) var hasBegun: Bool { tickBegan != nil }

    private mutating func spend(at now: Int64) {
        if tickInputs >= limits.inputsPerTick || now - (tickBegan ?? now) >= limits.nanosecondsPerTick { isSpent = true }
    }

    /// A new tick: the sockets have had their turn.
    mutating func renew() {
        isSpent = false
        standing = nil
        tickBegan = nil
        tickInputs = 0
        processorBefore = processorSeen
    }
}
