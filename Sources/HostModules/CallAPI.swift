import Host
import LuaRuntime

/// `nightjar.provide`, `call`, `publish`, `subscribe`: between packages, by name, plain data only.
struct CallAPI: HostModule {
    var functions: [HostFunction] { [Self.provide, Self.call, Self.publish, Self.subscribe] }
    static let busy = [
        HostReturn("code", .string, optional: true, "With nil: `busy`."), HostReturn("detail", .string, optional: true),
    ]

    /// Bytes of a name or topic.
    private static let nameBytesMax = 256
    /// Bytes of all arguments of a call, or of one published value, as they are copied: as much as the store takes at once.
    /// Larger things are files, or go in parts.
    private static let valueBytesMax = 4 << 20
    /// Names or topics of one package.
    private static let namesMax = 2_000

    private static let provide = HostFunction(
        "provide",
        [HostParameter("name", .string, "Seen by all packages; begin it with the package's name."), HostParameter("function", .function, as: "fun(...: nightjar.Plain): ...")],
        "Declares a function that other packages may call."
    ) { call in
        if let refusal = call.declarationRefusal("provided functions") { return refusal }
        guard (1...nameBytesMax).contains(call.length(0)) else { return badName("provide") }
        let name = call.string(0) ?? ""
        let generation = call.generation
        guard generation.registrations.provided.count < namesMax else { return .raise("more than \(namesMax) provided functions in this package") }
        guard generation.registrations.provided[name] == nil else { return .raise("\(name) is provided twice") }
        guard let function = call.ref(1) else { return .raise("not enough memory") }
        generation.registrations.provided[name] = function
        generation.registrations.functionSites[name] = call.site
        return .none
    }

    private static let call = HostFunction(
        "call", [HostParameter("name", .string, "Of a provided function.")], variadic: true,
        returns: [HostReturn("results", .plain, "What the function returned; or nil, code, detail.")],
        waits: true,
        "Calls a function another package provides. Arguments and results are copied; at most 7 of them."
    ) { call in
        guard (1...nameBytesMax).contains(call.length(0)), let name = call.string(0) else { return badName("call") }
        guard call.count <= 8 else { return .raise("at most 7 arguments for a call") }
        var arguments: [[UInt8]] = []
        var bytes = 0
        for index in 1..<max(1, call.count) {
            do throws(ScriptError) {
                let isWithin = try isLongText(call, index) ? false : call.withPlain(index) {
                    bytes += $0.count
                    guard bytes <= valueBytesMax else { return false }
                    arguments.append([UInt8]($0))
                    return true
                }
                guard isWithin else { return .raise("the arguments of 'call' have more than \(valueBytesMax) bytes") }
            } catch {
                return .raise("bad argument #\(index + 1) to 'call' (\(error.message))")
            }
        }
        call.generation.pendingWait = .call(name: name, arguments: arguments)
        return .wait
    }

    private static let publish = HostFunction(
        "publish",
        [HostParameter("topic", .string), HostParameter("value", .plain, optional: true, "Plain data.")],
        returns: [HostReturn("taken", .boolean, optional: true, "nil, \"busy\" if too much waits for a subscriber.")] + busy,
        "Gives a value to all packages that subscribe to the topic, on every worker that runs them."
    ) { call in
        if let refusal = call.refusal("nightjar.publish") { return refusal }
        let generation = call.generation
        guard generation.effects.publications < generation.services.limits.publicationsPerSlice else {
            return .failure(code: "busy", detail: "too many publications in one go")
        }
        if let topic = call.string(0), let worker = generation.worker, worker.calls.isBusy(topic, bytes: 0) {
            return .failure(code: "busy", detail: "too much waits for a package that subscribes to \(topic)")
        }
        let result = record(&call, "publish") { .publish(topic: $0, value: $1) }
        guard case .none = result else { return result }
        generation.effects.publications += 1
        call.returnBoolean(true)
        return .values
    }

    private static let subscribe = HostFunction(
        "subscribe", [HostParameter("topic", .string), HostParameter("function", .function, "Gets value and topic; may wait.", as: "fun(value: nightjar.Plain, topic: string)")],
        "Declares a function that is called with what is published on a topic."
    ) { call in
        if let refusal = call.declarationRefusal("subscriptions") { return refusal }
        guard (1...nameBytesMax).contains(call.length(0)) else { return badName("subscribe") }
        guard call.generation.registrations.subscriptions.count < namesMax else { return .raise("more than \(namesMax) topics in this package") }
        guard let function = call.ref(1) else { return .raise("not enough memory") }
        call.generation.registrations.subscriptions[call.string(0) ?? "", default: []].append(function)
        return .none
    }

    private static func badName(_ what: StaticString) -> HostResult {
        .raise("bad argument #1 to '\(what)' (a name of 1 to \(nameBytesMax) bytes expected)")
    }

    /// A text that is too long by itself is not copied to find that out: some megabytes of new memory take longer than a slice.
    private static func isLongText(_ call: borrowing HostCall, _ index: Int) -> Bool {
        call.kind(index) == .string && call.length(index) > valueBytesMax
    }

    /// Records an effect of a name and a plain value.
    static func record(
        _ call: inout HostCall, _ what: StaticString, _ effect: (ArenaRange, ArenaRange) -> Effect
    ) -> HostResult {
        let generation = call.generation
        guard (1...nameBytesMax).contains(call.length(0)) else { return badName(what) }
        do throws(ScriptError) {
            let isLong = isLongText(call, 1)
            let value = isLong || call.isNil(1) ? [] : try call.plain(1)
            guard !isLong, value.count <= valueBytesMax else {
                return .raise("bad argument #2 to '\(what)' (it has more than \(valueBytesMax) bytes)")
            }
            let name = generation.effects.arena.append(call.bytes(0) ?? UnsafeRawBufferPointer(start: nil, count: 0))
            let range = generation.effects.arena.append(value)
            generation.effects.append(effect(name, range))
            return .none
        } catch {
            return .raise("bad argument #2 to '\(what)' (\(error.message))")
        }
    }
}
