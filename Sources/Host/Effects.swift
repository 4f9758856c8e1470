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
    /// Something a module keeps by itself, see `Effects.actions`.
    case action(Int32)
}

/// Number of a timer within its instance.
package struct TimerID: Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// The effects recorded by the running slice of one instance, in order.
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
    /// Arguments of spawned coroutines.
    package var references: ContiguousArray<LuaRef> = []
    /// Rare effects of host modules: run on the worker's loop when their turn comes.
    var actions: ContiguousArray<(Worker) -> Void> = []
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
    @inline(__always) package var isFull: Bool { count >= countMax || arena.count >= bytesMax }

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

    mutating func perform(_ action: @escaping (Worker) -> Void) {
        actions.append(action)
        append(.action(Int32(actions.count - 1)))
    }

    /// Forgets everything; memory is kept for the next slice.
    @inline(__always)
    package mutating func removeAll() {
        // Effects are plain numbers: nothing to release.
        count = 0
        publications = 0
        arena.removeAll()
        if capacity > Effects.kept || !references.isEmpty || !actions.isEmpty { removeRare() }
    }

    @inline(never)
    private mutating func removeRare() {
        references.removeAll(keepingCapacity: references.count <= Effects.kept)
        actions.removeAll()
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
