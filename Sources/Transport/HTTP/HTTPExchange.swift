import NIOCore
import NIOHTTP1

/// The request a connection is receiving or answering.
final class HTTPExchange {
    let head: HTTPRequestHead
    let summary: HeadSummary
    let options: HTTPOptions
    let parameters: RouteParameters
    let target: Target
    var body: ByteBuffer?
    /// How many bytes had been read when its head came.
    var startsAt = 0
    /// The connection goes on after the answer.
    var keepAlive: Bool

    enum Target {
        case responder(any HTTPResponder)
        case upgrade(any WebSocketEndpoint, WebSocketOptions, Handshake.Accepted)
        /// Refused; the answer is under way.
        case none
    }

    init(
        _ head: HTTPRequestHead, _ summary: HeadSummary, _ target: Target, options: HTTPOptions,
        parameters: RouteParameters, keepAlive: Bool
    ) {
        self.head = head
        self.summary = summary
        self.target = target
        self.options = options
        self.parameters = parameters
        self.keepAlive = keepAlive
    }

    /// A request that gets an answer of the transport.
    convenience init(_ head: HTTPRequestHead, _ summary: HeadSummary, _ responder: (any HTTPResponder)?, keepAlive: Bool) {
        self.init(
            head, summary, responder.map { .responder($0) } ?? .none, options: HTTPOptions(), parameters: RouteParameters(),
            keepAlive: keepAlive)
    }
}
