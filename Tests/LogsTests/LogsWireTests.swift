import Foundation
import Logging
import NightjarTesting
import Testing

/// The log relay as clients see it.
@Suite("Live logs", .timeLimit(.minutes(4)))
struct LogsWireTests {
    /// What the server puts behind an entry, with the number that many after the first one.
    private func tail(_ offset: Int64 = 0) -> String {
        #","serverTime":\#(LogsServer.time),"seqNumber":\#(LogsServer.time * 1_000 + offset)}"#
    }

    @Test("each room is a frame, entries in order, and every listener gets its share")
    func rooms() async throws {
        let server = try await LogsServer()
        let all = try await server.listen()
        let one = try await server.listen("?room=r1")
        let two = try await server.listen("?roomId=r%202")
        let first = try await server.listen("?roomId=r%202&room=r1")
        let none = try await server.listen("?room=nobody")
        let answer = try await server.request("POST", "/logs/add", #"""
            [{"timestamp":1763000000000,"level":"Info","msg":"hi","text":"12:00:00:000 [Info] hi","user":"ann","room":"r1"},
             {"msg":"b","room":"r 2"}, {"msg":"c"},{"msg":"d","room":"r1"},{"room":"","msg":"e"}]
            """#)
        #expect(answer.status == 200 && answer.body.isEmpty)
        let frame1 = #"[{"timestamp":1763000000000,"level":"Info","msg":"hi","text":"12:00:00:000 [Info] hi","user":"ann","room":"r1""#
            + tail() + #",{"msg":"d","room":"r1""# + tail(3) + "]"
        let frame2 = #"[{"msg":"b","room":"r 2""# + tail(1) + "]"
        let roomless = #"[{"msg":"c","room":"""# + tail(2) + #",{"room":"","msg":"e""# + tail(4) + "]"
        for frame in [frame1, frame2, roomless] { #expect(try await all.receiveText() == frame) }
        for frame in [frame1, roomless] {
            #expect(try await one.receiveText() == frame)
            #expect(try await first.receiveText() == frame)
        }
        for frame in [frame2, roomless] { #expect(try await two.receiveText() == frame) }
        #expect(try await none.receiveText() == roomless)
        for client in [all, one, two, first, none] { await client.disconnect() }
        await server.stop()
    }

    @Test("a single object is an entry; everything else of it goes on digit by digit")
    func exact() async throws {
        let server = try await LogsServer()
        let all = try await server.listen()
        let numbers = [
            "9007199254740993", "18446744073709551617", "-0", "1.10", "1E+2", String(repeating: "123456789", count: 34),
        ]
        let entry = #"{"msg":"ü \ud83d\ude00 \u0000","room":"a","extra":{"room":1,"n":["# + numbers.joined(separator: ",") + "]}"
        try await server.post(entry + "}")
        #expect(try await all.receiveText() == "[" + entry + tail() + "]")
        await all.disconnect()
        await server.stop()
    }

    @Test("what is no entry is refused and relays nothing", arguments: [
        ("", 400), ("{", 400), ("[{}", 400), ("{'a':1}", 400), ("1", 400), ("null", 400), ("[{},1]", 400), ("[[{}]]", 400), (#""{}""#, 400),
        ("[]", 200), ("[" + String(repeating: "{},", count: 500) + "{}]", 413),
    ])
    func refused(_ body: String, _ status: Int) async throws {
        let server = try await LogsServer(loops: 1)
        let all = try await server.listen()
        #expect(try await server.post(body) == status)
        try await server.post(#"{"msg":"after"}"#)
        #expect(try await all.entries(until: "after").count == 1)
        await all.disconnect()
        await server.stop()
    }

    @Test("a body may have 100 kB and not a byte more")
    func size() async throws {
        let server = try await LogsServer()
        let all = try await server.listen()
        let frame = #"{"room":"","msg":""}"#
        func body(_ bytes: Int) -> String { #"{"room":"","msg":""# + String(repeating: "x", count: bytes - frame.utf8.count) + #""}"# }
        #expect(try await server.post(body(102_401)) == 413)
        #expect(try await server.post(body(102_400)) == 200)
        #expect(try await all.receiveText() == "[" + body(102_400).dropLast() + tail() + "]")
        await all.disconnect()
        await server.stop()
    }

    @Test("much in a short time comes in several frames, whole and in order")
    func splitting() async throws {
        let server = try await LogsServer()
        let all = try await server.listen()
        let filler = String(repeating: "x", count: 900)
        for post in 0..<4 {
            let list = (0..<100).map { #"{"msg":"\#(post * 100 + $0)","room":"r","x":"\#(filler)"}"# }.joined(separator: ",")
            try await server.post("[" + list + "]")
        }
        let entries = try await all.entries(until: "399")
        #expect(entries.map { $0["msg"] as? String } == (0..<400).map(String.init))
        #expect(entries.map { $0["seqNumber"] as? Int64 } == (0..<400).map { LogsServer.time * 1_000 + $0 })
        await all.disconnect()
        await server.stop()
    }

    @Test("scripts of all sites may post and listen")
    func origins() async throws {
        let server = try await LogsServer()
        let origin = ("origin", "https://elsewhere.example")
        let preflight = try await server.request("OPTIONS", "/logs/add", headers: [
            origin, ("access-control-request-method", "POST"), ("access-control-request-headers", "content-type"),
        ])
        #expect(preflight.status == 204 && preflight["access-control-allow-origin"] == "*")
        #expect(preflight["access-control-allow-methods"]?.contains("POST") == true)
        #expect(preflight["access-control-allow-headers"]?.lowercased().contains("content-type") == true)
        for body in ["{}", "no"] {
            let answer = try await server.request("POST", "/logs/add", headers: [origin, ("content-type", "application/json")], body)
            #expect(answer["access-control-allow-origin"] == "*")
        }
        let listener = try await WebSocketTestClient.connect(
            port: server.port, "/logs/listen", headers: [origin, ("sec-websocket-extensions", "permessage-deflate")])
        #expect(listener.response["sec-websocket-extensions"] == nil, "listeners are not compressed")
        await listener.disconnect()
        await #expect(throws: HandshakeRefused.self) { try await WebSocketTestClient.connect(port: server.port, "/logs/listen/more") }
        await server.stop()
    }

    @Test("what listeners say is ignored, pings are answered")
    func frames() async throws {
        let server = try await LogsServer()
        let all = try await server.listen()
        try await all.send("ping")
        try await all.send(binary: [0, 255])
        try await all.send(#"{"msg":"not an entry"}"#)
        try await all.ping([1, 2])
        #expect(try await all.receive() == .pong([1, 2]))
        try await server.post(#"{"msg":"a"}"#)
        #expect(try await all.receiveText() == #"[{"msg":"a","room":"""# + tail() + "]")
        await all.disconnect()
        await server.stop()
    }

    @Test("who closes is forgotten, the others go on; a room's name has an end")
    func closing() async throws {
        let server = try await LogsServer()
        let stays = try await server.listen("?room=a")
        for _ in 0..<20 {
            let leaves = try await server.listen("?room=a")
            try await leaves.close()
        }
        let lost = try await server.listen()
        await lost.disconnect()
        try await server.post(#"{"msg":"a","room":"a"}"#)
        #expect(try await stays.receiveText() == #"[{"msg":"a","room":"a""# + tail() + "]")
        let long = try await server.listen("?room=" + String(repeating: "x", count: 101))
        #expect(try await long.receive() == .close(code: 1008, reason: "room name too long"))
        let longest = String(repeating: "x", count: 100)
        let fits = try await server.listen("?room=" + longest)
        let everything = try await server.listen()
        try await server.post(#"[{"room":"\#(longest)x"},{"room":"\#(longest)"}]"#)
        #expect(try await fits.receiveText() == #"[{"room":"\#(longest)""# + tail(2) + "]")
        #expect(try await everything.receiveText() == #"[{"room":"\#(longest)x""# + tail(1) + "]")
        for client in [stays, long, fits, everything] { await client.disconnect() }
        await server.stop()
    }

    @Test("numbers grow through reloads and clocks that are put back, and no entry is lost")
    func numbers() async throws {
        let server = try await LogsServer()
        let all = try await server.listen()
        for index in 0..<12 {
            try await server.post(#"[{"msg":"x"},{"msg":"\#(index)"}]"#)
            if index % 3 == 1 { #expect(try await server.reload("logs")) }
            if index == 6 { server.setTime(LogsServer.time - 60_000) }
            if index == 9 { server.setTime(LogsServer.time + 1) }
        }
        let entries = try await all.entries(until: "11")
        #expect(entries.count == 24)
        let numbers = entries.compactMap { $0["seqNumber"] as? Int64 }
        #expect(numbers == (0..<20).map { LogsServer.time * 1_000 + $0 } + (0..<4).map { (LogsServer.time + 1) * 1_000 + $0 })
        await all.disconnect()
        await server.stop()
    }

    @Test("the server's own lines come along, those of scripts with package and generation")
    func lines() async throws {
        let server = try await LogsServer(level: .trace)
        let all = try await server.listen()
        let room = try await server.listen("?room=r")
        server.logger.trace("fine", metadata: ["b": "2", "a": "1"])
        let before = try await server.request("GET", "/say/before").text
        #expect(try await server.reload("talker"))
        let after = try await server.request("GET", "/say/after").text
        for listener in [all, room] {
            let entries = try await listener.entries(until: "after")
            let fine = try #require(entries.first { $0["msg"] as? String == "fine a=1 b=2" })
            // 1763000000 is 02:13:20 UTC.
            #expect(fine["text"] as? String == "02:13:20:000 [TRACE] fine a=1 b=2")
            #expect(fine["level"] as? String == "TRACE" && fine["user"] as? String == "server" && fine["room"] as? String == "")
            #expect(fine["timestamp"] as? Int64 == LogsServer.time && fine["serverTime"] as? Int64 == LogsServer.time)
            #expect(fine["unit"] == nil && fine["generation"] == nil && fine.count == 8)
            for (text, generation) in [("before", before), ("after", after)] {
                let line = try #require(entries.first { WebSocketTestClient.message($0) == text })
                #expect(line["msg"] as? String == "\(text) unit=talker generation=\(generation) who=ann")
                #expect(line["unit"] as? String == "talker" && line["generation"] as? Int == Int(generation))
                #expect(line["text"] as? String == "02:13:20:000 [WARN] \(text) unit=talker generation=\(generation) who=ann")
                #expect(line["level"] as? String == "WARN")
            }
            let order = entries.compactMap { WebSocketTestClient.message($0) }.map { $0.hasPrefix("loaded") ? "loaded" : $0 }
            #expect(order.suffix(4) == ["fine", "before", "loaded", "after"])
            let numbers = entries.compactMap { $0["seqNumber"] as? Int64 }
            #expect(numbers.count == entries.count && numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        }
        #expect(Int(before)! < Int(after)!)
        await all.disconnect()
        await room.disconnect()
        await server.stop()
    }

    /// Writes a line of the server, and when `witness` has it one of a program; what the listener gets of both.
    private func seen(
        _ server: LogsServer, _ witness: WebSocketTestClient, _ listener: WebSocketTestClient, _ last: String
    ) async throws -> [String] {
        server.logger.info("own \(last)")
        _ = try await witness.entries(until: "own \(last)")
        try await server.post(#"{"msg":"\#(last)"}"#)
        let messages = try await listener.entries(until: last).compactMap { WebSocketTestClient.message($0) }
        await listener.disconnect()
        return messages.filter { $0 == "own \(last)" || $0 == last }
    }

    @Test("with a token set, the server's own lines are for who has it, wherever from")
    func token() async throws {
        let server = try await LogsServer(level: .info, token: "s3cret")
        let witness = try await server.listen("?token=s3cret")
        #expect(try await seen(server, witness, server.listen(), "a") == ["a"])
        #expect(try await seen(server, witness, server.listen("?room=x"), "b") == ["b"])
        #expect(try await seen(server, witness, server.listen("?token=s3cret"), "c") == ["own c", "c"])
        let bearer = [("authorization", "Bearer s3cret"), ("x-forwarded-for", "10.0.0.7"), ("origin", "https://elsewhere.example")]
        #expect(try await seen(server, witness, server.listen("?room=x", headers: bearer), "d") == ["own d", "d"])
        for wrong in ["s3cre", "s3crets", "x"] {
            let refused = try await server.listen("?token=" + wrong)
            #expect(try await refused.receive() == .close(code: 1008, reason: "wrong_token"))
            await refused.disconnect()
        }
        await witness.disconnect()
        await server.stop()
    }

    @Test("without a token the server's own lines are for who listens on its machine, not through a proxy or a page of another site")
    func direct() async throws {
        let server = try await LogsServer(level: .info)
        let witness = try await server.listen()
        #expect(try await seen(server, witness, server.listen(), "a") == ["own a", "a"])
        #expect(try await seen(server, witness, server.listen("?token=any"), "b") == ["own b", "b"])
        let own = [("origin", "http://localhost")]
        #expect(try await seen(server, witness, server.listen(headers: own), "c") == ["own c", "c"])
        for (index, header) in [("x-forwarded-for", "10.0.0.7"), ("forwarded", "for=10.0.0.7"), ("origin", "https://elsewhere.example")].enumerated() {
            #expect(try await seen(server, witness, server.listen(headers: [header]), "other\(index)") == ["other\(index)"], "\(header)")
        }
        await witness.disconnect()
        await server.stop()
    }

    @Test("neither whose nor where in which file goes out")
    func discretion() async throws {
        let server = try await LogsServer(level: .info)
        let listener = try await server.listen()
        for name in ["account", "auth", "channel", "player", "profile", "token", "traceback", "uid", "User", "user_id", "userID"] {
            server.logger.error("not committed", metadata: [name: "ann-4711", "game": "joker"])
        }
        server.logger.error("refused", metadata: ["error": "main.lua:3: no\nstack traceback:\n\tmain.lua:3: in function"])
        #expect(try await server.request("GET", "/fail").status == 500)
        server.logger.info("end")
        let entries = try await listener.entries(until: "end")
        #expect(entries.contains { WebSocketTestClient.message($0) == "not committed" })
        #expect(entries.contains { ($0["msg"] as? String)?.contains("broken") == true })
        for entry in entries {
            for value in entry.values.map({ "\($0)" }) {
                #expect(!value.contains("ann-4711") && !value.contains("traceback"), "\(value)")
            }
        }
        await listener.disconnect()
        await server.stop()
    }

    @Test("pages have to send JSON as such, programs need not")
    func kinds() async throws {
        let server = try await LogsServer()
        let origin = ("origin", "https://elsewhere.example")
        func status(_ headers: [(String, String)]) async throws -> Int { try await server.request("POST", "/logs/add", headers: headers, "{}").status }
        #expect(try await status([origin, ("content-type", "text/plain")]) == 415)
        #expect(try await status([origin]) == 415)
        #expect(try await status([("sec-fetch-site", "cross-site"), ("content-type", "text/plain;charset=UTF-8")]) == 415)
        #expect(try await status([origin, ("content-type", "application/json; charset=utf-8")]) == 200)
        #expect(try await status([("content-type", "text/plain")]) == 200)
        await server.stop()
    }

    @Test("the viewer's page and its files are served, and the page runs nothing else")
    func page() async throws {
        let server = try await LogsServer()
        let page = try await server.request("GET", "/logs.html?room=a")
        #expect(page.status == 200 && page["content-type"] == "text/html; charset=utf-8")
        let policy = try #require(page["content-security-policy"])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'") && !policy.contains("unsafe"))
        let files = page.text.matches(of: /(?:src|href)="([^"]+\.(?:js|css))"/).map { String($0.1) }
        #expect(!files.isEmpty)
        for file in files {
            let path = file.hasPrefix("/") ? file : "/" + file
            #expect(path.hasPrefix("/logs/static/"))
            #expect(try await server.request("GET", path).status == 200, "\(path)")
        }
        await server.stop()
    }
}
