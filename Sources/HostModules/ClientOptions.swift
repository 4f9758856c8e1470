import Host
import LuaRuntime
import Transport

/// The options of `nightjar.websocket.connect`: what they are, and how they are read.
enum ClientOptions {
    /// What is wrong beyond what the fields' declarations say, for the author of the script.
    struct Mistake: Error {
        var message: String
    }

    /// Headers of the handshake, their bytes, and subprotocols: as many as servers take.
    private static let headersMax = 64
    private static let headerBytesMax = 8 << 10
    private static let protocolsMax = 16

    /// Shortest and longest time of an option, in seconds: those of endpoints.
    private static let secondsRange = 0.05...86_400.0
    private static let connectRange = 0.05...120.0
    private static let bytesRange = 1...Double(16 << 20)
    /// 10 ms: whoever wants to try more often than a hundred times a second does not want to wait at all.
    private static let pauseRange = 0.01...86_400.0
    private static let firstRange = 0...86_400.0
    private static let factorRange = 1...10.0

    static let fields = [
        HostField("open", .function, as: "fun(conn: nightjar.Connection)", about: "Called when the connection is open."),
        HostField(
            "message", .function, as: "fun(conn: nightjar.Connection, text: string, binary: boolean)",
            about: "Called for every message, one after the other."),
        HostField(
            "close", .function, as: "fun(conn: nightjar.Connection, code: integer, reason: string)",
            about: "Called when a connection that was open is gone."),
        HostField(
            "failed", .function, as: "fun(error: nightjar.ClientError, retry_after: number?)",
            about: "Called when an attempt came to nothing; seconds to the next one, nil: there is none."),
        HostField(
            "error", .function, as: "fun(conn: nightjar.Connection, code: string)", about: "Called when a handler of the connection failed."),
        HostField("headers", .table, as: "table<string, string>", about: "Further headers of the handshake."),
        HostField("protocols", .table, as: "string[]", about: "Subprotocols that are offered, the preferred one first."),
        HostField("on_demand", .boolean, about: "Not to be opened before `client:open()`; default false."),
        HostField(
            "reconnect", .table, orFalse: true, fields: reconnectFields, as: "false|nightjar.Reconnect",
            about: "Pauses before it is tried again; false: it is not."),
        HostField("connect_timeout", .number, in: connectRange, "seconds", about: "Seconds until it must be open; default 10."),
        HostField(
            "ping_interval", .number, in: secondsRange, "seconds", orFalse: true, as: "number|false", about: "Seconds; default 20; false: no pings."),
        HostField("pong_timeout", .number, in: secondsRange, "seconds", about: "Seconds of silence after a ping that end it; default 20."),
        HostField("max_message", .integer, in: bytesRange, "bytes", about: "Bytes of a message; longer ones close it; default 1 MiB."),
        HostField("compression", .boolean, about: "Whether compression is offered (permessage-deflate); default true."),
    ]

    private static let reconnectFields = [
        HostField("first", .number, in: firstRange, "seconds", about: "The first retry comes within so many seconds, at random; default 5."),
        HostField("initial", .number, in: pauseRange, "seconds", about: "Seconds before the second one; default 3.1."),
        HostField("factor", .number, in: factorRange, about: "By which they grow; default 1.618."),
        HostField(
            "max", .number, in: pauseRange, "seconds", about: "To so many seconds at most; default 90. Up to a fifth is left out at random."),
    ]

    static func read(_ call: borrowing HostCall, _ name: String, _ url: WebSocketURL) throws(Mistake) -> Registrations.Client {
        let identity = ClientIdentity(name: name, url: url, headers: try headers(call), protocols: try protocols(call))
        let settings = try settings(call)
        var handlers = EndpointHandlers()
        handlers.open = call.field(2, "open").flatMap { call.ref($0) }
        handlers.message = call.field(2, "message").flatMap { call.ref($0) }
        handlers.close = call.field(2, "close").flatMap { call.ref($0) }
        handlers.error = call.field(2, "error").flatMap { call.ref($0) }
        guard handlers.message != nil || handlers.open != nil else {
            throw Mistake(message: "bad argument #3 to 'websocket.connect' (a field 'message' or 'open' expected)")
        }
        return Registrations.Client(
            identity: identity, settings: settings, handlers: handlers, failed: call.field(2, "failed").flatMap { call.ref($0) }, site: call.site)
    }

    private static func settings(_ call: borrowing HostCall) throws(Mistake) -> ClientSettings {
        var settings = ClientSettings()
        settings.onDemand = call.boolean(field: "on_demand", of: 2) ?? settings.onDemand
        settings.reconnect = try reconnect(call)
        settings.connectTimeoutSeconds = call.number(field: "connect_timeout", of: 2) ?? settings.connectTimeoutSeconds
        if call.boolean(field: "ping_interval", of: 2) == false {
            settings.pingIntervalSeconds = nil
        } else if let seconds = call.number(field: "ping_interval", of: 2) {
            settings.pingIntervalSeconds = seconds
        }
        settings.pongTimeoutSeconds = call.number(field: "pong_timeout", of: 2) ?? settings.pongTimeoutSeconds
        if let bytes = call.integer(field: "max_message", of: 2) { settings.maxMessageBytes = Int(bytes) }
        settings.isCompressed = call.boolean(field: "compression", of: 2) ?? settings.isCompressed
        return settings
    }

    private static func reconnect(_ call: borrowing HostCall) throws(Mistake) -> ReconnectPolicy? {
        var policy = ReconnectPolicy()
        guard let table = call.field(2, "reconnect") else { return policy }
        if call.boolean(table) == false { return nil }
        policy.first = call.number(field: "first", of: table) ?? policy.first
        policy.initial = call.number(field: "initial", of: table) ?? policy.initial
        policy.factor = call.number(field: "factor", of: table) ?? policy.factor
        policy.max = call.number(field: "max", of: table) ?? Swift.max(policy.max, policy.initial)
        guard policy.initial <= policy.max else {
            throw Mistake(message: "bad field 'reconnect.max' of 'websocket.connect' (at least 'initial', \(policy.initial) seconds, expected)")
        }
        return policy
    }

    /// Values may be secrets: no message repeats one.
    private static func headers(_ call: borrowing HostCall) throws(Mistake) -> [ClientIdentity.Header] {
        guard let table = call.field(2, "headers") else { return [] }
        func mistake(_ text: String) -> Mistake { Mistake(message: "bad field 'headers' of 'websocket.connect' (\(text))") }
        var headers: [ClientIdentity.Header] = []
        var bytes = 0
        var seen: Set<String> = []
        let view = call.view
        try call.forEachPair(table) { (key, value) throws(Mistake) in
            guard let name = view.string(key), let text = view.string(value) else { throw mistake("names and texts expected") }
            bytes += name.utf8.count + text.utf8.count
            guard headers.count < headersMax, bytes <= headerBytesMax else {
                throw mistake("at most \(headersMax) headers and \(headerBytesMax) bytes of them expected")
            }
            if let problem = ClientHeader.problem(name, text) { throw mistake(problem) }
            guard seen.insert(name.lowercased()).inserted else { throw mistake("'\(name)' is there twice") }
            headers.append(.init(name: name, value: text))
        }
        // A table has no order; without one the same headers would look changed.
        return headers.sorted { $0.name < $1.name }
    }

    private static func protocols(_ call: borrowing HostCall) throws(Mistake) -> [String] {
        guard call.field(2, "protocols") != nil else { return [] }
        guard let list = call.strings(field: "protocols", of: 2), list.count <= protocolsMax, list.allSatisfy(ClientHeader.isSubprotocol),
            Set(list).count == list.count
        else {
            throw Mistake(
                message: "bad field 'protocols' of 'websocket.connect' (a list of at most \(protocolsMax) different names without blanks expected)")
        }
        return list
    }
}
