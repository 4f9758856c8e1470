import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

/// Names that are not the server's, and requests that pages of other sites make.
@Suite(.timeLimit(.minutes(1))) struct HostTests {
    private let page = TestResponder { request, reply in reply.send(text: request.method.rawValue) }

    @Test func theAddressSaysWhichNamesAreAnswered() {
        let loopback = HostPolicy(.tcp(host: "127.0.0.1", port: 1), names: [])
        for host in ["localhost", "LOCALHOST:80", "localhost.", "127.0.0.1", "127.0.0.1:8080", "127.255.0.9", "[::1]", "[::1]:8080"] {
            #expect(loopback.allows(host), "\(host)")
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.1", "127.0.0.256", "::2", "[::2]:80", "10.0.0.1", ""] {
            #expect(!loopback.allows(host), "\(host)")
        }
        let named = HostPolicy(.tcp(host: "localhost", port: 1), names: ["Play.example.org"])
        #expect(named.allows("play.example.org:443") && named.allows("localhost") && !named.allows("evil.example"))
        #expect(HostPolicy(.tcp(host: "0.0.0.0", port: 1), names: []).allows("whatever.example"))
        let exposed = HostPolicy(.tcp(host: "0.0.0.0", port: 1), names: ["play.example.org"])
        #expect(exposed.allows("play.example.org") && exposed.allows("localhost") && !exposed.allows("evil.example"))
        #expect(HostPolicy(.unix(path: "/tmp/x"), names: []).allows("whatever"))
    }

    private func answer(_ port: Int, _ text: String) async throws -> TestResponse {
        let connection = try await TestConnection.connect(port: port)
        try await connection.send(text)
        let answer = try await HTTPTestClient(connection).receive()
        await connection.close()
        return answer
    }

    @Test func aListenerOnTheLoopbackRefusesOtherNames() async throws {
        try await withServer(hosts: .loopback(), [.http(.GET, "/", page), .http(.POST, "/", page), .webSocket("/ws", TestEndpoint())]) { _, port in
            for host in ["evil.example", "evil.example:\(port)", ""] {
                let answer = try await answer(port, "GET / HTTP/1.1\r\nhost: \(host)\r\n\r\n")
                #expect(answer.status == 421 && answer.text.contains("unknown_host") && answer.text.contains("hosts"), "\(host)")
            }
            let absolute = try await answer(port, "GET http://evil.example/ HTTP/1.1\r\nhost: localhost\r\n\r\n")
            #expect(absolute.status == 421)
            let upgrade = WebSocketTestClient.handshake("/ws").replacing("host: localhost", with: "host: evil.example")
            #expect(try await answer(port, upgrade).status == 421)
            for host in ["localhost:\(port)", "127.0.0.1:\(port)", "[::1]:\(port)"] {
                #expect(try await answer(port, "GET / HTTP/1.1\r\nhost: \(host)\r\n\r\n").status == 200, "\(host)")
            }
            #expect(try await answer(port, "GET / HTTP/1.0\r\n\r\n").status == 200, "no browser says nothing")
            // The connection goes on, also for a name that was allowed before.
            let client = try await HTTPTestClient.connect(port: port)
            #expect(try await client.request("GET", "/").status == 200)
            try await client.connection.send("GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n")
            #expect(try await client.receive().status == 421)
            #expect(try await client.request("GET", "/").status == 200)
            await client.connection.close()
        }
    }

    @Test func aHostWithBlanksIsMalformed() async throws {
        try await withServer([.http(.GET, "/", page)]) { _, port in
            for host in ["a b", "a\tb", "a/b", "a@b", "a,b"] {
                let answer = try await answer(port, "GET / HTTP/1.1\r\nhost: \(host)\r\n\r\n")
                #expect(answer.status == 400, "\(host)")
            }
        }
    }

    static let requests: [([(String, String)], Int)] = [
        ([], 200),
        ([("origin", "https://evil.example"), ("content-type", "text/plain")], 403),
        ([("origin", "null")], 403),
        ([("sec-fetch-site", "cross-site")], 403),
        ([("sec-fetch-site", "same-site"), ("origin", "http://other.localhost")], 403),
        ([("sec-fetch-site", "same-origin"), ("origin", "https://behind.a.proxy")], 200),
        ([("sec-fetch-site", "none")], 200),
        ([("origin", "http://localhost")], 200),
    ]

    @Test(arguments: requests)
    func pagesOfOtherSitesChangeNothing(_ headers: [(String, String)], _ status: Int) async throws {
        let open = TestResponder({ $0.cors = CORSPolicy() }, { _, reply in reply.send(text: "") })
        let some = TestResponder({ $0.cors = CORSPolicy(origins: ["https://good.example"]) }, { _, reply in reply.send(text: "") })
        try await withServer([.http(.POST, "/", page), .http(.GET, "/", page), .http(.POST, "/open", open), .http(.POST, "/some", some)]) { _, port in
            let answer = try await HTTPTestClient.request(port: port, "POST", "/", headers: headers, body: [])
            #expect(answer.status == status)
            if status == 403 { #expect(answer.text.contains("cross_site")) }
            #expect(try await HTTPTestClient.request(port: port, "GET", "/", headers: headers).status == 200, "what is asked for changes nothing")
            #expect(try await HTTPTestClient.request(port: port, "POST", "/open", headers: headers, body: []).status == 200, "the route says so")
            #expect(try await HTTPTestClient.request(port: port, "POST", "/some", headers: headers, body: []).status == status)
            let good = [("origin", "https://good.example"), ("sec-fetch-site", "cross-site")]
            #expect(try await HTTPTestClient.request(port: port, "POST", "/some", headers: good, body: []).status == 200)
        }
    }
}
