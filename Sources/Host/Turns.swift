import NIOCore

/// The turns of one worker: who may run now, what of the present tick is spent, what waits for the next one. Loop-bound.
///
///     one tick of the event loop
///     ┌─────────────┬───────────────────────────────┬──────────────┐
///     │ sockets     │ tasks                         │ tickEnded    │ … waits for sockets …
///     │ read, direct│ take: unit a, unit b, a …     │ a new share  │
///     │ messages    │ until the share is spent      │              │
///     └─────────────┴───────────────────────────────┴──────────────┘
///
/// The worker and the parts of its units hold it and it holds none of them for longer than they wait, so that the path of a
/// message reaches it without counting a reference.
final class Turns {
    private let eventLoop: any EventLoop
    /// Empty: what comes from a socket may run at once.
    var obstacles: Obstacles = []
    private var scheduler: Scheduler<Unit>
    /// When `endDirect` last looked.
    private var coarseTime = 0
    private var isScheduled = false
    /// Work of the host that can wait: one piece per tick.
    private var chores = CircularBuffer<() -> Void>()
    /// The loop tells its ticks; else a pause stands for one.
    private var hasTicks = false

    init(eventLoop: any EventLoop, limits: Scheduler<Unit>.Limits) {
        self.eventLoop = eventLoop
        scheduler = Scheduler(limits: limits)
    }

    // MARK: In line

    /// A unit has inputs: it comes last in the rotation.
    func add(_ unit: Unit) {
        scheduler.add(unit)
        schedule()
    }

    /// Runs work of the host in some later tick.
    func later(_ chore: @escaping () -> Void) {
        chores.append(chore)
        schedule()
    }

    /// Has `take` called in this tick, or in the next one if this one's share is spent.
    private func schedule() {
        guard !isScheduled, !obstacles.contains(.turn) else { return }
        isScheduled = true
        guard obstacles.contains(.spent) else {
            return eventLoop.assumeIsolated().execute { [self] in
                isScheduled = false
                take()
            }
        }
        // The loop runs what it is given at once, before it looks after its sockets again; a task of the future lets it.
        eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
            isScheduled = false
            if !hasTicks { renew() }
            if obstacles.contains(.spent) { schedule() } else { take() }
        }
    }

    /// Long enough for a task not to be due when the loop looks for further ones.
    private static let pause = TimeAmount.microseconds(20)

    /// Takes inputs from the units in rotation, as long as the tick's share lasts. A task of the loop, never inside Lua.
    func take() {
        guard obstacles.isEmpty else { return scheduler.isEmpty ? () : schedule() }
        obstacles.insert(.turn)
        var now = Self.now()
        while let unit = scheduler.next(at: now) {
            unit.takeInput()
            now = Self.now()
            let hasMore = unit.staysInRotation()
            scheduler.ran(hasMore: hasMore, at: now)
            if !hasMore, unit.generation == nil { unit.worker.forgetIfOver(unit) }
        }
        if let chore = chores.popFirst() { chore() }
        // One chore a tick: the next one comes after the sockets.
        if scheduler.isSpent || !chores.isEmpty { obstacles.insert(.spent) }
        obstacles.remove(.turn)
        if !scheduler.isEmpty || !chores.isEmpty { schedule() }
    }

    /// The loop has run its tasks and looks after its sockets next.
    func tickEnded() {
        hasTicks = true
        if scheduler.hasBegun { renew() }
    }

    private func renew() {
        scheduler.renew()
        obstacles.remove(.spent)
    }

    // MARK: Out of line

    /// Before something that runs at once.
    @inline(__always)
    func beginDirect() {
        if !scheduler.hasBegun { scheduler.begin(at: Self.now()) }
    }

    /// After it. Looks at the real clocks only when the coarse one has moved, in this tick or since the last look in another.
    @inline(__always)
    func endDirect(_ unit: Unit) {
        let time = CoarseClock.now()
        if time != coarseTime { checkShare(time, unit) }
    }

    @inline(never)
    private func checkShare(_ time: Int, _ unit: Unit) {
        coarseTime = time
        scheduler.ranDirectly(unit, at: Self.now(), processor: ProcessorClock.now())
        guard scheduler.isSpent else { return }
        obstacles.insert(.spent)
        if !scheduler.isEmpty { schedule() }
    }

    private static func now() -> Int64 { Int64(bitPattern: NIODeadline.now().uptimeNanoseconds) }
}
