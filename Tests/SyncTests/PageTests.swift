import Foundation
import NightjarTesting
import Testing

/// Plain HTTP: the version, the status page, cross-origin requests, and paths without a socket.
@Suite(.timeLimit(.minutes(1))) struct PageTests {
    @Test func theVersionIsWhatClientsAskFor() async throws {
        try await withRelay { server async throws in
            let answer = try await server.get("/version")
            #expect(answer.status == 200)
            #expect(answer.text == "0.1")
            #expect(answer["content-type"] == "text/html; charset=utf-8")
        }
    }

    /// The page without the part that depends on the time.
    private static func page(_ server: SyncServer) async throws -> String {
        let text = try await server.get("/").text
        let end = try #require(text.range(of: "<br>Uptime: "))
        let seconds = text[end.upperBound...]
        #expect(seconds.hasSuffix(" sec") && seconds.dropLast(4).split(separator: ".").map(\.count).last == 2)
        return String(text[..<end.lowerBound])
    }

    @Test func theStatusPageCounts() async throws {
        try await withRelay { server async throws in
            #expect(try await server.get("/")["content-type"] == "text/html; charset=utf-8")
            #expect(
                try await Self.page(server)
                    == "Sever is OK!\n<br>Active sessions: 0\n<br>Active sockets: 0\n<br>Data pushed total: 0 Bytes\n")
            let (a, b, c) = (try await Player(server), try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)  // 53 bytes
            try await b.enter("t")  // 54 bytes
            try await c.send(#"{"type":"push","data":"\#(String(repeating: "x", count: 1_001))"}"#)  // 1026 bytes
            try await c.expectNothing()  // 4 bytes
            #expect(
                try await Self.page(server)
                    == "Sever is OK!\n<br>Active sessions: 2\n<br>Active sockets: 3\n<br>Data pushed total: 1.11 KB\n")
            try await c.socket.close()
            try await b.enter("s")
            try await a.expect(state(2, leader: true))
            try await a.socket.close()
            try await b.expect(state(1, leader: false))
            // What b has sent: twice the same length.
            #expect(
                try await Self.page(server)
                    == "Sever is OK!\n<br>Active sessions: 1\n<br>Active sockets: 1\n<br>Data pushed total: 108 Bytes\n")
        }
    }

    @Test(arguments: ["/version", "/"])
    func everySiteMayAsk(_ path: String) async throws {
        try await withRelay { server async throws in
            for headers in [[], [("origin", "https://elsewhere.example")]] {
                #expect(try await server.get(path, headers: headers)["access-control-allow-origin"] == "*")
            }
            let preflight = try await HTTPTestClient.request(
                port: server.port, "OPTIONS", path,
                headers: [("origin", "https://elsewhere.example"), ("access-control-request-method", "GET")])
            #expect(preflight.status == 204)
            #expect(preflight["access-control-allow-origin"] == "*")
        }
    }

    @Test func everySiteMayConnect() async throws {
        try await withRelay { server async throws in
            let a = try await Player(server, headers: [("origin", "https://elsewhere.example")])
            try await a.expectNothing()
        }
    }

    @Test(arguments: ["/", "/version", "/connect/", "/Connect", "/connect/x", "/nothing", "/poll/"])
    func thereIsOnePathToConnectTo(_ path: String) async throws {
        try await withRelay { server async throws in
            let refused = try await #require(throws: HandshakeRefused.self) { _ = try await Player(server, path) }
            #expect(refused.response.status == 404)
        }
    }

    @Test(arguments: ["/connect?playerName=J%C3%A4ger+7", "/connect?playerName=", "/connect?", "/connect?x=1&playerName=%00"])
    func namesAreAskedForAndNotNeeded(_ path: String) async throws {
        try await withRelay { server async throws in
            let a = try await Player(server, path)
            try await a.enter("s")
        }
    }

    @Test func nothingIsSentOnConnecting() async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            try await a.expectNothing()
            #expect(a.socket.response["sec-websocket-protocol"] == nil)
            #expect(a.socket.response["sec-websocket-extensions"] == nil)
        }
    }
}
