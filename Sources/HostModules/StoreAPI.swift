import Host
import LuaRuntime
import NIOCore
import Store

/// `nightjar.store`: keys with expiry, compare-and-set, counters, sorted sets. The keys of a package are its own; all waits.
///
/// Whole numbers are stored as decimal text, so that `increment` works on what `set` has written; everything else as plain
/// data, which begins with a byte no number begins with.
struct StoreAPI: HostModule {
    let store: any KeyValue
    /// First part of the keys.
    let realm: String

    var functions: [HostFunction] {
        [Self.get, Self.set, Self.delete, Self.increment, Self.add, Self.remove, Self.range, Self.count, Self.batch]
    }

    /// Milliseconds; a year.
    static let ttlRange = 0.001...31_536_000.0
    private static let key = HostParameter("key", .string, "Name within this package, 1 to 256 bytes of UTF-8.")
    static let keyBytesMax = 256
    static let failure = [
        HostReturn("code", .string, optional: true, "With nil: `unavailable`, `busy`, `full`, `too_large` …"),
        HostReturn("detail", .string, optional: true),
    ]

    private static let get = HostFunction(
        module: "store", "get", [key],
        returns: [
            HostReturn("value", .plain, "nil if there is none."),
            HostReturn("version", .integer, optional: true, "For `if_version`; only with a value."),
        ] + failure.prefix(1), waits: true,
        "Reads a value."
    ) { call in
        ask(&call) { store, key, loop, token in
            store.get(key, on: loop) { result in
                token.finish(answer(result) { value in
                    guard let value else { return [.null] }
                    return [decoded(value.bytes), .integer(value.version)]
                })
            }
        }
    }

    private static let set = HostFunction(
        module: "store", "set",
        [
            key, HostParameter("value", .plain, "Not nil; at most 1 MiB."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.StoreSetOptions",
                fields: [
                    HostField("ttl", .number, in: ttlRange, "seconds", about: "Seconds until it is gone."),
                    HostField("if_version", .integer, about: "Write only if the value has this version; 0: only if there is none."),
                ]),
        ],
        returns: [HostReturn("version", .integer, optional: true, "Of the new value; nil, \"conflict\" if `if_version` does not hold.")] + failure,
        waits: true,
        "Writes a value."
    ) { call in
        guard !call.isNil(1) else { return .raise("bad argument #2 to 'store.set' (a value expected; use store.delete)") }
        let value: [UInt8]
        do throws(ScriptError) { value = try encoded(call, 1) } catch {
            return .raise("bad argument #2 to 'store.set' (\(error.message))")
        }
        let ttl = milliseconds(call)
        let condition = call.integer(field: "if_version", of: 2)
        return ask(&call) { store, key, loop, token in
            store.set(key, value, ttl: ttl, ifVersion: condition, on: loop) { token.finish(written($0) { .integer($0) }) }
        }
    }

    private static let delete = HostFunction(
        module: "store", "delete",
        [
            key,
            HostParameter(
                "options", .table, optional: true, as: "nightjar.StoreDeleteOptions",
                fields: [HostField("if_version", .integer, about: "Only if the value has this version.")]),
        ],
        returns: [HostReturn("deleted", .boolean, optional: true, "false if there was none; nil, \"conflict\" if `if_version` does not hold.")] + failure,
        waits: true,
        "Removes a value."
    ) { call in
        let condition = call.integer(field: "if_version", of: 1)
        return ask(&call) { store, key, loop, token in
            store.delete(key, ifVersion: condition, on: loop) { result in
                if condition == nil, case .success(.mismatch) = result { return token.finish(.values([.boolean(false)])) }
                token.finish(written(result) { _ in .boolean(true) })
            }
        }
    }

    private static let increment = HostFunction(
        module: "store", "increment",
        [
            key, HostParameter("by", .integer, optional: true, "Default 1; may be negative."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.StoreIncrementOptions",
                fields: [HostField("ttl", .number, in: ttlRange, "seconds", about: "Seconds until it is gone, for a counter that is new.")]),
        ],
        returns: [HostReturn("value", .integer, optional: true, "The new value.")] + failure, waits: true,
        "Adds to a counter; a new one begins at 0."
    ) { call in
        let amount = call.integer(1) ?? 1
        let ttl = milliseconds(call)
        return ask(&call) { store, key, loop, token in
            store.increment(key, by: amount, ttl: ttl, on: loop) { token.finish(answer($0) { [.integer($0)] }) }
        }
    }

    private static let member = HostParameter("member", .string, "UTF-8 text of at most \(StoreLimits.nameBytes) bytes.")

    private static let add = HostFunction(
        module: "store", "add", [key, member, HostParameter("score", .number, "Finite.")],
        returns: [HostReturn("added", .boolean, optional: true, "false if it was there already; its score is the new one then.")] + failure,
        waits: true,
        "Puts a member into a sorted set, or changes its score."
    ) { call in
        guard let name = text(call, 1) else { return .raise("bad argument #2 to 'store.add' (UTF-8 text of at most \(StoreLimits.nameBytes) bytes expected)") }
        guard let score = call.number(2), score.isFinite else { return .raise("bad argument #3 to 'store.add' (finite number expected)") }
        return ask(&call) { store, key, loop, token in
            store.sortedAdd(key, [SortedMember(name, score)], on: loop) { token.finish(answer($0) { [.boolean($0 > 0)] }) }
        }
    }

    private static let remove = HostFunction(
        module: "store", "remove", [key, member],
        returns: [HostReturn("removed", .boolean, optional: true, "false if it was not there.")] + failure, waits: true,
        "Takes a member out of a sorted set."
    ) { call in
        guard let name = text(call, 1) else { return .raise("bad argument #2 to 'store.remove' (UTF-8 text of at most \(StoreLimits.nameBytes) bytes expected)") }
        return ask(&call) { store, key, loop, token in
            store.sortedRemove(key, [name], on: loop) { token.finish(answer($0) { [.boolean($0 > 0)] }) }
        }
    }

    private static let range = HostFunction(
        module: "store", "range",
        [
            key, HostParameter("from", .number, optional: true, "First rank, 1 is the first member, -1 the last; or the lowest score."),
            HostParameter("to", .number, optional: true, "Last rank, or the highest score."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.StoreRangeOptions",
                fields: [
                    HostField("by", .string, choices: ["rank", "score"], about: "What `from` and `to` are; default \"rank\"."),
                    HostField("reverse", .boolean, about: "Highest score first."),
                    HostField("limit", .integer, in: 1...Double(Int32.max), about: "Members at most."),
                ]),
        ],
        returns: [HostReturn("members", .table, optional: true, as: "{member: string, score: number}[]")] + failure, waits: true,
        "Reads a part of a sorted set, lowest score first."
    ) { call in
        let wanted: SortedRange
        switch sortedRange(call) {
        case .success(let found): wanted = found
        case .failure(let problem): return .raise(problem.text)
        }
        return ask(&call) { store, key, loop, token in
            store.sortedRange(key, wanted, on: loop) { result in
                token.finish(answer(result) { members in
                    var writer = PlainWriter()
                    writer.list(members.count)
                    for entry in members {
                        writer.map(2)
                        writer.string("member")
                        writer.string(entry.member)
                        writer.string("score")
                        writer.number(entry.score)
                    }
                    return [.plain(writer.bytes)]
                })
            }
        }
    }

    private static let count = HostFunction(
        module: "store", "count",
        [
            key, HostParameter("from", .number, optional: true, "Lowest score that counts."),
            HostParameter("to", .number, optional: true, "Highest score that counts."),
        ],
        returns: [HostReturn("count", .integer, optional: true)] + failure, waits: true,
        "Counts the members of a sorted set."
    ) { call in
        let (from, to) = (call.number(1), call.number(2))
        var scores: ClosedRange<Double>?
        if from != nil || to != nil {
            let (low, high) = (from ?? -.infinity, to ?? .infinity)
            guard low <= high else { return .raise("bad argument #3 to 'store.count' (not below the lowest score)") }
            scores = low...high
        }
        return ask(&call) { [scores] store, key, loop, token in
            store.sortedCount(key, scores: scores, on: loop) { token.finish(answer($0) { [.integer(Int64($0))] }) }
        }
    }

    // MARK: Arguments

    struct Mistake: Error {
        var text: String
    }

    /// Ranks count from 1 in Lua, from 0 in the store.
    private static func sortedRange(_ call: borrowing HostCall) -> Result<SortedRange, Mistake> {
        let by = call.string(field: "by", of: 3) ?? "rank"
        let limit = call.integer(field: "limit", of: 3) ?? Int64(StoreLimits.rowsPerRead)
        let descending = call.boolean(field: "reverse", of: 3) ?? false
        let rows = Int(min(limit, Int64(StoreLimits.rowsPerRead)))
        if by == "score" {
            let (low, high) = (call.number(1) ?? -.infinity, call.number(2) ?? .infinity)
            return .success(SortedRange(.score(from: low, through: high), descending: descending, limit: rows))
        }
        guard let from = rank(call, 1, 1), let to = rank(call, 2, -1) else {
            return .failure(Mistake(text: "bad argument to 'store.range' (ranks are whole numbers, not 0)"))
        }
        return .success(SortedRange(.rank(from: from, through: to), descending: descending, limit: rows))
    }

    private static func rank(_ call: borrowing HostCall, _ index: Int, _ usual: Int64) -> Int? {
        let rank = call.isNil(index) ? usual : call.integer(index)
        guard let rank, rank != 0, abs(max(rank, -.max)) <= Int64(Int32.max) else { return nil }
        return Int(rank > 0 ? rank - 1 : rank)
    }

    private static func milliseconds(_ call: borrowing HostCall) -> Int64? {
        call.number(field: "ttl", of: 2).map { max(1, Int64($0 * 1_000)) }
    }

    /// A name of at most `StoreLimits.nameBytes` that is valid UTF-8. Longer ones are not even looked at.
    static func text(_ call: borrowing HostCall, _ index: Int) -> String? {
        guard let bytes = call.bytes(index), bytes.count <= StoreLimits.nameBytes else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    static func encoded(_ call: borrowing HostCall, _ index: Int) throws(ScriptError) -> [UInt8] {
        if let integer = call.number(index) != nil ? exactInteger(call, index) : nil { return Array(String(integer).utf8) }
        return try call.plain(index)
    }

    /// Floats stay floats, even without a fraction.
    private static func exactInteger(_ call: borrowing HostCall, _ index: Int) -> Int64? {
        guard let plain = try? call.plain(index), plain.count > 1, plain[1] == 3 || plain[1] >= 0x80 else { return nil }
        return call.integer(index)
    }

    private static func decoded(_ bytes: [UInt8]) -> WaitValue {
        if let first = bytes.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            let integer = Int64(String(decoding: bytes, as: UTF8.self)) { return .integer(integer) }
        return .plain(bytes)
    }

    // MARK: Asking

    private static func ask(
        _ call: inout HostCall, _ question: @escaping (any KeyValue, StoreKey, any EventLoop, WaitToken) -> Void
    ) -> HostResult {
        guard let name = text(call, 0), (1...keyBytesMax).contains(name.utf8.count) else {
            return .raise("bad argument #1 to 'store' (a key of 1 to \(keyBytesMax) bytes of UTF-8 expected)")
        }
        let generation = call.generation
        let key = storeKey(name, of: generation)
        let store = generation.module(StoreAPI.self).store
        generation.pendingWait = .operation { worker, token in
            question(store, key, worker.eventLoop, token)
        }
        return .wait
    }

    static func storeKey(_ name: String, of generation: Generation) -> StoreKey {
        StoreKey(realm: generation.module(StoreAPI.self).realm, name: "pkg:\(generation.id.name):\(name)")
    }

    static func answer<Value>(_ result: Result<Value, StoreError>, _ values: (Value) -> [WaitValue]) -> WaitResult {
        switch result {
        case .success(let value): .values(values(value))
        case .failure(let error): .failure(code: error.code.rawValue, detail: error.description)
        }
    }

    private static func written(_ result: Result<WriteResult, StoreError>, _ value: (Int64) -> WaitValue) -> WaitResult {
        switch result {
        case .success(.written(let version)): .values([value(version)])
        case .success(.mismatch(let actual)): .failure(code: "conflict", detail: "the version is \(actual)")
        case .failure(let error): .failure(code: error.code.rawValue, detail: error.description)
        }
    }
}
