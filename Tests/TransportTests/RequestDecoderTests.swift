import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

@Suite struct RequestDecoderTests {
    private func request(
        _ method: String = "GET", _ target: String = "/", old: Bool = false, _ fields: [String] = ["host: a"], _ body: String = "",
        keepAlive: Bool = true
    ) -> Seen {
        .request(SeenRequest(method: method, target: target, isOld: old, fields: fields, body: Array(body.utf8), isKeepAlive: keepAlive))
    }

    // MARK: Accepted

    @Test func takesRequestsOneBehindTheOther() {
        let text = "GET /a?b=c HTTP/1.1\r\nhost: a\r\n\r\nPOST /d HTTP/1.1\r\nHost:a\r\ncontent-length: 3\r\n\r\nxyzDELETE /e HTTP/1.1\r\nhost: a\r\n\r\n"
        #expect(decodeRequests(text) == [
            request("GET", "/a?b=c"), request("POST", "/d", ["Host: a", "content-length: 3"], "xyz"), request("DELETE", "/e"),
        ])
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nhost:\r\n\r\n", ["host: "]), ("GET / HTTP/1.1\r\nhost: \t a \t\r\n\r\n", ["host: a"]),
        ("GET / HTTP/1.1\r\nhost: a\r\nx:a:b, c\r\nX: \u{e4}\r\n\r\n", ["host: a", "x: a:b, c", "X: \u{e4}"]),
        ("GET / HTTP/1.1\r\nhost: a\r\n!#$%&'*+-.^_`|~09AZaz: 1\r\n\r\n", ["host: a", "!#$%&'*+-.^_`|~09AZaz: 1"]),
        ("\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", ["host: a"]),
    ])
    func takesFieldsOfEveryForm(_ text: String, _ fields: [String]) {
        #expect(decodeRequests(text) == [request("GET", "/", fields)])
    }

    @Test(arguments: [
        ("http://a/b?c", "/b?c"), ("http://a", "/"), ("http://a?b", "/?b"), ("HTTP+x-1.0://a:80/", "/"), ("*", "*"), ("//b", "//b"),
        ("/?", "/?"), ("/a?b?c", "/a?b?c"), ("/\u{e4}", "/\u{e4}"), ("/%00%zz", "/%00%zz"),
    ])
    func takesTargetsOfEveryForm(_ target: String, _ path: String) {
        #expect(decodeRequests("OPTIONS \(target) HTTP/1.1\r\nhost: a\r\n\r\n") == [request("OPTIONS", path)])
    }

    @Test(arguments: [
        ("1.1", [], true), ("1.1", ["Connection: Close"], false), ("1.1", ["connection: x, close"], false), ("1.1", ["connection: closed"], true),
        ("1.0", [], false), ("1.0", ["connection: keep-alive"], true), ("1.0", ["connection: Keep-Alive", "connection: close"], false),
    ] as [(String, [String], Bool)])
    func knowsWhetherTheConnectionGoesOn(_ version: String, _ fields: [String], _ goesOn: Bool) {
        let all = ["host: a"] + fields
        let text = "GET / HTTP/\(version)\r\n" + all.map { $0 + "\r\n" }.joined() + "\r\n"
        #expect(decodeRequests(text) == [request("GET", "/", old: version == "1.0", all, keepAlive: goesOn)])
    }

    @Test(arguments: [
        ("0\r\n\r\n", ""), ("3\r\nabc\r\n0\r\n\r\n", "abc"), ("003\r\nabc\r\n1\r\nd\r\n000\r\n\r\n", "abcd"), ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("a\r\n\r\n\r\n\r\n0\r\n\r\r\n0\r\n\r\n", "\r\n\r\n\r\n0\r\n\r"), ("1;a=b;c=\"d e\"\r\nx\r\n0;y\r\n\r\n", "x"),
        ("1\r\nx\r\n0\r\nTrailer: 1\r\nother:\r\n\r\n", "x"),
    ])
    func takesChunksOfEveryForm(_ chunks: String, _ body: String) {
        let head = "POST / HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
        let expected = request("POST", "/", ["host: a", "Transfer-Encoding: Chunked"], body)
        #expect(decodeRequests(head + chunks) == [expected])
        #expect(decodeRequests(head + chunks + head + chunks) == [expected, expected], "and nothing of it is left")
    }

    // MARK: Refused

    static let refused: [(String, Int)] = [
        // Line ends.
        ("GET / HTTP/1.1\nhost: a\n\n", 400), ("GET / HTTP/1.1\r\nhost: a\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\n\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\rx: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\r\nhost: a\r\n\r\n", 400), ("\nGET / HTTP/1.1\r\n\r\n", 400),
        ("\r\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\nx: y\r\r\n\r\n", 400),
        // The request line.
        (" GET / HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET  / HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET /  HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1 \r\nhost: a\r\n\r\n", 400), ("GET\t/ HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET / a HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET /\r\n\r\n", 400), ("GET HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET / http/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET / HTTP/1.10\r\nhost: a\r\n\r\n", 400), ("GET / HTTP/11\r\nhost: a\r\n\r\n", 400), ("G(T / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}", 400), ("get / HTTP/1.1\r\nhost: a\r\n\r\n", 501), ("BREW / HTTP/1.1\r\nhost: a\r\n\r\n", 501),
        ("GET / HTTP/1.2\r\nhost: a\r\n\r\n", 505), ("GET / HTTP/0.9\r\nhost: a\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        // Targets.
        ("GET a HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET ?a HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET /\u{1} HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET /\u{7f} HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET http:///a HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET 1://a HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET ://a HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("GET http://a@b/ HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        // Fields.
        ("GET / HTTP/1.1\r\nhost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost\t: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\n: a\r\nhost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n z\r\n\r\n", 400), ("GET / HTTP/1.1\r\n host: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\n\tx: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\nxy\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\nx: \u{0}\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\nx: \u{7f}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\nx\u{e4}: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\nx\u{0}: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\n\"x\": y\r\n\r\n", 400),
        // Hosts.
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a\r\nHOST: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a/b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a,b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nhost: a@b\r\n\r\n", 400),
        // Lengths.
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: \r\n\r\n", 400), ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0x1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1 1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: 0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9223372036854775808\r\n\r\n", 400), ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1.\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999999\r\n\r\n", 400), ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: \u{b2}\r\n\r\n", 400),
        // Encodings.
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n", 400), ("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ntransfer-encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n", 501), ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n", 501), ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: identity\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n", 501), ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked;q=1\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding:\r\n\r\n", 501), ("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue, x\r\n\r\n", 417),
    ]

    @Test(arguments: refused) func refusesWhatCouldBeReadInTwoWays(_ text: String, _ status: Int) {
        #expect(decodeRequests(text) == [.refused(status)])
        let before = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
        if !text.hasPrefix("\r") { #expect(decodeRequests(before + text) == [request(), .refused(status)], "behind another one, too") }
    }

    @Test(arguments: [
        "\r\n", ";\r\n", "x\r\n", "1 \r\na\r\n", " 1\r\na\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "1\n", "1\r\nab", "1\r\na\n0\r\n\r\n", "1\r\na\r0\r\n\r\n",
        "1\r\rx", "1;\n", "1;\u{0}\r\n", "1;a\rb\r\n", "7fffffffffffffffff\r\n", "fffffffffffffffff\r\n", "0\r\n\n", "0\r\n x: y\r\n\r\n", "0\r\nx\r\n\r\n", "0\r\nx : y\r\n\r\n",
        "0\r\nx: y\n\r\n", "0\r\nx: \u{1}\r\n\r\n", "0\r\n: y\r\n\r\n", "0\r\n\rx",
    ])
    func refusesChunksThatAreNone(_ chunks: String) {
        #expect(decodeRequests("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + chunks) == [.refused(400)])
    }

    // MARK: Limits

    @Test func limitsAreExact() {
        var limits = TransportLimits()
        limits.requestTargetBytesMax = 100
        limits.headerBytesMax = 200
        limits.headerFieldsMax = 5
        func status(_ text: String) -> Int {
            switch decodeRequests([Array(text.utf8)], limits: limits).first {
            case .request: 200
            case .refused(let status): status
            case .unfinished, nil: 0
            }
        }
        func target(_ count: Int) -> String { "GET /\(String(repeating: "x", count: count - 1)) HTTP/1.1\r\nhost: a\r\n\r\n" }
        #expect(status(target(100)) == 200 && status(target(101)) == 414 && status(target(1_000)) == 414)
        func fields(_ bytes: Int) -> String { "GET / HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "y", count: bytes - 14))\r\n\r\n" }
        #expect(status(fields(200)) == 200 && status(fields(201)) == 431 && status(fields(1_000)) == 431)
        func count(_ count: Int) -> String { "GET / HTTP/1.1\r\nhost: a\r\n" + String(repeating: "x:\r\n", count: count - 1) + "\r\n" }
        #expect(status(count(5)) == 200 && status(count(6)) == 431)
        for text in [target(101), fields(201), count(6), target(100), fields(200)] {
            let bytes = Array(text.utf8)
            #expect(decodeRequests(bytes.map { [$0] }, limits: limits) == decodeRequests([bytes], limits: limits))
        }
        // What never ends is refused all the same.
        #expect(status("GET /" + String(repeating: "x", count: 200)) == 414)
        #expect(status("GET / HTTP/1.1\r\nx: " + String(repeating: "x", count: 200)) == 431)
        #expect(status(String(repeating: "x", count: 200)) == 414)
    }

    @Test func overheadOfChunksIsBounded() {
        var limits = TransportLimits()
        limits.chunkOverheadBytesMax = 100
        func last(_ chunks: String) -> Seen? {
            decodeRequests([Array(("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + chunks).utf8)], limits: limits).last
        }
        #expect(last("1;" + String(repeating: "x", count: 98)) == .unfinished)
        #expect(last("1;" + String(repeating: "x", count: 99)) == .refused(400))
        #expect(last("0\r\nx: " + String(repeating: "x", count: 99)) == .refused(400))
        #expect(last("a\r\n0123456789\r\n" + "1;" + String(repeating: "x", count: 140)) == .unfinished, "eight times the bytes are free")
        #expect(last(String(repeating: "0", count: 200)) == .refused(400))
    }

    // MARK: Pieces

    static let texts = [
        "GET /a?b HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\n\r\nGET /c HTTP/1.0\r\n\r\n",
        "\r\n\r\nPOST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab\r\nc\r\nGET / HTTP/1.1\r\nhost: b\r\n\r\n",
        "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4;x=\"y\"\r\na\r\nb\r\n0\r\nx: y\r\n\r\nGET / HTTP/1.1\r\nhost: b\r\n\r\n",
        "GET http://a/b HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\norigin: http://a\r\nsec-fetch-site: none\r\n\r\n",
    ] + refused.map(\.0)

    @Test(arguments: texts) func everySplitGivesTheSame(_ text: String) {
        let bytes = Array(text.utf8)
        let whole = decodeRequests([bytes])
        for place in 0...bytes.count {
            #expect(decodeRequests([Array(bytes[..<place]), Array(bytes[place...])]) == whole, "split at \(place)")
        }
        #expect(decodeRequests(bytes.map { [$0] }) == whole, "byte by byte")
    }

    @Test func fieldsOutliveTheirMemory() throws {
        var decoder = RequestDecoder(TransportLimits())
        var memory = FieldMemory()
        var kept: [RequestFields] = []
        for number in 0..<4 {
            let text = "GET / HTTP/1.1\r\nhost: a\r\nNumber: \(number)\r\nx: a\r\nX: b\r\n\r\n"
            Array(text.utf8).withUnsafeBytes { bytes in
                var input = RequestInput(bytes)
                guard case .head = decoder.next(&input, &memory) else { return }
                if number != 2 { kept.append(decoder.head.fields) }
            }
        }
        #expect(kept.map { $0.first("number") } == ["0", "1", "3"])
        #expect(kept[0].values("x") == ["a", "b"] && kept[0].first("y") == nil && kept[0].values("hos") == [])
        #expect(RequestFields().headers.isEmpty)
    }
}
