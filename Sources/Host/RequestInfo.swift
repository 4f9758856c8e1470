import NIOCore
import NIOHTTP1
import Transport

/// A request as scripts see it, of plain HTTP or of a WebSocket handshake. Never changed, so it can go to another loop; an
/// object, so that handing it on counts one reference.
final class RequestInfo: Sendable {
    let method: HTTPMethod
    let path: String
    let query: String?
    let parameters: [(name: String, value: String)]
    let fields: RequestFields
    let body: ByteBuffer?
    let remote: String
    let listener: String

    init(_ request: HTTPRequest) {
        method = request.method
        path = request.path
        query = request.query
        parameters = request.parameters.items
        fields = request.fields
        body = request.body.readableBytes > 0 ? request.body : nil
        remote = request.remote
        listener = request.listener
    }

    /// The request a connection was opened with.
    init(_ connection: Connection) {
        let request = connection.request
        method = .GET
        path = request?.path ?? ""
        query = request?.query
        parameters = request?.parameters.items ?? []
        fields = request?.fields ?? RequestFields()
        body = nil
        remote = connection.remote
        listener = request?.listener ?? ""
    }

    /// The query's pairs; of a repeated name the last counts.
    var queryItems: [(name: String, value: String)] { QueryString.items(query) }
}
