public import NIOCore
public import NIOHTTP1

/// Which scripts of other sites may read answers (the Fetch standard's CORS protocol).
public struct CORSPolicy: Sendable, Equatable {
    /// Allowed origins; nil: all (`*`).
    public var origins: [String]?
    /// Request headers a script may set.
    public var headers: [String]
    /// They may set any: a preflight is told what it asks for, and the methods are told as a fixed list, as programs expect that
    /// were written for a server that does so.
    public var allowsAnyHeader: Bool
    /// How long a browser may remember the preflight's answer.
    public var maxAge: TimeAmount

    public init(origins: [String]? = nil, headers: [String] = ["content-type"], allowsAnyHeader: Bool = false, maxAge: TimeAmount = .seconds(600)) {
        self.origins = origins
        self.headers = headers
        self.allowsAnyHeader = allowsAnyHeader
        self.maxAge = maxAge
    }
}

/// What a responder wants from its requests.
public struct HTTPOptions: Sendable {
    /// Bytes of a request body, 0…; more: 413.
    public var maxBody = 1024 * 1024
    /// Nil: no CORS headers, so browsers keep other sites away.
    public var cors: CORSPolicy?

    public init() {}
}

/// Answers the requests of a route. Called on the connection's event loop.
public protocol HTTPResponder: AnyObject {
    /// Read once per request, before its body.
    var options: HTTPOptions { get }

    /// Answers now or later, with exactly one call of `reply.send`. The next request of the connection is taken up after it.
    func respond(_ request: HTTPRequest, _ reply: HTTPReply)
}

/// One complete request.
public struct HTTPRequest: Sendable {
    /// Name of the listener it came in on.
    public var listener: String
    public var method: HTTPMethod
    /// The target's path as it was sent, percent-encoded, without the query.
    public var path: String
    /// What follows `?`, as it was sent; nil: no `?`.
    public var query: String?
    /// What `:name` and `*` of the route's pattern matched, percent-decoded.
    public var parameters: RouteParameters
    /// The header fields as they were sent.
    public var fields: RequestFields
    public var body: ByteBuffer
    /// The other side's address, or "unix". Not more than what the socket says; no proxy header is believed.
    public var remote: String

    /// The header fields, taken apart anew with each call.
    public var headers: HTTPHeaders { fields.headers }

    /// The query's pairs, percent-decoded, `+` as a space, in their order.
    public var queryItems: [(name: String, value: String)] { QueryString.items(query) }
}
