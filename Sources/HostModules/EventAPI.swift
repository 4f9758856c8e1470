import Host
import LuaRuntime

/// `nightjar.event`: hand-over between handlers of one package.
struct EventAPI: HostModule {
    var functions: [HostFunction] { [Self.wait, Self.notify] }
    private static let nameBytesMax = 256

    private static let wait = HostFunction(
        module: "event", "wait",
        [
            HostParameter("name", .string),
            HostParameter("timeout", .number, optional: true, "Seconds; without it the handler's own time limit counts."),
        ],
        returns: [
            HostReturn("value", .plain, "What `notify` was given."),
            HostReturn("code", .string, optional: true, "\"timeout\" if it did not come."),
        ],
        waits: true,
        "Waits until `notify` is called with this name."
    ) { call in
        guard call.length(0) <= nameBytesMax, let name = call.string(0) else {
            return .raise("bad argument #1 to 'event.wait' (at most \(nameBytesMax) bytes expected)")
        }
        var nanoseconds: Int64?
        if let seconds = call.number(1) {
            guard seconds >= 0, seconds <= 31_536_000 else {
                return .raise("bad argument #2 to 'event.wait' (0…31536000 seconds expected)")
            }
            nanoseconds = Int64(seconds * 1_000_000_000)
        }
        call.generation.pendingWait = .event(name: name, nanoseconds: nanoseconds)
        return .wait
    }

    private static let notify = HostFunction(
        module: "event", "notify",
        [HostParameter("name", .string), HostParameter("value", .plain, optional: true, "Plain data.")],
        "Wakes all handlers of this package that wait for the name. Who waits only afterwards hears nothing."
    ) { call in
        if let refusal = call.refusal("event.notify") { return refusal }
        return CallAPI.record(&call, "event.notify") { .notify(name: $0, value: $1) }
    }
}
