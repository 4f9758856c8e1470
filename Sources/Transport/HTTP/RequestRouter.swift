import NIOHTTP1

/// Finds who answers a request of a connection, or why nobody does.
struct RequestRouter {
    /// A head that gets an answer from the transport itself.
    struct Unroutable: Error {
        var refusal: RequestRefusal
        var headers: HTTPHeaders
        /// Who may read the answers of this path may read this one.
        var cors: CORSPolicy?

        init(_ refusal: RequestRefusal, _ headers: HTTPHeaders = [:]) {
            self.refusal = refusal
            self.headers = headers
        }

        init(_ status: Int, _ code: String, _ message: String, _ headers: HTTPHeaders = [:], cors: CORSPolicy? = nil) {
            self.init(RequestRefusal(status: status, code: code, message: message), headers)
            self.cors = cors
        }
    }

    let routes: ListenerRoutes
    private let hosts: HostPolicy
    /// The host that was allowed last; a client names the same one every time.
    private var checkedHost: [UInt8] = []

    init(_ routes: ListenerRoutes, _ hosts: HostPolicy) {
        self.routes = routes
        self.hosts = hosts
    }

    /// - Parameter isDraining: The server is about to stop.
    mutating func route(_ head: borrowing RequestHead, isDraining: Bool) throws(Unroutable) -> CurrentRequest {
        try checkHost(head)
        let match: RouteTable.Match?
        do { match = try routes.match(head.path) } catch {
            throw Unroutable(400, "bad_request", "The path is not valid percent-encoded UTF-8.")
        }
        guard let match else { throw Unroutable(404, "not_found", "There is nothing at this path.") }
        if head.wantsWebSocket { return try upgrade(head, match, isDraining: isDraining) }
        if let responder = match.targets.responder(head.method) {
            let options = responder.options
            guard head.isFromHere || options.cors?.allows(head.origin.map { head.fields[$0] }) == true else {
                throw Unroutable(403, "cross_site", "Pages of other sites may not send requests here.")
            }
            if let length = head.contentLength, length > options.maxBody {
                throw Unroutable(413, "body_too_large", "The request body is too large.", cors: options.cors)
            }
            return CurrentRequest(
                target: .responder(responder), options: options,
                parameters: match.values.isEmpty ? RouteParameters() : match.parameters(head.method.rawValue),
                keepAlive: Self.goesOn(after: head, isDraining: isDraining))
        }
        if head.method == .OPTIONS {
            let responder = OptionsResponder(
                match.targets, requestedMethod: head.fields.first("access-control-request-method"),
                headers: head.fields.first("access-control-request-headers"))
            return CurrentRequest(
                target: .responder(responder), options: responder.options, keepAlive: Self.goesOn(after: head, isDraining: isDraining))
        }
        if match.targets.methods.isEmpty {
            throw Unroutable(426, "upgrade_required", "This path speaks WebSocket.", ["upgrade": "websocket"])
        }
        throw Unroutable(405, "method_not_allowed", "This path does not know the method.", ["allow": match.targets.allowed], cors: match.targets.cors)
    }

    /// Whether another request can follow: none does behind one that asks for an upgrade.
    static func goesOn(after head: borrowing RequestHead, isDraining: Bool) -> Bool {
        guard head.isKeepAlive, !head.hasUpgrade, !isDraining else { return false }
        if case .CONNECT = head.method { return false }
        return true
    }

    private mutating func checkHost(_ head: borrowing RequestHead) throws(Unroutable) {
        if let host = head.host, !head.isOld || host.count > 0, checkedHost.isEmpty || !head.fields.equals(host, checkedHost) {
            let name = head.fields[host]
            try check(name)
            checkedHost = Array(name.utf8)
        }
        if let authority = head.authority { try check(authority) }
    }

    private func check(_ host: String) throws(Unroutable) {
        guard !hosts.allows(host) else { return }
        throw Unroutable(
            421, "unknown_host",
            "This server does not answer to the name \"\(host.prefix(100))\". If it should, add the name to its setting \"hosts\".")
    }

    private func upgrade(_ head: borrowing RequestHead, _ match: RouteTable.Match, isDraining: Bool) throws(Unroutable) -> CurrentRequest {
        guard let endpoint = match.targets.webSocket?.endpoint else {
            throw Unroutable(404, "not_found", "There is no WebSocket at this path.")
        }
        if head.hasBody { throw Unroutable(400, "bad_handshake", "A handshake has no body.") }
        if isDraining { throw Unroutable(503, "shutting_down", "The server is about to stop.") }
        let options = endpoint.options
        do {
            let accepted = try Handshake.check(head, options: options)
            return CurrentRequest(target: .upgrade(endpoint, options, accepted), parameters: match.parameters("websocket"), keepAlive: false)
        } catch {
            throw Unroutable(error, error.status == 426 ? ["sec-websocket-version": "13"] : [:])
        }
    }
}
