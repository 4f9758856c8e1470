import LuaRuntime
import NIOCore
import Transport

extension EndpointSettings {
    var options: WebSocketOptions {
        var options = WebSocketOptions()
        if let idleTimeoutSeconds { options.idleTimeout = Self.time(idleTimeoutSeconds) }
        options.pingsKeepAlive = pingsKeepAlive
        switch pings {
        case .standard: break
        case .none: options.pingInterval = nil
        case .everySeconds(let seconds): options.pingInterval = Self.time(seconds)
        }
        if let pongTimeoutSeconds { options.pongTimeout = Self.time(pongTimeoutSeconds) }
        options.compression = compression
        if let maxMessageBytes { options.maxMessage = maxMessageBytes }
        if let origins { options.origins = origins.contains("*") ? .any : .list(origins) }
        return options
    }

    private static func time(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1_000_000_000)) }
}

/// A WebSocket endpoint of a package on the worker that runs it, or the handlers of one of its outgoing connections (then no route
/// leads here, and the path is the client's name). Stays the same object through reloads, as long as the path is declared; only its
/// handlers change.
package final class ScriptEndpoint: WebSocketEndpoint {
    package let unit: Unit
    let path: String
    var handlers = EndpointHandlers()
    var settings = EndpointSettings() {
        didSet { options = settings.options }
    }
    private(set) var options = WebSocketOptions()
    /// What a message needs, looked up once per swap; nil while the unit is held, not there, or takes no messages.
    @exclusivity(unchecked) private(set) var target: Target?

    /// Unmanaged: the unit holds the generation as long as it is its running one, and the generation its state.
    struct Target {
        let generation: Unmanaged<Generation>
        let state: Unmanaged<LuaState>
        let number: UInt64
        let handler: LuaRef
        let concurrent: Bool
    }

    /// To be called whenever the unit's running generation, its being held, or the handlers change.
    func retarget() {
        guard !unit.isHeld, !unit.owes, let generation = unit.generation, let state = generation.state, let handler = handlers.message else {
            target = nil
            return
        }
        target = Target(
            generation: .passUnretained(generation), state: .passUnretained(state), number: generation.number.number,
            handler: handler, concurrent: settings.concurrent)
    }

    init(unit: Unit, path: String) {
        self.unit = unit
        self.path = path
    }

    func opened(_ connection: Connection) {
        let record = ConnectionRecord(
            id: connection.id, endpoint: self, peer: .local(connection), remote: connection.remote)
        connection.attachment = record
        let request = RequestInfo(connection)
        connection.releaseRequest()
        unit.connections.opened(record, request)
    }

    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        guard let attachment = connection.attachment else { return }
        // The unit has its connections, and their list the record until its `close` handler is done; counting them per message
        // costs two atomics each.
        Unmanaged.passUnretained(unit.connections)._withUnsafeGuaranteedRef { connections in
            Unmanaged.passUnretained(unsafeDowncast(attachment, to: ConnectionRecord.self))._withUnsafeGuaranteedRef { record in
                _ = connections.received(record, self, bytes, kind)
            }
        }
    }

    func closing(_ connection: Connection) {
        guard let record = connection.attachment as? ConnectionRecord else { return connection.answerClose() }
        unit.connections.closing(record)
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        guard let record = connection.attachment as? ConnectionRecord else { return }
        connection.attachment = nil
        unit.connections.closed(record, code: code, reason: [UInt8](reason.utf8))
    }
}
