import NIOCore
import NIOHTTP1

/// Answers `OPTIONS` for routes that do not, CORS preflights among them.
final class OptionsResponder: HTTPResponder {
    let options: HTTPOptions
    private var headers: HTTPHeaders

    /// Where any header is allowed: the methods of web services.
    private static let anyMethods = "GET,HEAD,PUT,PATCH,POST,DELETE"
    /// Bytes of a list of headers that is repeated to who asks; browsers name a few.
    private static let askedBytesMax = 1_024

    /// - Parameters:
    ///   - method: What a browser wants to ask with, `access-control-request-method`.
    ///   - asked: The headers it wants to send, `access-control-request-headers`.
    init(_ targets: RouteTable.Targets, requestedMethod method: String?, headers asked: String?) {
        headers = ["allow": targets.allowed]
        var options = HTTPOptions()
        options.maxBody = 0
        if let cors = Self.policy(targets, method) {
            // The connection adds the origin.
            options.cors = cors
            headers.add(name: "access-control-allow-methods", value: cors.allowsAnyHeader ? Self.anyMethods : targets.allowed)
            let allowed = cors.allowsAnyHeader ? asked.flatMap(Self.list) ?? "" : cors.headers.joined(separator: ", ")
            if !allowed.isEmpty { headers.add(name: "access-control-allow-headers", value: allowed) }
            headers.add(name: "access-control-max-age", value: String(cors.maxAge.nanoseconds / 1_000_000_000))
        }
        self.options = options
    }

    /// Of the route that is asked about; without a method of any that allows all headers.
    private static func policy(_ targets: RouteTable.Targets, _ method: String?) -> CORSPolicy? {
        if let method, let responder = targets.responder(HTTPMethod(rawValue: method)) { return responder.options.cors }
        return targets.methods.lazy.compactMap { $0.responder.options.cors }.first(where: \.allowsAnyHeader)
    }

    /// Names with commas and blanks between them; nil: something else, which is not repeated.
    private static func list(_ text: String) -> String? {
        guard text.utf8.count <= askedBytesMax else { return nil }
        let isFine = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || "-_., ".utf8.contains($0) }
        return isFine ? text : nil
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
