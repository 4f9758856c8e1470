public import NIOHTTP1

/// The request a WebSocket connection was opened with.
public struct UpgradeRequest {
    /// Name of the listener it came in on.
    public var listener: String
    /// Percent-encoded, without the query.
    public var path: String
    public var query: String?
    /// What `:name` and `*` of the route's pattern matched, percent-decoded.
    public var parameters: RouteParameters
    /// The header fields as they were sent.
    public var fields: RequestFields
    /// The subprotocol that was chosen.
    public var subprotocol: String?

    /// The header fields, taken apart anew with each call.
    public var headers: HTTPHeaders { fields.headers }

    /// The query's pairs, percent-decoded, `+` as a space, in their order.
    public var queryItems: [(name: String, value: String)] { QueryString.items(query) }
}

/// One object for the request, so that a connection that has forgotten it holds a pointer's room for it.
final class RequestBox {
    let request: UpgradeRequest
    init(_ request: UpgradeRequest) { self.request = request }
}
