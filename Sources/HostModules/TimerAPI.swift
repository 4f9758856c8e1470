import Host
import LuaRuntime

/// `nightjar.timer`, `nightjar.spawn`, `nightjar.sleep`.
struct TimerAPI: HostModule {
    static let type = ObjectTypes.register("timer")
    var functions: [HostFunction] { [Self.after, Self.every, Self.spawn, Self.sleep] }
    var types: [HostType] { [Self.hostType] }

    private static let hostType = HostType(
        id: type, name: "timer", methods: [cancel], "A timer that was set; `cancel()` ends it.")

    /// 1 ms … 1 year: the loop's clock is no finer, and longer plans belong into the store.
    private static let secondsRange = 0.001...31_536_000.0
    private static let nameBytesMax = 128

    private static let parameters = [
        HostParameter("name_or_seconds", [.string, .number], "A name makes the timer survive reloads (set it again at load)."),
        HostParameter("seconds_or_function", [.number, .function], "Seconds, 0.001 or more; or the function."),
        HostParameter("function", .function, optional: true, "Called without arguments; may wait.", as: "fun()"),
    ]
    private static let overloads = ["fun(seconds: number, handler: fun()): nightjar.Timer"]
    private static let result = [HostReturn("timer", .object(type))]

    private static let after = HostFunction(
        module: "timer", "after", parameters, returns: result, overloads: overloads,
        "Calls a function once: `after(seconds, fn)` or `after(name, seconds, fn)`. The name of a timer that runs replaces it."
    ) { call in set(&call, "timer.after", repeats: false) }

    private static let every = HostFunction(
        module: "timer", "every", parameters, returns: result, overloads: overloads,
        """
        Calls a function again and again: `every(seconds, fn)` or `every(name, seconds, fn)`. A turn is left out while the \
        one before still waits.
        """
    ) { call in set(&call, "timer.every", repeats: true) }

    private static func set(_ call: inout HostCall, _ what: StaticString, repeats: Bool) -> HostResult {
        let generation = call.generation
        let isNamed = call.kind(0) == .string
        let base = isNamed ? 1 : 0
        guard let seconds = call.number(base), secondsRange.contains(seconds) else {
            return .raise("bad argument #\(base + 1) to '\(what)' (0.001…31536000 seconds expected)")
        }
        guard call.kind(base + 1) == .function else {
            return .raise("bad argument #\(base + 2) to '\(what)' (function expected)")
        }
        guard !isNamed || call.length(0) <= nameBytesMax else {
            return .raise("bad argument #1 to '\(what)' (at most \(nameBytesMax) bytes expected)")
        }
        let name = isNamed ? call.string(0) : nil
        guard generation.timers.count < generation.services.limits.timers else {
            return .raise("too many timers in this package")
        }
        guard let function = call.ref(base + 1) else { return .raise("not enough memory") }
        let interval = Int64(seconds * 1_000_000_000)
        let id = generation.timers.add(.init(name: name, interval: interval, repeats: repeats, function: function))
        if generation.phase == .loading {
            // Nothing is recorded while loading: all timers are armed when the generation goes live.
            if let replaced = generation.timers.claim(id) { generation.state.release(replaced.function) }
        } else {
            generation.effects.append(.timerSet(id))
        }
        call.returnObject(type, id.rawValue)
        return .values
    }

    private static let cancel = HostFunction(
        "cancel", [], "Ends the timer; one that is over ignores it."
    ) { call in
        let generation = call.generation
        let id = TimerID(rawValue: call.handle)
        if generation.phase == .loading {
            _ = generation.timers.remove(id)
        } else {
            generation.effects.append(.timerCancel(id))
        }
        return .none
    }

    private static let spawn = HostFunction(
        "spawn",
        [HostParameter("function", .function, "Called with the further arguments; may wait as long as it wants.", as: "fun(...)")],
        variadic: true,
        returns: [HostReturn("taken", .boolean, optional: true, "nil, \"busy\" if too many wait already; nil, \"stale_generation\" after a reload.")] + CallAPI.busy,
        "Runs a function in a coroutine of its own, after the handler has returned or when it next waits."
    ) { call in
        if let refusal = call.refusal("nightjar.spawn") { return refusal }
        guard call.count <= 8 else { return .raise("at most 7 arguments for a spawned function") }
        let generation = call.generation
        // What a former generation does is to come to an end.
        if generation.phase == .stale { return .failure(code: "stale_generation", detail: "this generation was replaced by a reload") }
        let limits = generation.services.limits
        guard generation.waitingSpawns < limits.mailboxInputs, generation.waitingJobs < limits.waitingJobs, generation.unit?.mailbox.refuses() != true else {
            return .failure(code: "busy", detail: "too many functions of this package wait to begin or to go on")
        }
        guard let function = call.ref(0) else { return .raise("not enough memory") }
        let first = generation.effects.references.count
        for index in 1..<max(1, call.count) {
            guard let reference = call.ref(index) else { return .raise("not enough memory") }
            generation.effects.references.append(reference)
        }
        let count = generation.effects.references.count - first
        generation.waitingSpawns += 1
        generation.effects.append(.spawn(function, first: Int32(first), count: Int32(count)))
        call.returnBoolean(true)
        return .values
    }

    private static let sleep = HostFunction(
        "sleep", [HostParameter("seconds", .number, "0 or more; 0 lets others go first.")], waits: true,
        "Waits for some time."
    ) { call in
        guard let seconds = call.number(0), seconds >= 0, seconds <= secondsRange.upperBound else {
            return .raise("bad argument #1 to 'sleep' (0…31536000 seconds expected)")
        }
        call.generation.pendingWait = .sleep(nanoseconds: Int64(seconds * 1_000_000_000))
        return .wait
    }
}
