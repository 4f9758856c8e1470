import LuaRuntime
import Transport

/// What a slice of Lua asked for. Plain numbers and ranges only, so recording one allocates nothing; texts and payloads
/// lie in the log's arena.
enum Effect {
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
    /// Starts a coroutine; its arguments are `count` references from `first` on in `EffectLog.references`.
    case spawn(LuaRef, first: Int32, count: Int32)
    /// Something a module keeps by itself, see `EffectLog.actions`.
    case action(Int32)
}

/// Number of a timer within its instance.
struct TimerID: Hashable, Sendable {
    let rawValue: Int64
}

/// The effects recorded by the running slice of one instance, in order.
struct EffectLog: ~Copyable {
    private(set) var effects: ContiguousArray<Effect> = []
    var arena = ByteArena()
    /// Arguments of spawned coroutines.
    var references: ContiguousArray<LuaRef> = []
    /// Rare effects of host modules: run on the worker's loop when their turn comes.
    var actions: ContiguousArray<(Worker) -> Void> = []

    init() { effects.reserveCapacity(64) }

    @inline(__always) var isEmpty: Bool { effects.isEmpty }
    @inline(__always) var count: Int { effects.count }

    @inline(__always)
    subscript(index: Int) -> Effect { effects[index] }

    @inline(__always)
    mutating func append(_ effect: Effect) { effects.append(effect) }

    @inline(__always)
    mutating func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        let range = arena.append(bytes)
        effects.append(.send(id, range, kind))
    }

    mutating func perform(_ action: @escaping (Worker) -> Void) {
        actions.append(action)
        effects.append(.action(Int32(actions.count - 1)))
    }

    /// Forgets everything; memory is kept for the next slice.
    @inline(__always)
    mutating func removeAll() {
        effects.removeAll(keepingCapacity: true)
        arena.removeAll()
        if !references.isEmpty { references.removeAll(keepingCapacity: true) }
        if !actions.isEmpty { actions.removeAll(keepingCapacity: true) }
    }
}
