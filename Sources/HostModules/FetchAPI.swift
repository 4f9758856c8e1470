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

    /// - Parameter outgoing: Makes the connections, and is ended with this module; nil: nothing goes out.
    init(_ outgoing: Outgoing?) { self.outgoing = outgoing }

    func shutdown() async { await outgoing?.shutdown() }

    private static let timeoutRange = 0.001...30.0
    private static let timeoutUsual = 10.0
    private static let bodyBytesMax = 16 << 20
    private static let bodyBytesUsual = 1 << 20
    private static let headersMax = 100
    /// Bytes of one of their names or values.
    private static let headerBytesMax = 16 << 10
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private static let fetch = HostFunction(
        module: "http", "fetch",
        [
            HostParameter(
                "request", .table, as: "nightjar.FetchRequest",
                fields: [
                    HostField("url", .string, required: true, about: "`http://` or `https://`, a host, and a port from 1 to 65535 if there is one."),
                    HostField("method", .string, as: "\"GET\"|\"HEAD\"|\"POST\"|\"PUT\"|\"PATCH\"|\"DELETE\"|\"OPTIONS\"", about: "Default GET."),
                    HostField("headers", .table, as: "table<string, string|integer|string[]>", about: "Name → value or list of values."),
                    HostField("body", .string, about: "At most 16 MiB."),
                    HostField("timeout", .number, in: timeoutRange, "seconds", about: "Seconds; default 10, at most 30."),
                    HostField("max_body", .integer, in: 0...Double(bodyBytesMax), "bytes", about: "Bytes of the answer; default 1 MiB, at most 16 MiB."),
                ])
        ],
        returns: [
            HostReturn(
                "response", .table, optional: true, as: "nightjar.FetchResponse",
                fields: [
                    HostField("status", .integer), HostField("headers", .table, as: "table<string, string>", about: "By lower-case name."),
                    HostField("body", .string),
                ]),
            HostReturn(
                "code", .string, optional: true,
                "With nil: `bad_url`, `timeout`, `connect_failed`, `tls_failed`, `too_large`, `busy`, `failed`."),
            HostReturn("detail", .string, optional: true),
        ],
        waits: true,
        "Sends an HTTP request and waits for the answer. Any status is an answer; redirects are not followed."
    ) { call in
        let generation = call.generation
        guard let client = generation.module(FetchAPI.self).outgoing?.client else {
            return .failure(code: "unavailable", detail: "nothing goes out from here")
        }
        let wanted: Wanted
        switch read(call) {
        case .success(let found): wanted = found
        case .failure(.raise(let text)): return .raise(text)
        case .failure(.badURL(let text)): return .failure(code: "bad_url", detail: text)
        }
        let traffic = FetchTraffic.of(generation)
        let bytes = wanted.bodyBytes + wanted.maxBody
        guard traffic.admits(bytes) else {
            return .failure(code: "busy", detail: "too many requests of this package are under way")
        }
        generation.pendingWait = .operation { worker, token in
            // Not before the wait begins: a slice that fails asks for nothing.
            traffic.begin(bytes)
            let delegate = ResponseAccumulator(request: wanted.request, maxBodySize: wanted.maxBody)
            // On this loop if the client has it, else on one of its own: it does not know the loop of a dedicated worker.
            let future = client.execute(
                request: wanted.request, delegate: delegate, eventLoop: .indifferent, deadline: .now() + wanted.timeout
            ).futureResult.hop(to: worker.eventLoop)
            let underWay = NIOLoopBound(traffic, eventLoop: worker.eventLoop)
            future.whenComplete {
                underWay.value.end(bytes)
                token.finish(answer($0))
            }
        }
        return .wait
    }

    private struct Wanted {
        var request: HTTPClient.Request
        var timeout: TimeAmount
        var maxBody: Int
        var bodyBytes: Int
    }

    private enum Mistake: Error {
        case raise(String)
        case badURL(String)
    }

    private static func read(_ call: borrowing HostCall) -> Result<Wanted, Mistake> {
        func mistake(_ text: String) -> Result<Wanted, Mistake> { .failure(.raise(text)) }
        let url: String
        switch FetchURL.read(call.field(0, "url").flatMap { call.bytes($0) }) {
        case .success(let text): url = text
        case .failure(let problem): return .failure(.badURL(problem.detail))
        }
        let method = call.string(field: "method", of: 0)?.uppercased() ?? "GET"
        guard methods.contains(method) else {
            return mistake("bad field 'method' of 'http.fetch' (\(methods.joined(separator: ", ")) expected)")
        }
        let seconds = call.number(field: "timeout", of: 0) ?? timeoutUsual
        let maxBody = call.integer(field: "max_body", of: 0) ?? Int64(bodyBytesUsual)
        guard let headers = headers(call) else { return mistake("bad field 'headers' of 'http.fetch' (a table of names and values without line ends expected)") }
        var body: HTTPClient.Body?
        var bodyBytes = 0
        if let bytes = call.field(0, "body").flatMap({ call.bytes($0) }) {
            guard bytes.count <= bodyBytesMax else { return mistake("bad field 'body' of 'http.fetch' (at most \(bodyBytesMax) bytes expected)") }
            bodyBytes = bytes.count
            body = .byteBuffer(ByteBuffer(bytes: bytes))
        }
        do {
            let request = try HTTPClient.Request(url: url, method: .init(rawValue: method), headers: headers, body: body)
            return .success(
                Wanted(
                    request: request, timeout: .nanoseconds(Int64(seconds * 1_000_000_000)), maxBody: Int(maxBody), bodyBytes: bodyBytes))
        } catch {
            return .failure(.badURL("the URL cannot be read"))
        }
    }

    /// Nil: not a table of texts, or a text that would end its line.
    private static func headers(_ call: borrowing HostCall) -> HTTPHeaders? {
        var headers = HTTPHeaders()
        guard let table = call.field(0, "headers") else { return headers }
        guard call.kind(table) == .table else { return nil }
        var isFine = true
        call.forEachPair(table) { key, value in
            guard let name = text(call, key), isToken(name), headers.count < headersMax else { return isFine = false }
            if let text = text(call, value) ?? call.integer(value).map(String.init) {
                guard isValue(text) else { return isFine = false }
                headers.add(name: name, value: text)
            } else if call.kind(value) == .table, call.length(value) <= headersMax {
                for position in 1...max(1, call.length(value)) {
                    guard let element = call.element(value, position), let text = text(call, element), isValue(text) else {
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

    /// A name or value that is short enough to go into a header.
    private static func text(_ call: borrowing HostCall, _ index: Int) -> String? {
        guard call.length(index) <= headerBytesMax else { return nil }
        return call.string(index)
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
            let failure = FetchFailure(error)
            return .failure(code: failure.code, detail: failure.detail)
        }
    }
}
