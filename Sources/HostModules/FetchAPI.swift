#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Host
import AsyncHTTPClient
import FoundationEssentials
import LuaRuntime
import NIOCore
import NIOHTTP1
import NIOPosix

/// `nightjar.http.fetch`: requests to other servers. Redirects are not followed: where a request goes is the script's
/// decision.
final class FetchAPI: HostModule {
    var functions: [HostFunction] { [Self.fetch] }
    private let outgoing: Outgoing?

    /// - Parameter group: Loops of the connections; nil: nothing goes out.
    init(group: (any EventLoopGroup)?) { outgoing = group.map(Outgoing.init) }

    func shutdown() async { await outgoing?.shutdown() }

    private static let timeoutRange = 0.001...30.0
    private static let timeoutUsual = 10.0
    private static let bodyBytesMax = 16 << 20
    private static let bodyBytesUsual = 1 << 20
    private static let headersMax = 100
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private static let fetch = HostFunction(
        module: "http", "fetch",
        [
            HostParameter(
                "request", .table,
                """
                `url`; `method` (default GET), `headers` (name → value or list of values), `body` (string), `timeout` (seconds, \
                default 10, at most 30), `max_body` (bytes of the answer, default 1 MiB, at most 16 MiB).
                """)
        ],
        returns: [
            HostReturn("response", .table, optional: true, "`status`, `headers` (lower-case name → value), `body`."),
            HostReturn("code", .string, optional: true, "With nil: `timeout`, `connect_failed`, `tls_failed`, `too_large`, `failed`."),
            HostReturn("detail", .string, optional: true),
        ],
        waits: true,
        "Sends an HTTP request and waits for the answer. Any status is an answer; redirects are not followed."
    ) { call in
        let instance = call.instance
        guard let client = instance.module(FetchAPI.self).outgoing?.client else {
            return .failure(code: "unavailable", detail: "nothing goes out from here")
        }
        let wanted: Wanted
        switch read(call) {
        case .success(let found): wanted = found
        case .failure(let mistake): return .raise(mistake.text)
        }
        instance.pendingWait = .operation { worker, token in
            let delegate = ResponseAccumulator(request: wanted.request, maxBodySize: wanted.maxBody)
            let future = client.execute(
                request: wanted.request, delegate: delegate, eventLoop: .delegate(on: worker.eventLoop),
                deadline: .now() + wanted.timeout
            ).futureResult
            future.whenComplete { token.finish(answer($0)) }
        }
        return .wait
    }

    private struct Wanted {
        var request: HTTPClient.Request
        var timeout: TimeAmount
        var maxBody: Int
    }

    private struct Mistake: Error {
        var text: String
    }

    private static func read(_ call: borrowing HostCall) -> Result<Wanted, Mistake> {
        func mistake(_ text: String) -> Result<Wanted, Mistake> { .failure(Mistake(text: text)) }
        guard let url = call.string(field: "url", of: 0) else { return mistake("bad field 'url' of 'http.fetch' (string expected)") }
        let method = call.string(field: "method", of: 0)?.uppercased() ?? "GET"
        guard methods.contains(method) else { return mistake("bad field 'method' of 'http.fetch' (GET, POST … expected)") }
        let seconds = call.number(field: "timeout", of: 0) ?? timeoutUsual
        guard timeoutRange.contains(seconds) else { return mistake("bad field 'timeout' of 'http.fetch' (0.001…30 seconds expected)") }
        let maxBody = call.integer(field: "max_body", of: 0) ?? Int64(bodyBytesUsual)
        guard (0...Int64(bodyBytesMax)).contains(maxBody) else { return mistake("bad field 'max_body' of 'http.fetch' (0…\(bodyBytesMax) bytes expected)") }
        guard let headers = headers(call) else { return mistake("bad field 'headers' of 'http.fetch' (a table of names and values without line ends expected)") }
        var body: HTTPClient.Body?
        if let field = call.field(0, "body") {
            guard let bytes = call.bytes(field) else { return mistake("bad field 'body' of 'http.fetch' (string expected)") }
            body = .byteBuffer(ByteBuffer(bytes: bytes))
        }
        do {
            let request = try HTTPClient.Request(url: url, method: .init(rawValue: method), headers: headers, body: body)
            guard request.url.scheme == "http" || request.url.scheme == "https" else {
                return mistake("bad field 'url' of 'http.fetch' (http:// or https:// expected)")
            }
            return .success(Wanted(request: request, timeout: .nanoseconds(Int64(seconds * 1_000_000_000)), maxBody: Int(maxBody)))
        } catch {
            return mistake("bad field 'url' of 'http.fetch' (\(error))")
        }
    }

    /// Nil: not a table of texts, or a text that would end its line.
    private static func headers(_ call: borrowing HostCall) -> HTTPHeaders? {
        var headers = HTTPHeaders()
        guard let table = call.field(0, "headers") else { return headers }
        guard call.kind(table) == .table else { return nil }
        var isFine = true
        call.forEachPair(table) { key, value in
            guard let name = call.string(key), isToken(name), headers.count < headersMax else { return isFine = false }
            if let text = call.string(value) ?? call.integer(value).map(String.init) {
                guard isValue(text) else { return isFine = false }
                headers.add(name: name, value: text)
            } else if call.kind(value) == .table, call.length(value) <= headersMax {
                for position in 1...max(1, call.length(value)) {
                    guard let element = call.element(value, position), let text = call.string(element), isValue(text) else {
                        return isFine = false
                    }
                    headers.add(name: name, value: text)
                }
            } else {
                isFine = false
            }
        }
        return isFine ? headers : nil
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    }

    private static func isValue(_ value: String) -> Bool { value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }

    private static func answer(_ result: Result<HTTPClient.Response, any Error>) -> WaitResult {
        switch result {
        case .success(let response):
            var writer = PlainWriter()
            writer.map(3)
            writer.string("status")
            writer.integer(Int64(response.status.code))
            writer.string("headers")
            var headers: [String: String] = [:]
            for (name, value) in response.headers {
                let name = name.lowercased()
                headers[name] = headers[name].map { $0 + ", " + value } ?? value
            }
            writer.map(headers.count)
            for (name, value) in headers {
                writer.string(name)
                writer.string(value)
            }
            writer.string("body")
            writer.string(response.body.map { Array($0.readableBytesView) } ?? [])
            return .values([.plain(writer.bytes)])
        case .failure(let error):
            return .failure(code: code(of: error), detail: "\(error)")
        }
    }

    private static let connectFailures: Set<CInt> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL]

    private static func code(of error: any Error) -> String {
        if error is ResponseAccumulator.ResponseTooBigError { return "too_large" }
        if let error = error as? HTTPClientError {
            if error == .deadlineExceeded || error == .readTimeout || error == .connectTimeout { return "timeout" }
            if error == .tlsHandshakeTimeout { return "tls_failed" }
            return "failed"
        }
        if error is NIOConnectionError { return "connect_failed" }
        if let error = error as? IOError, connectFailures.contains(error.errnoCode) { return "connect_failed" }
        if "\(type(of: error))".contains("SSL") { return "tls_failed" }
        return "failed"
    }
}
