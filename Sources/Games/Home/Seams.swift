import LuaRuntime
import NIOCore
import Host
import Store
import Transport

/// The engines as the casino needs them, so that its own rules can be tested without Lua. Loop-bound.
protocol GameEngines: AnyObject {
    func loaded(_ game: String) -> LoadedGame?
    func canonicalID(of name: String) -> String?
    func act(_ call: GameCall) -> ActionOutcome
    func isFinishable(_ slot: GameSlot, settings: GameSettings) -> Result<Bool, GameFault>
    func migrated(_ slot: GameSlot, settings: GameSettings) -> Result<MigratedState?, GameFault>
}

extension GameRunner: GameEngines {}

/// The sockets of one loop as the casino needs them. Loop-bound; unknown ids are ignored.
protocol SessionSockets: AnyObject {
    var eventLoop: any EventLoop { get }
    func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind)
    func close(_ id: ConnectionID, code: UInt16, reason: String)
}

extension LoopContext: SessionSockets {}

/// Asks session components, which are Lua. Loop-bound; `done` is called once, on the loop.
protocol ComponentCaller: AnyObject {
    /// - Parameters:
    ///   - function: Name of the provided function.
    ///   - arguments: JSON texts.
    func call(_ function: String, _ arguments: [[UInt8]], _ done: @escaping (ComponentAnswer) -> Void)
}

/// What a component made of a message.
enum ComponentAnswer {
    /// New userdata as JSON text, or none.
    case changes([UInt8]?)
    case failed(code: String, detail: String)
}

/// Components as functions that a package of scripts provides.
final class ScriptComponents: ComponentCaller {
    private unowned let worker: Worker

    init(worker: Worker) { self.worker = worker }

    func call(_ function: String, _ arguments: [[UInt8]], _ done: @escaping (ComponentAnswer) -> Void) {
        worker.call(provided: function, json: arguments) { result in
            switch result {
            case .success(let values): done(Self.answer(values))
            case .failure(let failure): done(.failed(code: "component_error", detail: "the component failed (\(failure.code))"))
            }
        }
    }

    /// Reads `{userdata = table}`, or nil, code, detail.
    static func answer(_ values: [[UInt8]]) -> ComponentAnswer {
        guard let first = values.first, first != Array("null".utf8) else {
            return .failed(code: text(values, 1) ?? "component_error", detail: text(values, 2) ?? "the component refused the message")
        }
        return first.withUnsafeBytes { bytes in
            guard let object = try? JSONObject(bytes) else {
                return .failed(code: "component_error", detail: "the component's answer is no table")
            }
            return .changes(object["userdata"].map { [UInt8]($0.bytes) })
        }
    }

    /// A JSON string among the values.
    private static func text(_ values: [[UInt8]], _ index: Int) -> String? {
        guard values.indices.contains(index) else { return nil }
        let wrapped = Array("{\"v\":".utf8) + values[index] + Array("}".utf8)
        return wrapped.withUnsafeBytes { (try? JSONObject($0))?["v"]?.string }
    }
}
