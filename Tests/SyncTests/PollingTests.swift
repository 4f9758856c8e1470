import NightjarTesting
import Testing

/// The protocol before WebSockets.
@Suite(.timeLimit(.minutes(1))) struct PollingTests {
    private static let on = #"{"polling": true}"#

    private func put(_ server: SyncServer, _ id: String, _ body: String) async throws -> TestResponse {
        try await HTTPTestClient.request(port: server.port, "PUT", "/poll/game/" + id, body: Array(body.utf8))
    }

    @Test func itIsSwitchedOff() async throws {
        try await withRelay { server async throws in
            #expect(try await server.get("/poll/").status == 404)
            #expect(try await server.get("/poll/game/s").status == 404)
            #expect(try await put(server, "s", "[]").status == 404)
        }
    }

    @Test func whatWasPutIsThere() async throws {
        try await withRelay(settings: Self.on) { server async throws in
            let before = try await server.get("/poll/game/s")
            #expect(before.status == 200)
            #expect(before.text == "null")
            #expect(before["content-type"] == "application/json; charset=utf-8")
            let text = #"[["em001",[[0,1.50]],[]], ["em002",[],[]]]"#
            let answer = try await put(server, "s", text)
            #expect(answer.status == 200)
            #expect(answer.body == [])
            #expect(try await server.get("/poll/game/s").text == text)
            #expect(try await server.get("/poll/game/t").text == "null")
        }
    }

    @Test func theFirstPollAnswersAtOnceAndLaterOnesWaitForAPut() async throws {
        try await withRelay(loops: 3, settings: Self.on) { server async throws in
            #expect(try await server.get("/poll/game/s/poll/a").text == "[]")
            #expect(try await server.get("/poll/game/s/poll/b").text == "[]")
            // The waiting polls are in the server before the put: pipelined requests are answered in their order, and the
            // first of the two is answered at once.
            var waiting: [HTTPTestClient] = []
            for poll in ["a", "b"] {
                let client = try await HTTPTestClient.connect(port: server.port)
                try await client.connection.send("GET /poll/game/s HTTP/1.1\r\nhost: localhost\r\n\r\n")
                #expect(try await client.receive().text == "null")
                try await client.connection.send("GET /poll/game/s/poll/\(poll) HTTP/1.1\r\nhost: localhost\r\n\r\n")
                waiting.append(client)
            }
            // Whether they wait already shows only when they are answered: put until they are.
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for client in waiting { group.addTask { try await client.receive().text } }
                group.addTask {
                    while !Task.isCancelled { _ = try await self.put(server, "s", "[1]") }
                    return nil
                }
                var answers: [String] = []
                for _ in waiting { if let text = try await group.next()! { answers.append(text) } }
                group.cancelAll()
                return answers
            }
            #expect(answers == ["[1]", "[1]"])
            #expect(try await server.get("/poll/game/s/poll/c").text == "[1]")
        }
    }

    @Test(arguments: ["", "{}", "null", "[", #""[]""#, #"{"a":[1]}"#, "[1] x"])
    func onlyListsArePut(_ body: String) async throws {
        try await withRelay(settings: Self.on) { server async throws in
            #expect(try await put(server, "s", body).status == 400)
            #expect(try await server.get("/poll/game/s").text == "null")
        }
    }

    @Test func thereAreLimits() async throws {
        try await withRelay(settings: Self.on) { server async throws in
            #expect(try await put(server, "s", "[\"" + String(repeating: "x", count: 16 << 10) + "\"]").status == 413)
            let long = String(repeating: "s", count: 129)
            #expect(try await put(server, long, "[]").status == 400)
            #expect(try await server.get("/poll/game/\(long)/poll/a").status == 400)
            #expect(try await server.get("/poll/game/s/poll/\(long)").status == 400)
            for number in 0..<32 { #expect(try await server.get("/poll/game/s/poll/\(number)").status == 200) }
            #expect(try await server.get("/poll/game/s/poll/more").status == 503)
        }
    }

    @Test func theStatusPageCounts() async throws {
        try await withRelay(settings: Self.on) { server async throws in
            _ = try await put(server, "s", "[1]")
            _ = try await put(server, "s", "[22]")
            _ = try await server.get("/poll/game/t/poll/a")
            let page = try await server.get("/poll/").text
            #expect(page.hasPrefix(
                "Sever is OK!\n<br>Active sessions: 2\n<br>Active polls: 1\n<br>Data pushed total: 7 Bytes\n<br>Uptime: "))
        }
    }
}
