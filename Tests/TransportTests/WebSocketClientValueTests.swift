import NIOCore
import NightjarTesting
import Testing
@testable import Transport

@Suite struct WebSocketURLTests {
    @Test(arguments: [
        ("ws://example.org", false, "example.org", 80, "/", "example.org"),
        ("wss://example.org/a/b?c=d%20e", true, "example.org", 443, "/a/b?c=d%20e", "example.org"),
        ("WS://Example.org:8080?x=/", false, "Example.org", 8080, "/?x=/", "Example.org:8080"),
        ("ws://127.0.0.1:443/", false, "127.0.0.1", 443, "/", "127.0.0.1:443"),
        ("wss://[::1]:5001/x", true, "::1", 5001, "/x", "[::1]:5001"),
        ("wss://[::1]", true, "::1", 443, "/", "[::1]"),
        ("ws://host:/x", false, "host", 80, "/x", "host"),
    ] as [(String, Bool, String, Int, String, String)])
    func isTakenApart(
        _ text: String, _ isSecure: Bool, _ host: String, _ port: Int, _ target: String, _ header: String
    ) throws {
        let url = try WebSocketURL(text)
        #expect(url.isSecure == isSecure && url.host == host && url.port == port && url.target == target)
        #expect(url.hostHeader == header)
        #expect(try WebSocketURL(url.description) == url)
    }

    @Test(arguments: [
        "", "ws:", "ws://", "http://example.org", "wss:/example.org", "ws://:80", "ws://a:0", "ws://a:65536", "ws://a:8o", "ws://a:+1",
        "ws://user:secret@a", "ws://a/#part", "ws://a/b c", "ws://a/ä", "ws://::1", "ws://[::1", "ws://[::1]x", "ws://[x]", "ws://a\r\n",
        "ws://a\"b", "ws://a/" + String(repeating: "x", count: 9_000),
    ])
    func isRefused(_ text: String) throws {
        let error = try #require(throws: WebSocketClientError.self) { try WebSocketURL(text) }
        #expect(error.code == .invalidURL)
        #expect(!error.description.contains("secret"))
    }
}

@Suite struct ClientHandshakeTests {
    /// The example of RFC 6455, section 1.3.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let start = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n"

    private func make(_ protocols: [String] = [], headBytesMax: Int = 1_000) -> ClientHandshake {
        ClientHandshake(key: Self.key, subprotocols: protocols, headBytesMax: headBytesMax)
    }

    /// What becomes of an answer, all at once and byte by byte, and what is left of it.
    private func receive(
        _ text: String, protocols: [String] = []
    ) throws -> (Result<ClientHandshake.Progress, WebSocketClientError>, String) {
        var whole = make(protocols), pieces = make(protocols)
        var buffer = ByteBuffer(string: text)
        let atOnce = Result { () throws(WebSocketClientError) in try whole.receive(&buffer) }
        var last: Result<ClientHandshake.Progress, WebSocketClientError> = .success(.needMore)
        var used = 0
        for byte in text.utf8 where last == .success(.needMore) {
            var piece = ByteBuffer(bytes: [byte])
            last = Result { () throws(WebSocketClientError) in try pieces.receive(&piece) }
            used += 1
        }
        #expect(atOnce == last)
        #expect(text.utf8.count - used == buffer.readableBytes)
        return (atOnce, String(buffer: buffer))
    }

    @Test func acceptsTheAnswerOfTheStandardAndLeavesTheFrames() throws {
        let (result, rest) = try receive(Self.start + Self.accept + "\r\n\r\nframes")
        #expect(result == .success(.accepted(subprotocol: nil)))
        #expect(rest == "frames")
    }

    @Test func passesOverInterimAnswers() throws {
        let (result, _) = try receive("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 \r\n\r\n" + Self.start + Self.accept + "\r\n\r\n")
        #expect(result == .success(.accepted(subprotocol: nil)))
    }

    @Test func takesASubprotocolThatWasOffered() throws {
        let answer = Self.start + Self.accept + "\r\nsec-websocket-protocol:  b \r\n\r\n"
        #expect(try receive(answer, protocols: ["a", "b"]).0 == .success(.accepted(subprotocol: "b")))
        #expect(try receive(Self.start + Self.accept + "\r\n\r\n", protocols: ["a"]).0 == .success(.accepted(subprotocol: nil)))
    }

    @Test(arguments: [
        (start + "\r\n", "bad_handshake"),
        (start + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n\r\n", "bad_handshake"),
        (start + accept + "\r\n" + accept + "\r\n\r\n", "bad_handshake"),
        (start + accept + "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "bad_handshake"),
        (start + accept + "\r\nSec-WebSocket-Protocol: c\r\n\r\n", "bad_handshake"),
        ("HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: upgrade\r\n" + accept + "\r\n\r\n", "bad_handshake"),
        ("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: close\r\n" + accept + "\r\n\r\n", "bad_handshake"),
        (start + accept + "\r\n folded: x\r\n\r\n", "bad_handshake"),
        (start + accept + "\r\nno colon\r\n\r\n", "bad_handshake"),
        (start + accept + "\r\nx: a\u{1}b\r\n\r\n", "bad_handshake"),
        ("HTTP/1.1 099 x\r\n\r\n", "bad_handshake"), ("HTTP/1.1 \r\n\r\n", "bad_handshake"),
        ("HTTP/1.0 101 x\r\n\r\n", "bad_handshake"), ("SSH-2.0-x\r\n", "bad_handshake"), ("\u{81}", "bad_handshake"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "refused"), ("HTTP/1.1 301 x\r\nlocation: y\r\n\r\n", "refused"),
        ("HTTP/1.1 503 \r\n\r\n", "refused"),
        ("HTTP/1.1 101 x\r\nx: " + String(repeating: "y", count: 2_000), "head_too_large"),
        (String(repeating: "HTTP/1.1 102 x\r\n\r\n", count: 100), "head_too_large"),
    ] as [(String, String)])
    func refuses(_ answer: String, _ code: String) throws {
        guard case .failure(let error) = try receive(answer, protocols: ["a"]).0 else {
            Issue.record("accepted")
            return
        }
        #expect(error.code.rawValue == code)
        if code == "refused" { #expect(error.status == Int(answer.dropFirst(9).prefix(3))) }
    }

    @Test func noBytesMakeItTrapOrGoOnForEver() {
        var random = Seeded(7)
        let good = Array((Self.start + Self.accept + "\r\n\r\n").utf8)
        for _ in 0..<3_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var handshake = make(headBytesMax: 4_000)
            var outcome: Result<ClientHandshake.Progress, WebSocketClientError> = .success(.needMore)
            for _ in 0..<40 where outcome == .success(.needMore) {
                var buffer = ByteBuffer(bytes: bytes)
                outcome = Result { () throws(WebSocketClientError) in try handshake.receive(&buffer) }
            }
            #expect(outcome != .success(.needMore))
        }
    }

    @Test func keysAreSixteenRandomBytesThatServersTake() {
        var seen: Set<String> = []
        for _ in 0..<200 {
            let key = ClientHandshake.makeKey()
            #expect(key.utf8.count == 24 && key.hasSuffix("=="))
            #expect("AQgw".contains(key.dropLast(2).last!))
            seen.insert(key)
        }
        #expect(seen.count == 200)
    }

    @Test(arguments: [
        ("x-a", "b\r\nx: y"), ("x a", "b"), ("", "b"), ("Host", "b"), ("sec-websocket-key", "b"), ("Upgrade", "b"), ("content-length", "1"),
    ])
    func headersThatCannotBeSentAreRefused(_ name: String, _ value: String) throws {
        let url = try WebSocketURL("ws://a")
        var options = WebSocketClientOptions()
        options.headers = [(name, value)]
        let chosen = options
        let error = try #require(throws: WebSocketClientError.self) {
            var buffer = ByteBuffer()
            try ClientHandshake.appendRequest(url, key: Self.key, options: chosen, to: &buffer)
        }
        #expect(error.code == .invalidOption)
    }
}

@Suite struct ClientLivenessTests {
    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    private func make() -> ClientLiveness { ClientLiveness(interval: .seconds(3), timeout: .seconds(5), now: at(0)) }

    @Test func pingsAtTheIntervalWhateverIsHeard() {
        var liveness = make()
        #expect(liveness.firstCheck == at(3))
        for second in stride(from: Int64(3), through: 30, by: 3) {
            liveness.heard()
            #expect(liveness.check(now: at(second)) == .ping(at(second + 3)))
        }
    }

    @Test func silenceAfterAPingIsTheEnd() {
        var liveness = make()
        #expect(liveness.check(now: at(3)) == .ping(at(6)))
        #expect(liveness.check(now: at(6)) == .ping(at(8)))
        #expect(liveness.check(now: at(7)) == .wait(at(8)))
        #expect(liveness.check(now: at(8)) == .lost)
    }

    @Test func anyBytesAnswer() {
        var liveness = make()
        _ = liveness.check(now: at(3))
        liveness.heard()
        #expect(liveness.check(now: at(8)) == .ping(at(11)))
        #expect(liveness.check(now: at(12)) == .ping(at(13)))
        #expect(liveness.check(now: at(13)) == .lost)
    }

    @Test func whoDoesNotReadDoesNotJudge() {
        var liveness = make()
        _ = liveness.check(now: at(3))
        liveness.paused()
        #expect(liveness.check(now: at(8)) == .ping(at(11)))
        #expect(liveness.check(now: at(100)) == .ping(at(103)))
        liveness.resumed(now: at(101))
        #expect(liveness.check(now: at(101)) == .wait(at(103)))
        #expect(liveness.check(now: at(105)) == .ping(at(106)))
        #expect(liveness.check(now: at(106)) == .lost)
    }
}
