import Foundation
import NIOCore
import NightjarTesting
import Testing

/// Op files are edited while the gateway runs.
@Suite(.timeLimit(.minutes(3))) struct EditTests {
    private static let echo = #"""
        --- ECHO: sends back what it got.
        local envelope = require "envelope"
        local M = { number = 90, name = "ECHO", from = "service" }
        function M.handle(client, d, context)
          envelope.send_op(context.conn, { opcode = 90, said = d.say, to = client.name })
        end
        return M
        """#

    @Test func aNewFileIsANewOpAndARemovedOneIsGone() async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.op("a", 90)
            #expect(try await client.next().rejects("unknown_op"))
            server.save("ops/echo.lua", Self.echo)
            #expect(try await server.take() == nil)
            try await client.op("a", 90, #""say":"hi""#)
            #expect(try await client.next().equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":90,"said":"hi","to":"a"}}"#))
            try await client.send(#"{"s":"a","t":"gateway:ECHO","d":{"say":1}}"#)
            #expect(try await client.next().number("said") == 1)
            server.remove("ops/echo.lua")
            #expect(try await server.take() == nil)
            try await client.op("a", 90)
            #expect(try await client.next().rejects("unknown_op"))
        }
    }

    @Test func theExampleOfThePageWorks() async throws {
        let page = try String(contentsOfFile: GatewayServer.repository + "/docs/gateway.md", encoding: .utf8)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = try #require(lines.firstIndex { $0.contains("-- Scripts/gateway/ops/whoami.lua") })
        let example = lines[first...].prefix { $0.isEmpty || $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
        try await withGateway(.init(files: ["ops/whoami.lua": example.joined(separator: "\n")])) { server in
            let client = try await server.service("d-1")
            try await client.op("d-1", 100)
            #expect(try await client.next().equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":100,"name":"d-1","service":"d"}}"#))
        }
    }

    @Test(arguments: [
        ("echo.lua", "number = 90", "number = 12", "ops/shard_death.lua: number 12 is that of ECHO already"),
        ("echo.lua", "number = 90", "number = -1", "ops/echo.lua: number must be a whole number from 0"),
        ("echo.lua", #""ECHO""#, #""echo""#, "ops/echo.lua: name must be like SHARD_DEATH"),
        ("other.lua", "M", "M", "ops/other.lua: the op ECHO belongs into ops/echo.lua"),
        ("echo.lua", #""service""#, #""nobody""#, #"ops/echo.lua: from must be "service" or "gateway""#),
        ("echo.lua", "M.handle", "M.handel", "ops/echo.lua: a function handle is missing"),
        ("echo.lua", "return M", "return 7", "ops/echo.lua: an op file returns a table"),
        ("echo.lua", "function", "funktion", "gateway/ops/echo.lua:4"),
    ])
    func aBrokenOpFileChangesNothing(_ file: String, _ from: String, _ to: String, _ problem: String) async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            _ = try await client.shard("a")
            server.save("ops/\(file)", Self.echo.replacingOccurrences(of: from, with: to))
            let said = try await server.take()
            #expect(said?.contains(problem) == true, "\(said ?? "no problem")")
            try await client.op("a", 90)
            #expect(try await client.next().rejects("unknown_op"))
            #expect(try await client.shard("a").number("shard_id") == 0)
            try await client.pass("a", "a:x")
            #expect(try await client.next().at("t") as? String == "a:x")
        }
    }

    @Test func everythingSurvivesAReload() async throws {
        try await withGateway(.init(settings: ["shard_grace_ms": "5000"])) { server in
            let first = try await server.service("d-1")
            let second = try await server.service("d-2")
            _ = try await first.shard("d-1", #""bot":"main","shard_count":2"#)
            let gone = try await server.service("d-3")
            _ = try await gone.shard("d-3", #""bot":"main""#)
            await gone.vanish()
            _ = try await server.stats { ($0.at("pools.main.away") as? [Int]) == [1] }
            let ticket = try #require(Message(text: try await server.post("/gateway", #"{"s":"t","t":"gateway:0","d":{}}"#).text).string("ticket"))
            let silent = try await server.stranger()
            try await second.send("x")
            _ = try await second.next()

            try server.save("clients.lua", server.read("clients.lua") + "\n-- changed\n")
            #expect(try await server.take() == nil)

            // Who has not said a word since then is found all the same.
            try await first.pass("d-1", "d-2:x")
            #expect(try await second.next().text == #"{"s":"d-1","t":"d-2:x","d":{}}"#)
            try await second.pass("d-2", "d:by:type")
            #expect(try await first.next().at("t") as? String == "d:by:type")
            #expect(try await first.shard("d-1", #""bot":"main""#).number("shard_id") == 0)
            let again = try await server.stranger()
            try await again.identify("d-2")
            #expect(try await again.refusal() == Refusal("already_connected", 4005))
            let back = try await server.service("d-3")
            #expect(try await back.shard("d-3", #""bot":"main""#).number("shard_id") == 1)
            let holder = try await server.stranger("?ticket=\(ticket)")
            #expect(try await holder.next().string("source") == "t")
            server.clock.advance(10_000)
            #expect(try await silent.closeCode() == 4003)
            await first.vanish()
            _ = try await server.stats { ($0.at("pools.main.away") as? [Int]) == [0] }
        }
    }

    /// Eight pairs talk while op files are saved again and again: no message is lost, none doubled, the order is kept.
    @Test func noMessageIsLostWhileOpFilesAreEdited() async throws {
        try await withGateway(.init(loops: 2)) { server in
            let isOver = Flag()
            let sent = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for pair in 0..<8 {
                    let asks = try await server.service("asks-\(pair)")
                    let answers = try await server.service("answers-\(pair)")
                    group.addTask {
                        var number = 0
                        while !isOver.isSet {
                            for offset in 0..<20 { try await asks.pass("asks-\(pair)", "answers-\(pair):x", #"{"n":\#(number + offset)}"#) }
                            // Refusals come between the messages, as the ops came between them.
                            var (came, refused) = (0, 0)
                            while came < 20 || refused < 20 {
                                let message = try await answers.next()
                                if message.rejects("not_your_shard") {
                                    refused += 1
                                    continue
                                }
                                guard message.number("n") == number + came else { throw Unexpected(text: "\(number + came) expected: \(message)") }
                                came += 1
                                try await answers.pass("answers-\(pair)", "asks-\(pair):y", #"{"n":\#(message.number("n")!)}"#)
                                // An op in between: its file is the one that changes.
                                try await answers.op("answers-\(pair)", 12)
                            }
                            for offset in 0..<20 {
                                let message = try await asks.next()
                                guard message.number("n") == number + offset else { throw Unexpected(text: "\(number + offset) expected: \(message)") }
                            }
                            number += 20
                        }
                        sent.add(number)
                    }
                }
                let text = try server.read("ops/shard_death.lua")
                for round in 1...25 {
                    switch round % 3 {
                    case 0:
                        server.save("ops/echo.lua", Self.echo + "\n-- \(round)\n")
                        if let problem = try await server.take() { throw Unexpected(text: problem) }
                    case 1:
                        server.save("ops/shard_death.lua", text + "\n-- \(round)\n")
                        if let problem = try await server.take() { throw Unexpected(text: problem) }
                    default:
                        server.save("ops/echo.lua", "return {")
                        #expect(try await server.take() != nil)
                        server.remove("ops/echo.lua")
                    }
                }
                isOver.set()
                try await group.waitForAll()
            }
            #expect(sent.value > 100)
        }
    }
}
