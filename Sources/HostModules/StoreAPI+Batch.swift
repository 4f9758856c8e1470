import Host
import LuaRuntime
import Store

/// `nightjar.store.batch`: several changes that are made together or not at all.
extension StoreAPI {
    static let batch = HostFunction(
        module: "store", "batch",
        [
            HostParameter(
                "changes", .table,
                "List of `{\"set\", key, value, seconds until it is gone?}`, `{\"delete\", key}`, `{\"add\", key, member, score}`, "
                    + "`{\"remove\", key, member}`, `{\"tell\", topic, key, body, replace?}` (see `outbox.tell`); at most \(StoreLimits.writesPerBatch), with 4 MiB of values."),
        ],
        returns: [HostReturn("done", .boolean, optional: true, "true; nil if nothing was changed.")] + failure, waits: true,
        "Makes several changes in their order: all of them or, if it fails, none."
    ) { call in
        let count = call.length(0)
        guard (1...StoreLimits.writesPerBatch).contains(count) else {
            return .raise("bad argument #1 to 'store.batch' (a list of 1 to \(StoreLimits.writesPerBatch) changes expected)")
        }
        let generation = call.generation
        var changes: [StoreChange] = []
        changes.reserveCapacity(count)
        var bytes = 0
        for position in 1...count {
            switch change(call, position, generation) {
            case .success(let change):
                // The same table may be in the list many times: what it comes to is known only by adding up.
                switch change {
                case .set(_, let value, _): bytes += value.count
                case .tell(_, let item): bytes += item.body.count
                case .delete, .add, .remove: break
                }
                guard bytes <= StoreLimits.batchBytes else {
                    let detail = "the values up to change #\(position) have more than \(StoreLimits.batchBytes) bytes"
                    return .failure(code: "too_large", detail: detail)
                }
                changes.append(change)
            case .failure(let mistake): return .raise("bad change #\(position) of 'store.batch' (\(mistake.text))")
            }
        }
        let store = generation.module(StoreAPI.self).store
        generation.pendingWait = .operation { [changes] worker, token in
            store.apply(changes, on: worker.eventLoop) { token.finish(answer($0) { [.boolean(true)] }) }
        }
        return .wait
    }

    private static func change(
        _ call: borrowing HostCall, _ position: Int, _ generation: Generation
    ) -> Result<StoreChange, Mistake> {
        guard let list = call.element(0, position) else {
            return .failure(Mistake(text: "a list beginning with the name of the change expected"))
        }
        return change(call, at: list, generation)
    }

    /// One change from the list at an index of the call's.
    static func change(_ call: borrowing HostCall, at list: Int, _ generation: Generation) -> Result<StoreChange, Mistake> {
        guard let verb = call.element(list, 1).flatMap({ call.string($0) }) else {
            return .failure(Mistake(text: "a list beginning with the name of the change expected"))
        }
        if verb == "tell" { return telling(call, list, generation) }
        guard let name = call.element(list, 2).flatMap({ text(call, $0) }), (1...keyBytesMax).contains(name.utf8.count) else {
            return .failure(Mistake(text: "a key of 1 to \(keyBytesMax) bytes of UTF-8 expected"))
        }
        let key = storeKey(name, of: generation)
        switch verb {
        case "set": return setting(call, list, key)
        case "delete": return .success(.delete(key))
        case "add":
            guard let member = member(call, list), let score = call.element(list, 4).flatMap({ call.number($0) }), score.isFinite
            else { return .failure(Mistake(text: "a member and a finite score expected")) }
            return .success(.add(key, SortedMember(member, score)))
        case "remove":
            guard let member = member(call, list) else { return .failure(Mistake(text: "a member expected")) }
            return .success(.remove(key, member: member))
        default: return .failure(Mistake(text: "\"set\", \"delete\", \"add\", \"remove\" or \"tell\" expected"))
        }
    }

    private static func setting(
        _ call: borrowing HostCall, _ list: Int, _ key: StoreKey
    ) -> Result<StoreChange, Mistake> {
        guard let value = call.element(list, 3), !call.isNil(value) else {
            return .failure(Mistake(text: "a value expected"))
        }
        var ttl: Int64?
        if let seconds = call.element(list, 4), !call.isNil(seconds) {
            guard let seconds = call.number(seconds), ttlRange.contains(seconds) else {
                return .failure(Mistake(text: "0.001…31536000 seconds expected"))
            }
            ttl = max(1, Int64(seconds * 1_000))
        }
        do throws(ScriptError) { return .success(.set(key, try encoded(call, value), ttl: ttl)) } catch {
            return .failure(Mistake(text: error.message))
        }
    }

    private static func telling(
        _ call: borrowing HostCall, _ list: Int, _ generation: Generation
    ) -> Result<StoreChange, Mistake> {
        guard let topic = call.element(list, 2).flatMap({ OutboxAPI.text(call, $0) }), let key = call.element(list, 3).flatMap({ OutboxAPI.text(call, $0) })
        else { return .failure(Mistake(text: "a topic and a key of 1 to \(OutboxAPI.nameBytesMax) bytes of UTF-8 expected")) }
        guard let body = call.element(list, 4).flatMap({ call.bytes($0) }), body.count <= StoreLimits.outboxBytes else {
            return .failure(Mistake(text: "a body of at most \(StoreLimits.outboxBytes) bytes expected"))
        }
        let replaces = call.element(list, 5).flatMap { call.boolean($0) } ?? false
        return .success(OutboxAPI.change(topic, key, Array(body), replaces: replaces, of: generation))
    }

    private static func member(_ call: borrowing HostCall, _ list: Int) -> String? {
        call.element(list, 3).flatMap { text(call, $0) }
    }
}
