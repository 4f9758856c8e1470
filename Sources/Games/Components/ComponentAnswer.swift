import Bytes
import Host
import LuaRuntime
import Store

/// What a component made of a message, or of the start of a session.
enum ComponentAnswer: Sendable, Equatable {
    case changes(ComponentChanges)
    case failed(code: String, detail: String)
    /// What it returned is no answer: told to its author.
    case mistaken(String)
}

/// What a component wants done: all of what is stored in one transaction, then told.
struct ComponentChanges: Sendable, Equatable {
    typealias Movement = Adjustment.Movement

    /// New userdata as JSON text.
    var userdata: [UInt8]?
    var movements: [Movement] = []
    /// To be told outside.
    var outbox: [OutboxItem] = []
    /// Messages to the session, JSON objects.
    var replies: [[UInt8]] = []
    /// Topics whose messages the session wants from now on.
    var subscribe: [String] = []
    /// And no more; before `subscribe`.
    var unsubscribe: Unsubscription = .none

    enum Unsubscription: Sendable, Equatable {
        case none, all
        case topics([String])
    }

    /// Nothing but what is told to this session alone.
    var isQuiet: Bool { userdata == nil && movements.isEmpty && outbox.isEmpty }
}

/// Bounds of a component's answer.
enum ComponentLimits {
    /// Movements and items for the outbox, each: a purchase has one, a bundle a few.
    static let itemsMax = 16
    /// Messages in one answer.
    static let repliesMax = 16
    /// Bytes of one message to a session. A component tells of values, not of files.
    static let messageBytes = 16 << 10
    /// Topics of one session; a lobby with many jackpots has a few dozen.
    static let topicsPerSession = 64
    /// Bytes of a topic's name.
    static let topicBytes = 256
}

extension ComponentAnswer {
    /// Reads what a component has returned: a table with the members of ``ComponentChanges``, as JSON.
    init(reading text: [UInt8], from component: String) {
        let read = text.withUnsafeBytes { bytes in
            Result { () throws(Mistake) in
                guard let object = try? JSONObject(bytes) else { throw Mistake("is no table") }
                return try ComponentChanges(object, component)
            }
        }
        switch read {
        case .success(let changes): self = .changes(changes)
        case .failure(let mistake): self = .mistaken("the answer of the component \"\(component)\" \(mistake.text)")
        }
    }

    fileprivate struct Mistake: Error {
        let text: String

        init(_ text: String) { self.text = text }
    }
}

extension ComponentChanges {
    private static let members = ["userdata", "entries", "outbox", "reply", "replies", "subscribe", "unsubscribe"]

    fileprivate init(_ object: JSONObject, _ component: String) throws(ComponentAnswer.Mistake) {
        for index in 0..<object.count where !Self.members.contains(object.member(at: index).name) {
            let name = object.member(at: index).name
            throw ComponentAnswer.Mistake("has a member \"\(name)\"\(Suggestion.hint(name, among: Self.members))")
        }
        if let data = object["userdata"] {
            guard data.kind == .object, data.bytes.count <= Userdata.bytesMax else {
                throw ComponentAnswer.Mistake("has data that are no object of at most \(Userdata.bytesMax) bytes")
            }
            userdata = [UInt8](data.bytes)
        }
        movements = try Self.list(
            object["entries"], "entries", ComponentLimits.itemsMax,
            shape: Shape(members: ["kind", "amount", "to"], words: "a kind of a-z, 0-9 and _, and either a whole amount or the balance afterwards, to")
        ) { Self.movement($0) }
        outbox = try Self.list(
            object["outbox"], "outbox", ComponentLimits.itemsMax, shape: Shape(members: ["topic", "key", "body"], words: "a topic, a key and a body")
        ) { Self.item($0) }
        replies = try Self.list(object["replies"], "replies", ComponentLimits.repliesMax) { ComponentMessage.wrapped($0, component) }
        if let reply = object["reply"] {
            guard let message = ComponentMessage.wrapped(reply, component) else {
                throw ComponentAnswer.Mistake("has a reply that is no table of at most \(ComponentLimits.messageBytes) bytes")
            }
            replies.append(message)
        }
        subscribe = try Self.list(object["subscribe"], "subscribe", ComponentLimits.topicsPerSession) { Self.topic($0) }
        if object["unsubscribe"]?.boolean == true {
            unsubscribe = .all
        } else if let given = object["unsubscribe"] {
            unsubscribe = .topics(try Self.list(given, "unsubscribe", ComponentLimits.topicsPerSession) { Self.topic($0) })
        }
    }

    /// What an element of a list must be, for whoever got it wrong.
    private struct Shape {
        let members: [String]
        let words: String

        func problem(_ element: JSONValue) -> String {
            let names = (element.object.map { object in (0..<object.count).map { object.member(at: $0).name } }) ?? []
            if let odd = names.first(where: { !members.contains($0) }) { return " has a member \"\(odd)\"\(Suggestion.hint(odd, among: members))" }
            return " must have \(words)"
        }
    }

    /// A list; an empty table of Lua is one, too.
    private static func list<Element>(
        _ value: JSONValue?, _ name: String, _ most: Int, shape: Shape? = nil, _ read: (JSONValue) -> Element?
    ) throws(ComponentAnswer.Mistake) -> [Element] {
        guard let value else { return [] }
        if value.kind == .object, value.object?.count == 0 { return [] }
        guard let elements = value.elements, elements.count <= most else {
            throw ComponentAnswer.Mistake("has \(name) that are no list of at most \(most)")
        }
        var list: [Element] = []
        for (index, element) in elements.enumerated() {
            guard let found = read(element) else {
                throw ComponentAnswer.Mistake("has something in \(name) that cannot be used: number \(index + 1)\(shape?.problem(element) ?? "")")
            }
            list.append(found)
        }
        return list
    }

    /// `{kind = "manual_buy", amount = 500}` or `{kind = "set_credits", to = 500}`.
    private static func movement(_ value: JSONValue) -> Movement? {
        guard let object = value.object, object.count == 2, let kind = object["kind"]?.string.flatMap({ LedgerKind(rawValue: $0) }),
            kind != .opening
        else { return nil }
        if let amount = object["amount"]?.integer { return Movement(kind: kind, amount: .by(amount)) }
        if let to = object["to"]?.integer, to >= 0 { return Movement(kind: kind, amount: .to(to)) }
        return nil
    }

    /// `{topic = "purchases", key = "order-7", body = {…}}`.
    private static func item(_ value: JSONValue) -> OutboxItem? {
        guard let object = value.object, let topic = object["topic"]?.string, let key = object["key"]?.string, let body = object["body"]
        else { return nil }
        // Where `nightjar.outbox` of the package looks for it; and so never among what the host owes operators' wallets.
        return OutboxItem(topic: "casino:\(topic)", key: "casino:\(topic):\(key)", body: [UInt8](body.bytes))
    }

    private static func topic(_ value: JSONValue) -> String? {
        value.string.flatMap { (1...ComponentLimits.topicBytes).contains($0.utf8.count) ? $0 : nil }
    }
}

/// Messages of components to clients (docs/session-protocol.md).
enum ComponentMessage {
    /// `{"t":"component","which":…,"message":…}`; nil unless `message` is an object within its bound.
    static func wrapped(_ message: JSONValue, _ component: String) -> [UInt8]? {
        guard message.kind == .object else { return nil }
        return wrapped(message.bytes, component)
    }

    /// - Parameter message: The text of a JSON object.
    static func wrapped(_ message: UnsafeRawBufferPointer, _ component: String) -> [UInt8]? {
        guard message.count <= ComponentLimits.messageBytes else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.count + 64)
        bytes.append(text: "{\"t\":\"component\",\"which\":")
        bytes.append(jsonString: component)
        bytes.append(text: ",\"message\":")
        bytes.append(contentsOf: message)
        bytes.append(text: "}")
        return bytes
    }
}
