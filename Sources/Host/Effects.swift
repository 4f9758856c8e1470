package import LuaRuntime
package import Transport

/// What a slice of Lua asked for. Plain numbers and ranges only, so recording one allocates nothing; texts and payloads
/// lie in the log's arena.
package enum Effect {
    case send(ConnectionID, ArenaRange, MessageKind)
    case close(ConnectionID, code: UInt16, reason: ArenaRange)
    case roomJoin(room: Int64, ConnectionID)
    case roomLeave(room: Int64, ConnectionID)
    /// `except` 0: nobody is left out.
    case roomSend(room: Int64, ArenaRange, MessageKind, except: UInt64)
    case timerSet(TimerID)
    case timerCancel(TimerID)
    /// Wakes the handlers that wait for the event; the second range is one plain value.
    case notify(name: ArenaRange, value: ArenaRange)
    case publish(topic: ArenaRange, value: ArenaRange)
    /// Starts a coroutine; its arguments are `count` references from `first` on in `Effects.references`.
    case spawn(LuaRef, first: Int32, count: Int32)
    /// Clients are meant by their place among those the generation has declared.
    case clientOpen(Int32)
    case clientClose(Int32, code: UInt16, reason: ArenaRange)
    case clientSend(Int32, ArenaRange, MessageKind)
    /// What another target's module wants done: `Effects.actions` at this place.
    case perform(Int32)
}

/// Number of a timer within its generation.
package struct TimerID: Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// What the running slice of one generation has asked for so far, in order: a Lua handler changes nothing by itself.
///
///     a slice of Lua                     when it has returned or waits         when it has raised
///       conn:send("a")   ─▸ send          ┐
///       room:join(conn)  ─▸ roomJoin      ├─▸ EffectApplier.apply, in order     EffectApplier.drop: none happens
///       nightjar.spawn   ─▸ spawn         ┘   a spawned function becomes an
///       store.get("k")   ─▸ pendingWait       input, then the wait begins
///
/// That is why a failed handler leaves nothing half done, why no host function can run another handler within the one that
/// calls it, and why a handler is tested without sockets: look at what it has recorded.
///
/// Recording costs no allocation. An `Effect` is a few plain numbers; bytes are copied to the `arena`, arguments of spawned
/// functions are `references`; both are emptied with the list and their memory is used again by the next slice.
///
/// Bounded by `effectsPerSlice` and `effectBytesPerSlice` of `RuntimeLimits`: a full list raises in the script that goes on
/// (`Generation.refusal`). What a wait begins, and what follows from it, is not recorded here but in `Wait`: it is always the
/// last thing a slice asks for.
package struct Effects: ~Copyable {
    /// What `removeAll` keeps; more is given back.
    private static let kept = 1_024

    // Memory of its own in place of an array: the log is filled and cleared for every message.
    private var base: UnsafeMutablePointer<Effect>
    private var capacity: Int
    private(set) var count = 0
    package var arena = ByteArena()
    /// Publications among them.
    package var publications = 0
    /// Bytes to be sent by clients (`clientSend`).
    private(set) var clientBytes = 0
    /// Arguments of spawned coroutines.
    package var references: ContiguousArray<LuaRef> = []
    /// What modules of other targets want done on the worker's loop, for what is asked for seldom: each is an allocation.
    private(set) var actions: [(Worker) -> Void] = []
    private var actionBytes = 0
    /// `effectsPerSlice` and `effectBytesPerSlice`.
    private let countMax: Int
    private let bytesMax: Int

    init(limits: RuntimeLimits = RuntimeLimits()) {
        capacity = 64
        base = .allocate(capacity: 64)
        countMax = limits.effectsPerSlice
        bytesMax = limits.effectBytesPerSlice
    }

    deinit { base.deallocate() }

    @inline(__always) package var isEmpty: Bool { count == 0 }

    /// The slice has recorded all it may.
    @inline(__always) package var isFull: Bool { count >= countMax || arena.count + actionBytes >= bytesMax }

    @inline(__always)
    subscript(index: Int) -> Effect {
        precondition(index < count, "effect out of range")
        return base[index]
    }

    @inline(__always)
    package mutating func append(_ effect: Effect) {
        if count == capacity { grow() }
        base.advanced(by: count).initialize(to: effect)
        count += 1
    }

    @inline(__always)
    package mutating func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        let range = arena.append(bytes)
        append(.send(id, range, kind))
    }

    /// A message that a client is to send.
    package mutating func send(client: Int, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        clientBytes += bytes.count
        append(.clientSend(Int32(client), arena.append(bytes), kind))
    }

    /// Something that a module of another target wants done.
    ///
    /// - Parameter bytes: What it holds; counts toward what a slice may record.
    package mutating func perform(bytes: Int, _ action: @escaping (Worker) -> Void) {
        actions.append(action)
        actionBytes += bytes
        append(.perform(Int32(actions.count - 1)))
    }

    /// Bytes of all messages that a client is to send.
    func bytes(client: Int32) -> Int {
        var sum = 0
        for index in 0..<count {
            if case .clientSend(client, let range, _) = base[index] { sum += Int(range.count) }
        }
        return sum
    }

    /// Forgets everything; memory is kept for the next slice.
    @inline(__always)
    package mutating func removeAll() {
        // Effects are plain numbers: nothing to release.
        count = 0
        publications = 0
        clientBytes = 0
        arena.removeAll()
        if capacity > Effects.kept || !references.isEmpty || !actions.isEmpty { removeRare() }
    }

    @inline(never)
    private mutating func removeRare() {
        references.removeAll(keepingCapacity: references.count <= Effects.kept)
        actions.removeAll()
        actionBytes = 0
        if capacity > Effects.kept {
            base.deallocate()
            capacity = 64
            base = .allocate(capacity: 64)
        }
    }

    @inline(never)
    private mutating func grow() {
        let new = UnsafeMutablePointer<Effect>.allocate(capacity: capacity * 2)
        new.moveInitialize(from: base, count: count)
        base.deallocate()
        base = new
        capacity *= 2
    }
}
