import Host
import LuaRuntime
import Transport

/// `nightjar.websocket.connect`: connections to other servers, declared by name.
struct ClientAPI: HostModule {
    static let type = ObjectTypes.register("client")
    var functions: [HostFunction] { [Self.connect] }
    var types: [HostType] { [Self.hostType] }
    var classes: [HostClass] { [Self.failureClass] }

    /// Outgoing connections of one package. Each is a socket and up to `max_message` of memory, and all of them knock at once when
    /// the network comes back; services that have more to say offer it on one connection.
    private static let clientsMax = 32
    private static let nameBytesMax = 64

    /// A package that runs on every loop would be connected as often.
    func loaded(_ generation: Generation, _ main: SourceFile) throws(ScriptError) {
        guard generation.settings.placement == .all, let first = generation.registrations.clients.first else { return }
        throw ScriptError(
            kind: .argument, code: "bad_settings",
            message: "an outgoing connection needs M.workers = \"one\" or \"dedicated\": with \"all\" each event loop would have one, and "
                + "everything would come in several times",
            chunk: first.site?.chunk ?? main.label, line: first.site?.line)
    }

    private static let connect = HostFunction(
        module: "websocket", "connect",
        [
            HostParameter("name", .string, "Names the connection within the package: 1…64 letters, digits, `_`, `-` or `.`."),
            HostParameter("url", .string, "`ws://` or `wss://`, a host, and a port from 1 to 65535 if there is one. Its query is never logged."),
            HostParameter("options", .table, "Handlers and options.", as: "nightjar.ClientOptions", fields: ClientOptions.fields),
        ],
        returns: [HostReturn("client", .object(type))],
        """
        Declares a connection to another server. It opens when the package goes live, again after it was lost, and stays open through \
        reloads as long as name, URL, headers and protocols are the same. Only for packages with one worker.
        """
    ) { call in
        if let refusal = call.declarationRefusal("outgoing connections") { return refusal }
        let generation = call.generation
        guard let name = call.string(0), isName(name) else {
            return .raise("bad argument #1 to 'websocket.connect' (1…\(nameBytesMax) letters, digits, '_', '-' or '.' expected)")
        }
        if let former = generation.registrations.clients.first(where: { $0.identity.name == name }) {
            let place = former.site.map { " at \($0.chunk):\($0.line)" } ?? ""
            return .raise("the outgoing connection '\(name)' is declared already\(place)")
        }
        guard generation.registrations.clients.count < clientsMax else {
            return .raise("more than \(clientsMax) outgoing connections in this package")
        }
        let url: WebSocketURL
        do throws(WebSocketClientError) { url = try WebSocketURL(call.string(1) ?? "") } catch {
            return .raise("bad argument #2 to 'websocket.connect' (the URL \(error.detail))")
        }
        do throws(ClientOptions.Mistake) {
            let declared = try ClientOptions.read(call, name, url)
            generation.registrations.clients.append(declared)
        } catch {
            return .raise("\(error.message)")
        }
        call.returnObject(type, Int64(generation.registrations.clients.count - 1))
        return .values
    }

    private static func isName(_ name: String) -> Bool {
        (1...nameBytesMax).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || "_-.".utf8.contains($0) }
    }

    // MARK: The object

    private static let hostType = HostType(
        id: type, name: "client", methods: [open, close, send, status], "A connection to another server that the package has declared.")

    private static let open = HostFunction(
        "open", [], "It is to be connected from now on. Without effect if it is."
    ) { call in
        if let refusal = call.refusal("client:open") { return refusal }
        call.generation.effects.append(.clientOpen(Int32(call.handle)))
        return .none
    }

    private static let close = HostFunction(
        "close", ConnectionAPI.closeParameters,
        "It is not to be connected any more: no further attempt, and what is open is closed after what was sent before."
    ) { call in
        if let refusal = call.refusal("client:close") { return refusal }
        let number = Int32(call.handle)
        return ConnectionAPI.recordClose(call, "client:close") { .clientClose(number, code: $0, reason: $1) }
    }

    private static let send = HostFunction(
        "send",
        [
            HostParameter("text", .string, "The message."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.SendOptions",
                fields: [HostField("binary", .boolean, about: "Send a binary message: any bytes. A text message is UTF-8.")]),
        ],
        returns: [
            HostReturn("taken", .boolean, optional: true),
            HostReturn("code", .string, optional: true, "With nil: `not_open`; `busy`: too much waits to be sent."),
            HostReturn("detail", .string, optional: true),
        ],
        "Sends a message, after the handler has returned or when it next waits."
    ) { call in
        if let refusal = call.refusal("client:send") { return refusal }
        let kind: MessageKind = call.count > 1 && call.boolean(field: "binary", of: 1) == true ? .binary : .text
        guard let bytes = call.bytes(0) else { return .none }
        if kind == .text, !UTF8Validator.isValid(bytes) { return ConnectionAPI.notText(bytes, "client:send") }
        let generation = call.generation
        let number = Int(call.handle)
        guard let client = generation.client(number), client.isOpen else {
            return .failure(code: "not_open", detail: "the connection is not open")
        }
        guard client.admits(bytes.count, behind: generation.plannedBytes(client: number)) else {
            return .failure(code: "busy", detail: "the service does not take what was sent before")
        }
        generation.effects.send(client: number, bytes, kind)
        call.returnBoolean(true)
        return .values
    }

    private static let status = HostFunction(
        "status",
        returns: [
            HostReturn(
                "status", .table, as: "nightjar.ClientStatus",
                fields: [
                    HostField("state", .string, choices: ["closed", "connecting", "open", "waiting"], required: true),
                    HostField("since", .number, required: true, about: "When it got into this state, in seconds since 1970."),
                    HostField("attempts", .integer, required: true, about: "Attempts in a row that came to nothing."),
                    HostField("retry_in", .number, about: "Seconds to the next attempt, while it waits for that."),
                    HostField("error", .table, as: "nightjar.ClientError", about: "Why it is not open; nil if it is, or was never tried."),
                ])
        ],
        "Tells what the connection is at."
    ) { call in
        call.returnPlain(plain(call.generation.client(Int(call.handle))?.status ?? ClientStatus()))
        return .values
    }

    private static func plain(_ status: ClientStatus) -> [UInt8] {
        var writer = PlainWriter()
        writer.map(3 + (status.retryIn == nil ? 0 : 1) + (status.failure == nil ? 0 : 1))
        writer.string("state")
        writer.string(status.state)
        writer.string("since")
        writer.number(Double(status.sinceMilliseconds) / 1_000)
        writer.string("attempts")
        writer.integer(Int64(status.attempts))
        if let retryIn = status.retryIn {
            writer.string("retry_in")
            writer.number(retryIn)
        }
        if let failure = status.failure {
            writer.string("error")
            failure.write(&writer)
        }
        return writer.bytes
    }

    private static let failureClass = HostClass(
        "nightjar.ClientError", "Why a connection to another server is not open.",
        fields: [
            HostField(
                "code", .string, required: true,
                about: """
                    `resolve_failed`, `connect_failed`, `tls_failed`, `timeout`, `refused` (see `status`), `bad_handshake`, \
                    `head_too_large`, `lost`; of one that was open also `closed`, `silent`, `violation`.
                    """),
            HostField("message", .string, required: true, about: "For a person."),
            HostField("status", .integer, about: "The HTTP status of a server that refused."),
        ])
}
