import Host
import LuaRuntime

/// The protocol of one user session (docs/session-protocol.md) without sockets, users or games: text in, actions out.
///
/// The session carries the actions out in order. Errors never end the machine but where the protocol closes the socket.
struct SessionMachine {
    /// Messages that wait while the platform is being asked. A client that follows the protocol sends none; an eager one
    /// sends a `gameload`. More than these is abuse.
    static let heldMessagesMax = 16
    /// Longest name of an action, game, component, or a state id: all are short identifiers.
    static let nameBytesMax = 128

    enum Action: Equatable {
        /// Authenticate and look up the site; answer with ``SessionMachine/started()`` or ``SessionMachine/refused()``.
        case start(StartRequest)
        /// Hand to the user's home worker.
        case perform(SessionCommand)
        /// Tell the client; close if the code says so.
        case reject(SessionError)
    }

    private enum Phase: Equatable {
        case waiting
        case starting
        case started
        case ended
    }

    private var phase: Phase = .waiting
    private var held: [SessionCommand] = []

    /// Is the platform being asked?
    var isStarting: Bool { phase == .starting }

    /// Has a start message come?
    var hasBegun: Bool { phase != .waiting }

    /// Takes one message; nil when there is nothing to do for now.
    mutating func receive(_ text: UnsafeRawBufferPointer, isText: Bool) -> Action? {
        guard phase != .ended else { return nil }
        guard isText else { return .reject(SessionError(.badMessage, "binary messages are not part of the protocol", re: nil)) }
        let message: JSONObject
        do {
            message = try JSONObject(text)
        } catch {
            return .reject(SessionError(.badMessage, "not a JSON object: \(error.detail)", re: nil))
        }
        guard let type = message["t"] else { return receiveUntyped(message) }
        guard let type = Self.type(type) else { return .reject(Self.unknownType(type)) }
        guard phase != .waiting else { return .reject(SessionError(.notStarted, "the session has no user yet: send the start message first", re: type)) }
        do {
            let command = try Self.command(type, message)
            guard phase == .starting else { return .perform(command) }
            guard held.count < Self.heldMessagesMax else {
                return .reject(SessionError(.notStarted, "too many messages before the session has started", re: type))
            }
            held.append(command)
            return nil
        } catch {
            return .reject(error)
        }
    }

    /// The user is known: what came meanwhile may be performed, in order.
    mutating func started() -> [SessionCommand] {
        guard phase == .starting else { return [] }
        phase = .started
        defer { held = [] }
        return held
    }

    /// The start failed without closing the socket; the client may try again.
    mutating func refused() {
        guard phase == .starting else { return }
        phase = .waiting
        held = []
    }

    /// The socket closes: nothing more is taken.
    mutating func end() {
        phase = .ended
        held = []
    }

    private mutating func receiveUntyped(_ message: JSONObject) -> Action {
        guard message["auth"] != nil else { return .reject(SessionError(.badMessage, "the member \"t\" is missing", re: nil)) }
        guard phase == .waiting else { return .reject(SessionError(.alreadyStarted, "the session has started already", re: .start)) }
        do {
            let request = try Self.startRequest(message)
            phase = .starting
            return .start(request)
        } catch {
            return .reject(error)
        }
    }

    private static func type(_ value: JSONValue) -> SessionMessageType? {
        if value.isString("action") { return .action }
        if value.isString("gameload") { return .gameload }
        if value.isString("gamefinish") { return .gamefinish }
        if value.isString("component") { return .component }
        return nil
    }

    private static func unknownType(_ value: JSONValue) -> SessionError {
        guard let text = value.string else { return SessionError(.badMessage, "\"t\" must be a string", re: nil) }
        var error = SessionError(.badMessage, "unknown message type", re: nil)
        if text.utf8.count <= nameBytesMax { error.re = text }
        return error
    }

    private static func startRequest(_ message: JSONObject) throws(SessionError) -> StartRequest {
        guard let auth = message["auth"]?.object else { throw SessionError(.badMessage, "\"auth\" must be an object", re: .start) }
        func text(_ object: JSONObject, _ name: StaticString, _ bytesMax: Int, isOptional: Bool) throws(SessionError) -> String {
            guard let value = object[name], value.kind != .null || !isOptional else {
                if isOptional { return "" }
                throw SessionError(.badMessage, "the member \"\(name)\" is missing", re: .start)
            }
            guard let text = value.string else { throw SessionError(.badMessage, "\"\(name)\" must be a string", re: .start) }
            guard text.utf8.count <= bytesMax else { throw SessionError(.badMessage, "\"\(name)\" is longer than \(bytesMax) bytes", re: .start) }
            return text
        }
        var userInfo: [UInt8] = []
        if let value = auth["userinfo"], value.kind != .null {
            guard value.kind == .object else { throw SessionError(.badMessage, "\"userinfo\" must be an object", re: .start) }
            userInfo = [UInt8](value.bytes)
        }
        return StartRequest(
            uid: try text(auth, "uid", StartRequest.nameBytesMax, isOptional: true),
            token: try text(auth, "token", StartRequest.tokenBytesMax, isOptional: true),
            userInfo: userInfo,
            platform: try text(message, "platform", StartRequest.nameBytesMax, isOptional: false),
            site: try text(message, "site", StartRequest.nameBytesMax, isOptional: false))
    }

    private static func command(_ type: SessionMessageType, _ message: JSONObject) throws(SessionError) -> SessionCommand {
        func name(_ member: StaticString) throws(SessionError) -> String {
            guard let value = message[member] else { throw SessionError(.badMessage, "the member \"\(member)\" is missing", re: type) }
            guard let text = value.string else { throw SessionError(.badMessage, "\"\(member)\" must be a string", re: type) }
            guard text.utf8.count <= nameBytesMax else {
                throw SessionError(.badMessage, "\"\(member)\" is longer than \(nameBytesMax) bytes", re: type)
            }
            return text
        }
        switch type {
        case .action:
            let action = try name("action")
            let sid = try name("sid")
            guard let params = message["params"], params.kind != .null else { return .action(name: action, params: [], sid: sid) }
            guard params.kind == .object else { throw SessionError(.badParams, "\"params\" must be an object", re: type) }
            return .action(name: action, params: [UInt8](params.bytes), sid: sid)
        case .gameload: return .load(game: try name("gameid"))
        case .gamefinish: return .finish
        case .component:
            let which = try name("which")
            guard let content = message["message"] else { throw SessionError(.badMessage, "the member \"message\" is missing", re: type) }
            return .component(which: which, message: [UInt8](content.bytes))
        case .start: throw SessionError(.alreadyStarted, "the session has started already", re: .start)
        }
    }
}
