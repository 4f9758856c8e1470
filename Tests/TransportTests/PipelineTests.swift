import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

/// Requests that are sent ahead: each answer belongs to its request, or the connection ends.
@Suite(.timeLimit(.minutes(1))) struct PipelineTests {
    /// Says which request it answers, in 8 kB.
    private let numbered = TestResponder { request, reply in
        reply.send(status: 200, headers: ["x-number": request.query ?? "-"], body: ByteBuffer(repeating: 0x61, count: 8_000))
    }

    private func requests(_ numbers: Range<Int>) -> String {
        numbers.map { "GET /?\($0) HTTP/1.1\r\nhost: a\r\n\r\n" }.joined()
    }

    /// Sends `text` before it reads anything, then takes answers until the connection ends or `count` have come.
    private func answers(_ port: Int, to text: String, upTo count: Int) async throws -> [TestResponse] {
        let connection = try await TestConnection.connect(port: port, receiveBufferBytes: 16 * 1024)
        try await connection.setReading(false)
        try await connection.send(text)
        try await connection.setReading(true)
        let client = HTTPTestClient(connection)
        var answers: [TestResponse] = []
        while answers.count < count {
            do { answers.append(try await client.receive()) } catch is ConnectionEnded { break }
        }
        await connection.close()
        return answers
    }

    @Test func aThousandAnswersToASlowReaderAreTheirRequests() async throws {
        try await withServer([.http(.GET, "/", numbered)]) { _, port in
            let answers = try await answers(port, to: requests(0..<1_000), upTo: 1_000)
            #expect(answers.map { $0["x-number"] } == (0..<1_000).map(String.init))
        }
    }

    @Test func requestsThatAreTooManyGetNoAnswerOfOthers() async throws {
        var limits = TransportLimits()
        limits.pipelinedRequestsMax = 16
        // Together far more than a socket takes before its reader reads.
        let large = TestResponder { request, reply in
            reply.send(status: 200, headers: ["x-number": request.query ?? "-"], body: ByteBuffer(repeating: 0x61, count: 200_000))
        }
        try await withServer(limits: limits, [.http(.GET, "/", large)]) { _, port in
            // One request after the other until the socket is full, then as many as are taken in, then the end.
            let answers = try await answers(port, to: requests(0..<300), upTo: 300)
            #expect(answers.count > 16 && answers.count < 300)
            #expect(answers.map { $0["x-number"] } == (0..<answers.count).map(String.init))
            #expect(answers.last?["connection"] == "close", "and the client knows that no more will come")
        }
    }

    @Test func whatIsNoRequestIsRefusedBehindTheAnswersBeforeIt() async throws {
        try await withServer([.http(.GET, "/", numbered)]) { _, port in
            let answers = try await answers(port, to: requests(0..<300) + "GET nonsense \r\n\r\n", upTo: 1_000)
            #expect(answers.map(\.status) == [Int](repeating: 200, count: 300) + [400])
            #expect(answers.prefix(300).map { $0["x-number"] } == (0..<300).map(String.init))
        }
    }

    /// The first request's handler waits while the others come in.
    private func behindAWait(_ limits: TransportLimits, _ text: String, upTo count: Int) async throws -> [TestResponse] {
        let held = Letterbox<NIOLoopBound<HTTPReply>>("the first request")
        let responder = TestResponder { request, reply in
            if request.query == "0" { held.put(NIOLoopBound(reply, eventLoop: reply.eventLoop)) } else { reply.send(text: request.query ?? "") }
        }
        var answers: [TestResponse] = []
        try await withServer(limits: limits, [.http(.GET, "/", responder)]) { _, port in
            let connection = try await TestConnection.connect(port: port)
            try await connection.send(text)
            let first = try await held.next()
            // A turn of the loop later everything that came with the first request has been read.
            try await first.eventLoop.submit {}.get()
            first.hand { $0.send(text: "0") }
            let client = HTTPTestClient(connection)
            while answers.count < count {
                do { answers.append(try await client.receive()) } catch is ConnectionEnded { break }
            }
            await connection.close()
        }
        return answers
    }

    @Test func aHandlerThatWaitsKeepsTheOrder() async throws {
        let answers = try await behindAWait(TransportLimits(), requests(0..<400), upTo: 400)
        #expect(answers.map(\.text) == (0..<400).map(String.init))
    }

    @Test func tooManyBehindAWaitEndTheConnection() async throws {
        var limits = TransportLimits()
        limits.pipelinedRequestsMax = 4
        let answers = try await behindAWait(limits, requests(0..<10), upTo: 10)
        #expect(answers.map(\.text) == ["0", "1", "2", "3", "4"])
        #expect(answers.map { $0["connection"] } == [nil, nil, nil, nil, "close"])
    }

    @Test func whatIsNoRequestIsRefusedAfterTheWait() async throws {
        let answers = try await behindAWait(TransportLimits(), requests(0..<2) + "GET nonsense \r\n\r\n", upTo: 10)
        #expect(answers.map(\.status) == [200, 200, 400] && answers[1].text == "1")
    }
}
