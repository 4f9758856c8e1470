import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

private let echo = TestResponder { request, reply in
    reply.send(
        status: 200, headers: ["x-path": request.path, "x-query": request.query ?? "-", "x-method": request.method.rawValue],
        body: request.body)
}

@Suite(.timeLimit(.minutes(1))) struct HTTPWireTests {
    @Test func answersOnOneConnection() async throws {
        try await withServer([.http(.GET, "/a", echo), .http(.POST, "/a", echo)]) { _, port in
            let client = try await HTTPTestClient.connect(port: port)
            for index in 0..<50 {
                let body = Array("body \(index)".utf8)
                let answer = try await client.request("POST", "/a?n=\(index)", body: body)
                #expect(answer.status == 200 && answer.body == body && answer["x-query"] == "n=\(index)")
            }
            let head = try await client.request("HEAD", "/a")
            #expect(head.status == 200 && head["x-method"] == "HEAD" && head["content-length"] == "0")
            #expect(head["date"] != nil)
        }
    }

    @Test func headHasTheLengthAndNoBody() async throws {
        try await withServer([.http(.GET, "/a", TestResponder { _, reply in reply.send(text: "twelve bytes") })]) { _, port in
            let client = try await HTTPTestClient.connect(port: port)
            let head = try await client.request("HEAD", "/a")
            #expect(head["content-length"] == "12")
            #expect(try await client.request("GET", "/a").text == "twelve bytes")
        }
    }

    @Test(arguments: [
        ("GET", "/missing", 404, "not_found"), ("DELETE", "/a", 405, "method_not_allowed"),
        ("GET", "/p/%zz", 400, "bad_request"), ("GET", "/p/%00", 400, "bad_request"),
    ])
    func errorsAreJSONWithACode(_ method: String, _ path: String, _ status: Int, _ code: String) async throws {
        try await withServer([.http(.GET, "/a", echo), .http(.GET, "/p/:x", echo)]) { _, port in
            let client = try await HTTPTestClient.connect(port: port)
            let answer = try await client.request(method, path)
            #expect(answer.status == status)
            #expect(answer.text.hasPrefix("{\"error\":{\"code\":\"\(code)\""))
            if status == 405 { #expect(answer["allow"] == "GET, HEAD, OPTIONS") }
            #expect(try await client.request("GET", "/a").status == 200, "the connection goes on")
        }
    }

    static let malformed: [(String, Int)] = [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
        ("GET nonsense HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("NONSENSE\r\n\r\n", 501), ("GET / HTTP/3.0\r\nhost: a\r\n\r\n", 505),
        ("POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n", 501),
        ("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n", 400),
        ("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\nx:" + String(repeating: "y", count: 17_000) + "\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nhost: a\r\n" + String(repeating: "x: y\r\n", count: 101) + "\r\n", 431),
        ("GET /" + String(repeating: "y", count: 8_200) + " HTTP/1.1\r\nhost: a\r\n\r\n", 414),
        ("GET /a HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n", 417),
        ("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 101\r\n\r\n", 413),
        ("POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n66\r\n" + String(repeating: "z", count: 102) + "\r\n", 413),
    ]

    @Test(arguments: malformed)
    func malformedAndExcessiveRequestsEndTheConnection(_ text: String, _ status: Int) async throws {
        let small = TestResponder({ $0.maxBody = 100 }) { request, reply in reply.send(status: 200, body: request.body) }
        try await withServer([.http(.POST, "/a", small), .http(.GET, "/", echo)]) { _, port in
            let connection = try await TestConnection.connect(port: port)
            try await connection.send(text)
            let answer = try await HTTPTestClient(connection).receive()
            #expect(answer.status == status || (status == 501 && answer.status == 400), "\(text.prefix(60))")
            #expect(answer["connection"] == "close")
            #expect(try await connection.receiveEnd().isEmpty)
            await connection.close()
        }
    }

    @Test func partialHeadsAreBounded() async throws {
        // Headers and target that never end are refused as soon as they are too long.
        try await withServer([]) { _, port in
            for start in ["GET / HTTP/1.1\r\nhost: a\r\nx: ", "GET / HTTP/1.1\r\nhost: a\r\nx", "GET /"] {
                let connection = try await TestConnection.connect(port: port)
                try await connection.send(start)
                for _ in 0..<16 { connection.post([UInt8](repeating: 0x79, count: 8_192)) }
                let answer = try await HTTPTestClient(connection).receive()
                #expect([414, 431].contains(answer.status))
                await connection.close()
            }
        }
    }

    @Test func chunkedBodiesAndHundredContinue() async throws {
        try await withServer([.http(.POST, "/a", echo)]) { _, port in
            let connection = try await TestConnection.connect(port: port)
            let client = HTTPTestClient(connection)
            try await connection.send("POST /a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n")
            #expect(try await client.receive().status == 100)
            try await connection.send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(try await client.receive().text == "abcde")
            await connection.close()
        }
    }

    @Test func whatChunksHaveBesideTheirBytesIsBounded() async throws {
        try await withServer([.http(.POST, "/a", echo)]) { _, port in
            let head = "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
            let flood = try await TestConnection.connect(port: port)
            try await flood.send(head + "1;x=")
            for _ in 0..<16 { flood.post([UInt8](repeating: 0x79, count: 8_192)) }
            let refused = try await HTTPTestClient(flood).receive()
            #expect(refused.status == 400 && refused["connection"] == "close")
            await flood.close()
            let client = try await HTTPTestClient.connect(port: port)
            try await client.connection.send(head + "3;name=value\r\nabc\r\n0\r\n\r\n")
            #expect(try await client.receive().text == "abc")
            let text = String(repeating: "z", count: 20_000)
            try await client.connection.send(head + text.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n")
            #expect(try await client.receive().text == text, "as small as chunks can be")
            await client.connection.close()
        }
    }

    @Test func noAnswerIsGuessedAt() async throws {
        let own = TestResponder { _, reply in reply.send(status: 200, headers: ["x-content-type-options": "sniff"]) }
        try await withServer([.http(.GET, "/", echo), .http(.GET, "/own", own)]) { _, port in
            for path in ["/", "/own", "/missing", "/p/%zz"] {
                let answer = try await HTTPTestClient.request(port: port, "GET", path)
                #expect(answer.headers.filter { $0.name == "x-content-type-options" }.map(\.value) == ["nosniff"], "\(path)")
            }
        }
    }

    @Test func headersThatCannotBeSentBecome500() async throws {
        let bad = TestResponder { request, reply in
            var headers = HTTPHeaders()
            headers.add(name: request.parameters["name"] ?? "", value: "a\r\nset-cookie: evil=1")
            reply.send(status: 200, headers: headers, body: ByteBuffer(string: "secret"))
        }
        try await withServer([.http(.GET, "/bad/:name", bad)]) { _, port in
            for name in ["x", "b%20d"] {
                let answer = try await HTTPTestClient.request(port: port, "GET", "/bad/\(name)")
                #expect(answer.status == 500 && answer["set-cookie"] == nil && !answer.text.contains("secret"))
            }
        }
    }

    @Test func framingHeadersOfResponsesAreIgnored() async throws {
        let own = TestResponder { _, reply in
            reply.send(
                status: 200, headers: ["Content-Length": "999", "Transfer-Encoding": "chunked", "Connection": "upgrade"],
                body: ByteBuffer(string: "ok"))
        }
        try await withServer([.http(.GET, "/", own)]) { _, port in
            let answer = try await HTTPTestClient.request(port: port, "GET", "/")
            #expect(answer.text == "ok" && answer["transfer-encoding"] == nil)
            #expect(answer.headers.filter { $0.name.lowercased() == "content-length" }.count == 1)
        }
    }

    @Test func droppedRepliesAre500() async throws {
        try await withServer([.http(.GET, "/", TestResponder { _, _ in })]) { _, port in
            let answer = try await HTTPTestClient.request(port: port, "GET", "/")
            #expect(answer.status == 500 && answer.text.contains("no_answer"))
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrderOneAtATime() async throws {
        let running = Letterbox<Int>("a request that runs")
        let held = Letterbox<NIOLoopBound<HTTPReply>>("a request")
        let responder = TestResponder { request, reply in
            running.put(1)
            let text = request.query ?? ""
            // The first answer comes when the test says so.
            if text == "0" { held.put(NIOLoopBound(reply, eventLoop: reply.eventLoop)) } else { reply.send(text: text) }
        }
        try await withServer([.http(.GET, "/", responder)]) { _, port in
            let connection = try await TestConnection.connect(port: port)
            try await connection.send((0..<20).map { "GET /?\($0) HTTP/1.1\r\nhost: a\r\n\r\n" }.joined())
            let first = try await held.next()
            _ = try await running.next()
            // A turn of the loop later everything that came with the first request has been read.
            try await first.eventLoop.submit {}.get()
            #expect(running.isEmpty, "the second request waits for the first one's answer")
            first.eventLoop.execute { first.value.send(text: "0") }
            let client = HTTPTestClient(connection)
            for index in 0..<20 { #expect(try await client.receive().text == "\(index)") }
            await connection.close()
        }
    }

    @Test func aClientThatLeavesCancelsTheReply() async throws {
        let cancelled = Letterbox<String>("the cancelled reply")
        let started = Letterbox<NIOLoopBound<HTTPReply>>("a request")
        let responder = TestResponder { _, reply in
            reply.onCancelled = { cancelled.put("cancelled") }
            started.put(NIOLoopBound(reply, eventLoop: reply.eventLoop))
        }
        try await withServer([.http(.GET, "/", responder)]) { _, port in
            let connection = try await TestConnection.connect(port: port)
            try await connection.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            let reply = try await started.next()
            await connection.close()
            #expect(try await cancelled.next() == "cancelled")
            reply.hand { $0.send(text: "too late") }
        }
    }

    @Test func http10ClosesUnlessAskedNotTo() async throws {
        try await withServer([.http(.GET, "/", echo)]) { _, port in
            let first = try await TestConnection.connect(port: port)
            try await first.send("GET / HTTP/1.0\r\n\r\n")
            let closing = try await HTTPTestClient(first).receive()
            #expect(closing["connection"] == "close")
            #expect(try await first.receiveEnd().isEmpty)
            let second = try await TestConnection.connect(port: port)
            try await second.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
            let staying = try await HTTPTestClient(second).receive()
            #expect(staying["connection"] == "keep-alive")
            try await second.send("GET / HTTP/1.0\r\nconnection: close\r\n\r\n")
            #expect(try await HTTPTestClient(second).receive().status == 200)
            #expect(try await second.receiveEnd().isEmpty)
        }
    }

    @Test func unknownUpgradesAreAnsweredAndClosed() async throws {
        try await withServer([.http(.GET, "/", echo)]) { _, port in
            let connection = try await TestConnection.connect(port: port)
            try await connection.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")
            let answer = try await HTTPTestClient(connection).receive()
            #expect(answer.status == 200 && answer["connection"] == "close")
            _ = try await connection.receiveEnd()
        }
    }

    @Test func preflightsAreAnsweredForRoutesWithAPolicy() async throws {
        let open = TestResponder({ $0.cors = CORSPolicy(origins: ["https://good.example"]) }) { _, reply in reply.send(json: "{}") }
        try await withServer([.http(.POST, "/a", open), .http(.POST, "/b", echo)]) { _, port in
            let ask = [("access-control-request-method", "POST")]
            let good = [("origin", "https://good.example")]
            let preflight = try await HTTPTestClient.request(port: port, "OPTIONS", "/a", headers: ask + good)
            #expect(preflight.status == 204 && preflight["access-control-allow-origin"] == "https://good.example")
            let bad = try await HTTPTestClient.request(port: port, "OPTIONS", "/a", headers: ask + [("origin", "https://evil.example")])
            #expect(bad["access-control-allow-origin"] == nil)
            let answer = try await HTTPTestClient.request(port: port, "POST", "/a", headers: good)
            #expect(answer["access-control-allow-origin"] == "https://good.example" && answer["vary"] == "origin")
            let closed = try await HTTPTestClient.request(port: port, "OPTIONS", "/b", headers: ask + good)
            #expect(closed.status == 204 && closed["access-control-allow-origin"] == nil)
        }
    }

    @Test func largeAnswersToASlowReaderWait() async throws {
        let big = TestResponder { _, reply in
            reply.send(status: 200, body: ByteBuffer(repeating: 0x61, count: 2_000_000))
        }
        try await withServer([.http(.GET, "/", big)]) { _, port in
            let connection = try await TestConnection.connect(port: port, receiveBufferBytes: 16 * 1024)
            try await connection.setReading(false)
            try await connection.send(String(repeating: "GET / HTTP/1.1\r\nhost: a\r\n\r\n", count: 5))
            try await connection.setReading(true)
            let client = HTTPTestClient(connection)
            for _ in 0..<5 { #expect(try await client.receive().body.count == 2_000_000) }
            await connection.close()
        }
    }

    @Test func aLastAnswerIsSentAsLongAsItMoves() async throws {
        var limits = TransportLimits()
        limits.closeTimeout = .milliseconds(1)
        limits.keepAliveTimeout = .milliseconds(1)
        let big = TestResponder { _, reply in reply.send(status: 200, body: ByteBuffer(repeating: 0x61, count: 8_000_000)) }
        try await withServer(limits: limits, [.http(.GET, "/", big)]) { server, port in
            let connection = try await TestConnection.connect(port: port, receiveBufferBytes: 16 * 1024)
            try await connection.setReading(false)
            try await connection.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            // Three ticks of the server's wheel: longer than the close may take.
            try await server.eventLoops[0].scheduleTask(in: TimerWheel.tick * 3) {}.futureResult.get()
            try await connection.setReading(true)
            #expect(try await HTTPTestClient(connection).receive().body.count == 8_000_000)
            await connection.close()
        }
    }

    @Test func garbageHarmsNobody() async throws {
        try await withServer([.http(.GET, "/", echo)]) { server, port in
            var random = Seeded(9)
            for _ in 0..<80 {
                let connection = try await TestConnection.connect(port: port)
                var bytes = Array("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabcGET / HTTP/1.1\r\nhost: a\r\n\r\n".utf8)
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                connection.post(bytes)
                await connection.close()
            }
            #expect(try await HTTPTestClient.request(port: port, "GET", "/").status == 200)
        }
    }
}

extension NIOLoopBound {
    /// Runs `body` with the value on its loop.
    func hand(_ body: @escaping @Sendable (Value) -> Void) {
        eventLoop.execute { body(self.value) }
    }
}
