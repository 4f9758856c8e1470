import NIOCore
import NIOHTTP1

/// Answers a request whose head was refused, when its (absent) body has been read, so that the connection can go on.
final class CannedResponder: HTTPResponder {
    let options = HTTPOptions()
    private let refusal: HeadSummary.Refusal
    private let headers: HTTPHeaders

    init(_ refusal: HeadSummary.Refusal, headers: HTTPHeaders) {
        self.refusal = refusal
        self.headers = headers
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        let answer = HTTPAnswer.error(status: refusal.status, code: refusal.code, message: refusal.message)
        var all = answer.headers
        all.add(contentsOf: headers)
        reply.send(status: refusal.status, headers: all, body: answer.body)
    }
}

/// Answers `OPTIONS` for routes that do not, CORS preflights among them.
final class OptionsResponder: HTTPResponder {
    let options: HTTPOptions
    private var headers: HTTPHeaders

    init(_ targets: RouteTable.Targets, requested head: HTTPRequestHead) {
        headers = ["allow": targets.allowed]
        var options = HTTPOptions()
        options.maxBody = 0
        if let wanted = head.headers.first(name: "access-control-request-method"),
            let responder = targets.responder(HTTPMethod(rawValue: wanted)), let cors = responder.options.cors {
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

extension HTTPAnswer {
    static func error(status: Int, code: String, message: String) -> HTTPAnswer {
        HTTPAnswer(
            status: status, headers: ["content-type": "application/json"],
            body: ByteBuffer(bytes: ErrorBody.json(code: code, message: message)))
    }
}

extension HeadSummary {
    /// For heads that could not be understood.
    static let unknown = HeadSummary()

    private init() { path = "" }
}

extension HeadSummary.Refusal {
    /// What the decoder did not accept; nil for failures of the socket.
    init?(decoderError error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow:
            self.init(status: 431, code: "headers_too_large", message: "The request's header fields are too large.")
        case is ByteToMessageDecoderError.PayloadTooLargeError:
            self.init(status: 414, code: "target_too_long", message: "The request target is too long.")
        case HTTPParserError.invalidVersion:
            self.init(status: 505, code: "unsupported_version", message: "Only HTTP/1.0 and HTTP/1.1 are spoken.")
        case HTTPParserError.invalidMethod:
            self.init(status: 501, code: "not_implemented", message: "The method is not known.")
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection: return nil
        case is HTTPParserError:
            self.init(status: 400, code: "bad_request", message: "The request is malformed.")
        default: return nil
        }
    }
}
