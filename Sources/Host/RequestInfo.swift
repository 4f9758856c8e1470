import NIOCore
import NIOHTTP1
import Transport

/// A request as scripts see it, of plain HTTP or of a WebSocket handshake. A value, so it can go to another loop.
struct RequestInfo: Sendable {
    var method: String
    var path: String
    var query: String?
    var parameters: [(name: String, value: String)]
    var headers: HTTPHeaders
    var body: ByteBuffer?
    var remote: String
    var listener: String

    init(_ request: HTTPRequest) {
        method = request.method.rawValue
        path = request.path
        query = request.query
        parameters = request.parameters.items
        headers = request.headers
        body = request.body.readableBytes > 0 ? request.body : nil
        remote = request.remote
        listener = request.listener
    }

    /// The request a connection was opened with.
    init(_ connection: Connection) {
        let request = connection.request
        method = "GET"
        path = request?.path ?? ""
        query = request?.query
        parameters = request?.parameters.items ?? []
        headers = request?.headers ?? [:]
        body = nil
        remote = connection.remote
        listener = request?.listener ?? ""
    }

    /// The query's pairs; of a repeated name the last counts.
    var queryItems: [(name: String, value: String)] { QueryString.items(query) }
}
