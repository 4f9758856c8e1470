import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

/// Requests on their way in, without a socket.
@Suite struct RequestIntakeTests {
    /// What the steps were, as words.
    private func steps(_ text: String, limits: TransportLimits = TransportLimits(), isDraining: Bool = false) throws -> [String] {
        let routes = ListenerRoutes(listener: "main")
        let echo = TestResponder({ $0.maxBody = 10 }) { _, _ in }
        try routes.table.set(owner: "test", [.get("/", echo), .post("/", echo), .webSocket("/e", TestEndpoint())])
        var intake = RequestIntake(limits, routes, .loopback(and: ["a"]))
        var memory = FieldMemory()
        var words: [String] = []
        Array(text.utf8).withUnsafeBytes { bytes in
            var input = RequestInput(bytes)
            while words.count < 100 {
                switch intake.next(&input, &memory, isDraining: isDraining) {
                case .needMore:
                    words.append("\(input.remaining) left")
                    return
                case .head(let hasBody): words.append(hasBody ? "head" : "request, \(intake.persistence)")
                case .complete: words.append("\(intake.takeBody()?.readableBytes ?? 0) bytes, \(intake.persistence)")
                case .refused(let refusal, _, let goesOn):
                    words.append("\(refusal.status) \(refusal.code), \(intake.persistence)")
                    if !goesOn { return }
                }
            }
        }
        return words
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n", ["request, keepAlive", "request, close", "0 left"]),
        ("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET", ["request, keepAliveTold", "3 left"]),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc", ["head", "3 bytes, keepAlive", "0 left"]),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n", ["413 body_too_large, close"]),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n", ["head", "413 body_too_large, close"]),
        ("GET /x HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", ["404 not_found, keepAlive", "request, keepAlive", "0 left"]),
        ("GET /x HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nx", ["404 not_found, close"]),
        ("GET / HTTP/1.1\r\nhost: b\r\n\r\n", ["421 unknown_host, keepAlive", "0 left"]),
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: ab\r\n\r\n", ["request, keepAlive", "421 unknown_host, keepAlive", "0 left"]),
        ("GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n", ["421 unknown_host, keepAlive", "0 left"]),
        ("GET / HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\n\r\n", ["request, close", "0 left"]),
        ("GET /e HTTP/1.1\r\nhost: a\r\n\r\n", ["426 upgrade_required, keepAlive", "0 left"]),
        ("POST / HTTP/1.1\r\nhost: a\r\norigin: http://b\r\n\r\n", ["403 cross_site, keepAlive", "0 left"]),
        ("POST / HTTP/1.1\r\nhost: a\r\norigin: http://a\r\n\r\n", ["request, keepAlive", "0 left"]),
        ("POST / HTTP/1.1\r\nhost: a\r\nsec-fetch-site: cross-site\r\norigin: http://a\r\n\r\n", ["403 cross_site, keepAlive", "0 left"]),
        ("PUT / HTTP/1.1\r\nhost: a\r\nsec-fetch-site: none\r\n\r\n", ["405 method_not_allowed, keepAlive", "0 left"]),
        ("GET / HTTP/1.1\r\nhost : a\r\n\r\n", ["400 bad_request, close"]),
    ])
    func stepsAre(_ text: String, _ expected: [String]) throws {
        #expect(try steps(text) == expected)
    }

    @Test func aServerThatStopsEndsConnections() throws {
        #expect(try steps("GET / HTTP/1.1\r\nhost: a\r\n\r\n", isDraining: true) == ["request, close", "0 left"])
    }

    @Test func ofWhatWaitsTheLastOneSaysSo() {
        var held = HeldInput()
        #expect(held.begin() == 0, "it did not wait")
        held.fallBehind()
        #expect(held.begin() == 1)
        held.fallBehind()
        #expect(held.begin() == 2, "still the same read")
        held.catchUp()
        held.fallBehind()
        #expect(held.begin() == 1)
        held.add(ByteBuffer(string: "GET "), isOwn: false)
        held.add(ByteBuffer(string: "/"), isOwn: false)
        let isThere = !held.isEmpty && held.capacity > 0
        #expect(isThere && held.take().map { String(buffer: $0) } == "GET /" && held.isEmpty)
    }
}
