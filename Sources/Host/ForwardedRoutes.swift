import NIOCore
import NIOHTTP1
import Transport

/// A forwarded connection as its socket's loop knows it.
final class ForwardRecord {
    var outstanding = Outstanding()
    init() {}
}

/// A WebSocket endpoint of a package that another worker runs.
final class ForwardingEndpoint: WebSocketEndpoint {
    let unit: UnitID
    let path: String
    private let link: ForwardLink
    private let limits: RuntimeLimits
    var settings: EndpointSettings {
        didSet { options = settings.options }
    }
    private(set) var options: WebSocketOptions

    init(unit: UnitID, path: String, settings: EndpointSettings, link: ForwardLink, limits: RuntimeLimits) {
        self.unit = unit
        self.path = path
        self.settings = settings
        self.options = settings.options
        self.link = link
        self.limits = limits
    }

    func opened(_ connection: Connection) {
        connection.attachment = ForwardRecord()
        link.current.open(connection.id, .init(unit: unit, path: path, request: RequestInfo(connection)))
        connection.releaseRequest()
        link.schedule()
    }

    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        guard let attachment = connection.attachment else { return }
        link.current.append(.message, connection.id, bytes, kind: kind)
        let record = unsafeDowncast(attachment, to: ForwardRecord.self)
        if record.outstanding.add(bytes: bytes.count, limits: limits) { connection.pauseReading() }
        link.schedule()
    }

    /// Answered by the worker, behind what came before.
    func closing(_ connection: Connection) {
        link.current.append(.closing, connection.id, UnsafeRawBufferPointer(start: nil, count: 0))
        link.schedule()
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        var reason = reason
        reason.withUTF8 {
            link.current.append(.close, connection.id, UnsafeRawBufferPointer($0), number: UInt32(code))
        }
        link.schedule()
    }
}

/// A route of plain HTTP of a package that another worker runs. One hop there and one back.
final class ForwardingResponder: HTTPResponder {
    private let unit: UnitID
    private let key: String
    private let target: WorkerHandle
    private let limit: Int
    private var underWay = 0
    let options: HTTPOptions

    init(unit: UnitID, key: String, options: HTTPOptions, target: WorkerHandle, limit: Int) {
        self.unit = unit
        self.key = key
        self.options = options
        self.target = target
        self.limit = limit
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        guard underWay < limit else {
            return reply.send(status: 503, error: "busy", message: "too many requests are waiting")
        }
        underWay += 1
        let loop = reply.eventLoop
        let origin = NIOLoopBound((reply, self), eventLoop: loop)
        let info = RequestInfo(request)
        let (unit, key) = (unit, key)
        target.execute { worker in
            let exchange = HTTPExchange { answer in
                loop.execute {
                    let (reply, responder) = origin.value
                    responder.underWay -= 1
                    reply.send(answer)
                }
            }
            guard let responder = worker.units[unit]?.routes.responders[key] else {
                return exchange.refuse(404, "not_found")
            }
            responder.handle(info, exchange)
            worker.takeTurn()
        }
    }
}
