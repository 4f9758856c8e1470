import Host
import LuaRuntime
import NIOCore
import Store

/// `nightjar.outbox`: what is to be told outside, kept until it was accepted. Every package has topics of its own; the casino's
/// rounds lie under topics of the package `casino`. All waits.
struct OutboxAPI: HostModule {
    let outbox: any KeyValue & Outbox
    /// The realm of what scripts tell.
    let realm: String

    var functions: [HostFunction] { [Self.tell, Self.due, Self.accept, Self.postpone] }

    /// Specs and trials tell nobody.
    var forTrial: any HostModule { OutboxAPI(outbox: MemoryStore(), realm: "trial") }

    /// Bytes of a topic, and of a key: with the package's name they are names of the store.
    static let nameBytesMax = 200
    /// Items that one `due` may give.
    static let itemsMax = 1_000
    /// Seconds; a year.
    private static let secondsRange = 0...31_536_000.0
    private static let topic = HostParameter("topic", .string, "Of this package, 1 to \(nameBytesMax) bytes of UTF-8.")

    private static let tell = HostFunction(
        module: "outbox", "tell",
        [
            topic,
            HostParameter("key", .string, "1 to \(nameBytesMax) bytes of UTF-8. Of two items of a topic with one key only one waits."),
            HostParameter("body", .string, "At most 1 MiB."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.OutboxOptions",
                fields: [
                    HostField(
                        "replace", .boolean,
                        about: "It takes the place of one with its key that still waits; default: it is dropped then."),
                ]),
        ],
        returns: [HostReturn("told", .boolean, optional: true, "true when it is kept.")] + StoreAPI.failure, waits: true,
        "Keeps something that is to be told outside until `accept`. Together with changes of keys: `{\"tell\", …}` in `store.batch`."
    ) { call in
        let generation = call.generation
        guard let topic = text(call, 0), let key = text(call, 1) else { return .raise(badName("tell")) }
        guard let body = call.bytes(2), body.count <= StoreLimits.outboxBytes else {
            return .raise("bad argument #3 to 'outbox.tell' (at most \(StoreLimits.outboxBytes) bytes expected)")
        }
        let replaces = call.boolean(field: "replace", of: 3) ?? false
        let change = change(topic, key, Array(body), replaces: replaces, of: generation)
        let outbox = generation.module(OutboxAPI.self).outbox
        generation.pendingWait = .operation { worker, token in
            outbox.apply([change], on: worker.eventLoop) { token.finish(StoreAPI.answer($0) { [.boolean(true)] }) }
        }
        return .wait
    }

    private static let due = HostFunction(
        module: "outbox", "due",
        [topic, HostParameter("limit", .integer, optional: true, "At most so many, 1 to \(itemsMax); default 100.")],
        returns: [
            HostReturn(
                "items", .table, optional: true, "Oldest first. `at`: milliseconds since 1970; `attempts`: how often it was postponed.",
                as: "{id: integer, key: string, realm: string, body: string, at: integer, attempts: integer}[]"),
        ] + StoreAPI.failure,
        waits: true,
        "Gives what is due of a topic. It stays until it is accepted, so let only one handler at a time ask."
    ) { call in
        let generation = call.generation
        guard let name = text(call, 0) else { return .raise(badName("due")) }
        let limit = call.integer(1) ?? 100
        guard (1...Int64(itemsMax)).contains(limit) else { return .raise("bad argument #2 to 'outbox.due' (1…\(itemsMax) expected)") }
        let topic = topicName(name, of: generation)
        let now = generation.services.wallClock()
        let outbox = generation.module(OutboxAPI.self).outbox
        generation.pendingWait = .operation { worker, token in
            outbox.pending(topic: topic, limit: Int(limit), now: now, on: worker.eventLoop) { result in
                token.finish(StoreAPI.answer(result) { [.plain(list($0, topic))] })
            }
        }
        return .wait
    }

    private static let accept = HostFunction(
        module: "outbox", "accept",
        [HostParameter("ids", .table, "Ids of items that `due` gave, at most \(itemsMax).", as: "integer[]")],
        returns: [HostReturn("accepted", .boolean, optional: true)] + StoreAPI.failure, waits: true,
        "Forgets items that were told. Those that are forgotten or replaced already are nothing."
    ) { call in
        let count = call.length(0)
        guard count <= itemsMax else { return .raise("bad argument #1 to 'outbox.accept' (at most \(itemsMax) ids expected)") }
        var ids: [Int64] = []
        for position in stride(from: 1, through: count, by: 1) {
            guard let id = call.element(0, position).flatMap({ call.integer($0) }) else {
                return .raise("bad argument #1 to 'outbox.accept' (a list of ids expected)")
            }
            ids.append(id)
        }
        let outbox = call.generation.module(OutboxAPI.self).outbox
        call.generation.pendingWait = .operation { [ids] worker, token in
            outbox.accept(ids, on: worker.eventLoop) { token.finish(StoreAPI.answer($0) { [.boolean(true)] }) }
        }
        return .wait
    }

    private static let postpone = HostFunction(
        module: "outbox", "postpone", [HostParameter("id", .integer), HostParameter("seconds", .number, "Until it is due again.")],
        returns: [HostReturn("postponed", .boolean, optional: true)] + StoreAPI.failure, waits: true,
        "Counts an attempt that failed; the item is due again later, and those behind it go on."
    ) { call in
        guard let id = call.integer(0) else { return .raise("bad argument #1 to 'outbox.postpone' (an id expected)") }
        guard let seconds = call.number(1), secondsRange.contains(seconds) else {
            return .raise("bad argument #2 to 'outbox.postpone' (0…31536000 seconds expected)")
        }
        let generation = call.generation
        let nextAt = generation.services.wallClock() + Int64(seconds * 1_000)
        let outbox = generation.module(OutboxAPI.self).outbox
        generation.pendingWait = .operation { worker, token in
            outbox.postpone(id, until: nextAt, on: worker.eventLoop) { token.finish(StoreAPI.answer($0) { [.boolean(true)] }) }
        }
        return .wait
    }

    // MARK: Names

    /// What a script's item is in the store. A key belongs to its topic there, too.
    static func change(_ topic: String, _ key: String, _ body: [UInt8], replaces: Bool, of generation: Generation) -> StoreChange {
        let name = topicName(topic, of: generation)
        let item = OutboxItem(topic: name, key: "\(name):\(key)", body: body, replaces: replaces)
        return .tell(realm: generation.module(OutboxAPI.self).realm, item)
    }

    /// A topic or a key; nil when it is none.
    static func text(_ call: borrowing HostCall, _ index: Int) -> String? {
        guard let text = StoreAPI.text(call, index), (1...nameBytesMax).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        return text
    }

    static func topicName(_ topic: String, of generation: Generation) -> String { "\(generation.id.name):\(topic)" }

    private static func badName(_ function: String) -> String {
        "bad argument to 'outbox.\(function)' (topic and key are 1 to \(nameBytesMax) bytes of UTF-8)"
    }

    /// The items as a script sees them: keys that a script has told without what was put before them.
    private static func list(_ items: [OutboxEntry], _ topic: String) -> [UInt8] {
        let prefix = topic + ":"
        var writer = PlainWriter()
        writer.list(items.count)
        for item in items {
            writer.map(6)
            writer.string("id")
            writer.integer(item.id)
            writer.string("key")
            writer.string(item.key.hasPrefix(prefix) ? String(item.key.dropFirst(prefix.count)) : item.key)
            writer.string("realm")
            writer.string(item.realm)
            writer.string("body")
            writer.string(item.body)
            writer.string("at")
            writer.integer(item.at)
            writer.string("attempts")
            writer.integer(item.attempts)
        }
        return writer.bytes
    }
}
