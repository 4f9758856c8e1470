import Bytes
import Host
import LuaRuntime
import NIOCore

/// What components may do besides answering: `nightjar.casino.send`, `nightjar.casino.publish`.
enum ComponentFunctions {
    static let all = [send, publish]

    private static let which = HostParameter("which", .string, "The component in whose name it is sent.")
    private static let message = HostParameter("message", .table, "What the client gets as `message`, at most \(ComponentLimits.messageBytes >> 10) KiB of JSON.")

    private static let send = HostFunction(
        module: "casino", "send",
        [
            HostParameter(
                "to", .table, "Whose sessions.", as: "nightjar.CasinoUser",
                fields: [
                    HostField("platform", .string, required: true, about: "The platform the user comes from."),
                    HostField("user", .string, required: true, about: "The id at the platform."),
                    HostField("site", .string, about: "Only those on this site."),
                ]),
            which, message,
        ],
        "Sends a component's message to all sessions of a user. Who has none hears nothing."
    ) { call in
        if let refusal = call.refusal("casino.send") { return refusal }
        let user = UserKey(realm: call.string(field: "platform", of: 0) ?? "", user: call.string(field: "user", of: 0) ?? "")
        let site = call.string(field: "site", of: 0)
        switch wrapped(call, "casino.send") {
        case .failure(let mistake): return .raise(mistake.text)
        case .success(let bytes):
            let link = call.generation.module(CasinoModule.self).link
            call.generation.effects.perform(bytes: bytes.count) { _ in
                link.home(of: user)?.run { $0.tell(bytes, user: user, site: site) }
            }
            return .none
        }
    }

    private static let publish = HostFunction(
        module: "casino", "publish",
        [
            HostParameter("topic", .string, "As a component's answer names it under `subscribe`."), which, message,
            HostParameter(
                "options", .table, optional: true, as: "nightjar.CasinoPublishOptions",
                fields: [
                    HostField(
                        "interval", .number, in: 0.01...3_600, "seconds",
                        about: "No session hears of the topic more often; of what comes meanwhile it gets the newest when its time has come."),
                ]),
        ],
        "Sends a component's message to all sessions that have subscribed to a topic."
    ) { call in
        if let refusal = call.refusal("casino.publish") { return refusal }
        guard (1...ComponentLimits.topicBytes).contains(call.length(0)), let topic = call.string(0) else {
            return .raise("bad argument #1 to 'casino.publish' (a name of 1 to \(ComponentLimits.topicBytes) bytes expected)")
        }
        let interval = call.number(field: "interval", of: 3).map { TimeAmount.milliseconds(Int64($0 * 1_000)) }
        switch wrapped(call, "casino.publish") {
        case .failure(let mistake): return .raise(mistake.text)
        case .success(let bytes):
            let link = call.generation.module(CasinoModule.self).link
            call.generation.effects.perform(bytes: bytes.count) { _ in
                for home in link.homes { home.run { $0.topics.publish(topic, bytes, atMostEvery: interval) } }
            }
            return .none
        }
    }

    private struct Mistake: Error { let text: String }

    /// The client's message from the arguments 2 and 3.
    private static func wrapped(_ call: borrowing HostCall, _ what: StaticString) -> Result<[UInt8], Mistake> {
        let component = call.string(1) ?? ""
        do throws(ScriptError) {
            let text = try call.json(2)
            guard text.first == UInt8(ascii: "{") else {
                return .failure(Mistake(text: "bad argument #3 to '\(what)' (a table with named fields expected)"))
            }
            guard let bytes = text.withUnsafeBytes({ ComponentMessage.wrapped($0, component) }) else {
                return .failure(Mistake(text: "bad argument #3 to '\(what)' (more than \(ComponentLimits.messageBytes) bytes of JSON)"))
            }
            return .success(bytes)
        } catch {
            return .failure(Mistake(text: "bad argument #3 to '\(what)' (\(error.message))"))
        }
    }
}
