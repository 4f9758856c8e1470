import Bytes
import Host
import LuaRuntime
import Store

/// The functions that the package `casino` provides: the rules of the house, asked once per session and per message to a
/// component, never per bet. Loop-bound; `done` is called once, on the loop.
struct CasinoScripts {
    private let caller: any ScriptCaller

    init(_ caller: any ScriptCaller) { self.caller = caller }

    /// Who is the user, and may he play here?
    func open(_ request: StartRequest, _ done: @escaping (Result<OpenedSession, SessionError>) -> Void) {
        var text = Array("{\"platform\":".utf8)
        text.append(jsonString: request.platform)
        text.append(text: ",\"site\":")
        text.append(jsonString: request.site)
        text.append(text: ",\"uid\":")
        text.append(jsonString: request.uid)
        text.append(text: ",\"token\":")
        text.append(jsonString: request.token)
        if !request.userInfo.isEmpty {
            text.append(text: ",\"userinfo\":")
            text.append(contentsOf: request.userInfo)
        }
        text.append(text: "}")
        caller.call("casino.open", [text]) { done($0.session) }
    }

    /// What becomes of the user's data at the start of a session?
    func attached(_ session: SessionFacts, isFirst: Bool, _ done: @escaping (ComponentAnswer) -> Void) {
        caller.call("casino.attached", [session.json, Array((isFirst ? "true" : "false").utf8)]) { done($0.changes) }
    }

    /// What does a component make of a message?
    func component(_ which: String, _ session: SessionFacts, _ message: [UInt8], _ done: @escaping (ComponentAnswer) -> Void) {
        var name: [UInt8] = []
        name.append(jsonString: which)
        caller.call("casino.component", [name, session.json, message]) { done($0.changes) }
    }
}

/// A user whom the platform vouches for.
struct OpenedSession: Sendable, Equatable {
    /// Not empty.
    var uid: String
    /// JSON object with what is known about the user.
    var profile: String
}

/// What scripts may know of a session.
struct SessionFacts {
    var platform: String
    var site: String
    /// The id at the platform.
    var user: String
    /// The game that is being played.
    var game: String?
    /// Before the session has started: 0, if no other session of the user has.
    var credits: Int64
    /// A JSON object.
    var userdata: [UInt8]

    var json: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"platform\":")
        bytes.append(jsonString: platform)
        bytes.append(text: ",\"site\":")
        bytes.append(jsonString: site)
        bytes.append(text: ",\"user\":")
        bytes.append(jsonString: user)
        if let game {
            bytes.append(text: ",\"game\":")
            bytes.append(jsonString: game)
        }
        bytes.append(text: ",\"credits\":")
        bytes.append(decimal: credits)
        bytes.append(text: ",\"userdata\":")
        bytes.append(contentsOf: userdata)
        bytes.append(text: "}")
        return bytes
    }
}

/// What a component made of a message.
enum ComponentAnswer: Sendable, Equatable {
    /// New userdata as JSON text, or none.
    case changes([UInt8]?)
    case failed(code: String, detail: String)
}

/// Calls functions that packages of scripts provide. Loop-bound.
protocol ScriptCaller: AnyObject {
    /// - Parameter arguments: JSON texts.
    func call(_ function: String, _ arguments: [[UInt8]], _ done: @escaping (ScriptAnswer) -> Void)
}

/// What a provided function answered.
enum ScriptAnswer: Sendable, Equatable {
    /// Its results as JSON texts.
    case results([[UInt8]])
    /// It did not answer: a stable code.
    case failed(code: String)

    /// Reads `{uid, profile}`, or nil, code, detail.
    var session: Result<OpenedSession, SessionError> {
        guard case .results(let values) = self else {
            return .failure(SessionError(.internal, "the server cannot take sessions at the moment, try again later", re: .start))
        }
        guard let first = values.first, first != Self.null else {
            let code = Self.text(values, 1).flatMap { SessionErrorCode(rawValue: $0) } ?? .authFailed
            return .failure(SessionError(code, Self.text(values, 2) ?? "the platform does not know the user", re: .start))
        }
        let session = first.withUnsafeBytes { bytes -> OpenedSession? in
            guard let object = try? JSONObject(bytes), let uid = object["uid"]?.string, !uid.isEmpty, !uid.utf8.contains(0),
                uid.utf8.count <= StartRequest.nameBytesMax
            else { return nil }
            let profile = object["profile"].flatMap { $0.kind == .object ? String(decoding: $0.bytes, as: UTF8.self) : nil } ?? "{}"
            return profile.utf8.count <= StoreLimits.profileBytes ? OpenedSession(uid: uid, profile: profile) : nil
        }
        return session.map { .success($0) }
            ?? .failure(SessionError(.internal, "the platform's answer cannot be used", re: .start))
    }

    /// Reads `{userdata = table}`, or nil, code, detail.
    var changes: ComponentAnswer {
        let values: [[UInt8]]
        switch self {
        case .failed(let code): return .failed(code: "component_error", detail: "the component failed (\(code))")
        case .results(let results): values = results
        }
        guard let first = values.first, first != Self.null else {
            return .failed(code: Self.text(values, 1) ?? "component_error", detail: Self.text(values, 2) ?? "the component refused the message")
        }
        return first.withUnsafeBytes { bytes in
            guard let object = try? JSONObject(bytes) else {
                return .failed(code: "component_error", detail: "the component's answer is no table")
            }
            guard let data = object["userdata"] else { return .changes(nil) }
            guard data.kind == .object, data.bytes.count <= Userdata.bytesMax else {
                return .failed(code: "component_error", detail: "the data must be an object of at most \(Userdata.bytesMax) bytes")
            }
            return .changes([UInt8](data.bytes))
        }
    }

    private static let null = Array("null".utf8)

    /// A JSON string among the values.
    private static func text(_ values: [[UInt8]], _ index: Int) -> String? {
        guard values.indices.contains(index) else { return nil }
        let wrapped = Array("{\"v\":".utf8) + values[index] + Array("}".utf8)
        return wrapped.withUnsafeBytes { (try? JSONObject($0))?["v"]?.string }
    }
}

/// Functions that packages on the workers provide.
final class WorkerCaller: ScriptCaller {
    private unowned let worker: Worker

    init(_ worker: Worker) { self.worker = worker }

    func call(_ function: String, _ arguments: [[UInt8]], _ done: @escaping (ScriptAnswer) -> Void) {
        worker.call(provided: function, json: arguments) { result in
            switch result {
            case .success(let values): done(.results(values))
            case .failure(let failure): done(.failed(code: failure.code))
            }
        }
    }
}
