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
    ///
    /// - Parameter remote: The client's address, so that one of them cannot have all be asked that a platform can ask for.
    func open(_ request: StartRequest, remote: String, _ done: @escaping (Result<OpenedSession, SessionError>) -> Void) {
        var text = Array("{\"platform\":".utf8)
        text.append(jsonString: request.platform)
        text.append(text: ",\"site\":")
        text.append(jsonString: request.site)
        text.append(text: ",\"uid\":")
        text.append(jsonString: request.uid)
        text.append(text: ",\"token\":")
        text.append(jsonString: request.token)
        text.append(text: ",\"remote\":")
        text.append(jsonString: remote)
        if !request.userInfo.isEmpty {
            text.append(text: ",\"userinfo\":")
            text.append(contentsOf: request.userInfo)
        }
        text.append(text: "}")
        caller.call("casino.open", [text]) { done($0.session) }
    }

    /// May the session begin, and what does whoever keeps the books call it? A package that has no such function registers nobody.
    func register(_ request: StartRequest, _ user: UserRecord, _ done: @escaping (Result<Registration?, SessionError>) -> Void) {
        var text = Array("{\"platform\":".utf8)
        text.append(jsonString: request.platform)
        text.append(text: ",\"site\":")
        text.append(jsonString: request.site)
        text.append(text: ",\"user\":{\"id\":\"")
        text.append(user.id)
        text.append(text: "\",\"uid\":")
        text.append(jsonString: user.uid)
        text.append(text: ",\"profile\":")
        text.append(contentsOf: user.profile.utf8)
        text.append(text: "}}")
        caller.call("casino.register", [text]) { done($0.registration) }
    }

    /// What becomes of the user's data at the start of a session?
    func attached(_ session: SessionFacts, isFirst: Bool, _ done: @escaping (ComponentAnswer) -> Void) {
        caller.call("casino.attached", [session.json, Array((isFirst ? "true" : "false").utf8)]) { done($0.changes(of: "userdata")) }
    }

    /// What does a component make of a message?
    func component(_ which: String, _ session: SessionFacts, _ message: [UInt8], _ done: @escaping (ComponentAnswer) -> Void) {
        var name: [UInt8] = []
        name.append(jsonString: which)
        caller.call("casino.component", [name, session.json, message]) { done($0.changes(of: which)) }
    }
}

extension CasinoScripts {
    /// A level of a jackpot was won: for who has subscribed to it. Nobody waits for it.
    ///
    /// - Parameter failed: Called with a stable code if it was not told. A package that has no such function tells nobody.
    func won(_ news: JackpotNews, _ failed: @escaping (String) -> Void) {
        caller.call("casino.won", [news.json]) { answer in
            if case .failed(let code) = answer, code != "no_such_function" { failed(code) }
        }
    }
}

/// A level of a jackpot that was won.
struct JackpotNews {
    /// Its full name: `night/mini`.
    var level: String
    var credits: Int64
    /// What was committed to; empty: nothing.
    var secret: String
    /// To what the next value is; empty: to nothing.
    var commitment: String
    var site: String
    var platform: String

    var json: [UInt8] {
        var text = Array("{\"platform\":".utf8)
        text.append(jsonString: platform)
        text.append(text: ",\"site\":")
        text.append(jsonString: site)
        text.append(text: ",\"id\":")
        text.append(jsonString: level)
        text.append(text: ",\"amount\":")
        text.append(decimal: credits)
        if !secret.isEmpty {
            text.append(text: ",\"secret\":")
            text.append(jsonString: secret)
        }
        if !commitment.isEmpty {
            text.append(text: ",\"commitment\":")
            text.append(jsonString: commitment)
        }
        text.append(text: "}")
        return text
    }
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

    /// Reads ``OpenedSession``, or nil, code, detail.
    var session: Result<OpenedSession, SessionError> {
        guard case .results(let values) = self else {
            // Nothing but the client's words was told.
            guard self != .failed(code: ScriptError.unreadableArgument) else {
                return .failure(SessionError(.badMessage, "the start message \(Self.unreadable)", re: .start))
            }
            return .failure(SessionError(.internal, "the server cannot take sessions at the moment, try again later", re: .start))
        }
        guard let first = values.first, first != Self.null else {
            let code = Self.text(values, 1).flatMap { SessionErrorCode(rawValue: $0) } ?? .authFailed
            return .failure(SessionError(code, Self.text(values, 2) ?? "the platform does not know the user", re: .start))
        }
        return first.withUnsafeBytes { OpenedSession($0) }.map { .success($0) }
            ?? .failure(SessionError(.internal, "the platform's answer cannot be used", re: .start))
    }

    /// Reads `{session_id, player_id}`, `{}`, or nil, code, detail.
    var registration: Result<Registration?, SessionError> {
        let values: [[UInt8]]
        switch self {
        case .failed("no_such_function"): return .success(nil)
        case .failed: return .failure(SessionError(.internal, "the server cannot take sessions at the moment, try again later", re: .start))
        case .results(let results): values = results
        }
        guard let first = values.first, first != Self.null else {
            let code = Self.text(values, 1).flatMap { SessionErrorCode(rawValue: $0) } ?? .internal
            return .failure(SessionError(code, Self.text(values, 2) ?? "the session was not registered", re: .start))
        }
        return .success(first.withUnsafeBytes { bytes -> Registration? in
            guard let object = try? JSONObject(bytes) else { return nil }
            func id(_ name: StaticString) -> String? {
                object[name]?.string.flatMap { $0.isEmpty || $0.utf8.count > Registration.nameBytesMax || $0.utf8.contains(0) ? nil : $0 }
            }
            guard let session = id("session_id"), let player = id("player_id") else { return nil }
            return Registration(session: session, player: player)
        })
    }

    /// Reads what a component has returned (``ComponentChanges``), or nil, code, detail.
    func changes(of component: String) -> ComponentAnswer {
        switch self {
        case .failed(ScriptError.unreadableArgument): return .failed(code: "component_error", detail: "the message \(Self.unreadable)")
        case .failed(let code): return .failed(code: "component_error", detail: "the component failed (\(code))")
        case .results(let values):
            guard let first = values.first, first != Self.null else {
                return .failed(
                    code: Self.text(values, 1) ?? "component_error", detail: Self.text(values, 2) ?? "the component refused the message")
            }
            return ComponentAnswer(reading: first, from: component)
        }
    }

    private static let null = Array("null".utf8)
    private static let unreadable = "has something in it that cannot be read, a number that is too large or lists that are nested too deep"

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
