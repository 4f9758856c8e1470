import NIOCore
import NIOHTTP1

/// Answers `OPTIONS` for routes that do not, CORS preflights among them.
final class OptionsResponder: HTTPResponder {
    let options: HTTPOptions
    private var headers: HTTPHeaders

    /// - Parameter method: What a browser wants to ask with, `access-control-request-method`.
    init(_ targets: RouteTable.Targets, requestedMethod method: String?) {
        headers = ["allow": targets.allowed]
        var options = HTTPOptions()
        options.maxBody = 0
        if let method, let responder = targets.responder(HTTPMethod(rawValue: method)), let cors = responder.options.cors {
            // The connection adds the origin.
            options.cors = cors
            headers.add(name: "access-control-allow-methods", value: targets.allowed)
            if !cors.headers.isEmpty {
                headers.add(name: "access-control-allow-headers", value: cors.headers.joined(separator: ", "))
            }
            headers.add(name: "access-control-max-age", value: String(cors.maxAge.nanoseconds / 1_000_000_000))
        }
        self.options = options
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) { reply.send(status: 204, headers: headers) }
}

extension CORSPolicy {
    /// Whether pages of this origin may ask; nil: the browser did not say which.
    func allows(_ origin: String?) -> Bool {
        guard let origins else { return true }
        guard let origin = origin?.lowercased() else { return false }
        return origins.contains { $0.lowercased() == origin }
    }

    func add(to headers: inout HTTPHeaders, origin: String) {
        guard origins != nil else {
            headers.replaceOrAdd(name: "access-control-allow-origin", value: "*")
            return
        }
        headers.add(name: "vary", value: "origin")
        if allows(origin) {
            headers.replaceOrAdd(name: "access-control-allow-origin", value: origin)
        }
    }
}
