import Foundation
import NIOCore
import NightjarTesting
import Reload
import Testing
import Transport

/// Section 3: who may come in, and what happens to the others.
@Suite(.timeLimit(.minutes(2))) struct IdentifyTests {
    @Test func acceptHasExactlyTheDocumentedMembers() async throws {
        try await withGateway { server in
            let client = try await server.stranger()
            try await client.send(#"{"s":"discord-1","t":"gateway:opcode","d":{"opcode":0}}"#)
            let answer = try await client.next()
            #expect(answer.equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":1,"source":"discord-1","service":"discord"}}"#))
        }
    }

    @Test(arguments: [
        ("web", "", "web"), ("discord-12", "", "discord"), ("a-1-2", "", "a-1"), ("x-", "", "x-"), ("-1", "", "-1"),
        ("n-1", #""service":"other""#, "other"), ("n-1", #""service":null"#, "n"), ("größe-1", "", "größe"),
    ])
    func serviceIsGivenOrTheNameWithoutItsNumber(_ name: String, _ fields: String, _ service: String) async throws {
        try await withGateway { server in
            let client = try await server.stranger()
            try await client.identify(name, fields)
            let answer = try await client.next()
            #expect(answer.string("service") == service)
            #expect(answer.string("source") == name)
        }
    }

    @Test(arguments: [
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":"0"}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":"IDENTIFY"}}"#,
        #"{"s":"a","t":"gateway:0","d":{}}"#,
        #"{"s":"a","t":"gateway:IDENTIFY","d":{}}"#,
        #"{"s":"a","t":"gateway:11","d":{"opcode":0}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":0.0,"x":[1]},"y":{"z":null}}"#,
        #" { "d" : { "opcode" : 0 } , "t" : "gateway:opcode" , "s" : "a" } "#,
        #"{"s":"a","t":"gateway-proxy:a:gateway:opcode","d":{"opcode":0}}"#,
    ])
    func identifyIsReadGenerously(_ text: String) async throws {
        try await withGateway { server in
            let client = try await server.stranger()
            try await client.send(text)
            let answer = try await client.next()
            #expect(answer.equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":1,"source":"a","service":"a"}}"#), "\(answer)")
        }
    }

    @Test func duplicateNamesAreRefusedAndTheFirstStays() async throws {
        try await withGateway { server in
            let first = try await server.service("discord-1")
            let second = try await server.stranger()
            try await second.identify("discord-1")
            let answer = try await second.next()
            #expect(answer.equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":2,"code":"already_connected","reason":"discord-1 is already connected"}}"#))
            #expect(try await second.closeCode() == 4005)
            try await first.op("discord-1", 10)
            #expect(try await first.next().number("opcode") == 11)
        }
    }

    @Test func aNameIsFreeWhenItsSocketIsGone() async throws {
        try await withGateway { server in
            let first = try await server.service("a")
            try await first.socket.close()
            _ = try await server.service("a")
            let second = try await server.service("b")
            await second.vanish()
            _ = try await server.stats { ($0.at("clients") as? [Any])?.count == 1 }
            _ = try await server.service("b")
        }
    }

    @Test func theLimitOfClientsIsKept() async throws {
        try await withGateway(.init(settings: ["max_clients": "2"])) { server in
            _ = try await server.service("a")
            let second = try await server.service("b")
            let third = try await server.stranger()
            try await third.identify("c")
            let refusal = try await third.refusal()
            #expect(refusal == Refusal("not_accepting", 4012))
            try await second.socket.close()
            _ = try await server.service("c")
        }
    }

    @Test func identifyingAgainChangesNothing() async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.identify("b")
            #expect(try await client.next().rejects("already_identified"))
            try await client.pass("a", "a:hello")
            #expect(try await client.next().equals(#"{"s":"a","t":"a:hello","d":{}}"#))
        }
    }

    @Test(arguments: ["", #""token":"wrong""#, #""token":null"#, #""token":1"#, #""token":"""#, #""token":"secret ""#])
    func aWrongTokenIsRefused(_ fields: String) async throws {
        try await withGateway(.init(secrets: ["token": "secret"])) { server in
            let client = try await server.stranger()
            try await client.identify("a", fields)
            let refusal = try await client.refusal()
            #expect(refusal == Refusal("bad_token", 4004))
        }
    }

    @Test func theRightTokenIsAccepted() async throws {
        try await withGateway(.init(secrets: ["token": "secret"])) { server in
            _ = try await server.service("a", #""token":"secret""#)
        }
    }

    @Test(arguments: [
        #"{"t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":"","t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":"a:b","t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":"a b","t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":"a\tb","t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":null,"t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":7,"t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":"\#(String(repeating: "x", count: 129))","t":"gateway:opcode","d":{"opcode":0}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":0,"service":"x:y"}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":0,"service":""}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":0,"service":5}}"#,
    ])
    func badNamesAreInvalid(_ text: String) async throws {
        try await withGateway { server in
            let client = try await server.stranger()
            try await client.send(text)
            let refusal = try await client.refusal()
            #expect(refusal == Refusal("invalid", 4002))
        }
    }

    @Test(arguments: [
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":10}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":1}}"#,
        #"{"s":"a","t":"gateway:opcode","d":{"opcode":99}}"#,
        #"{"s":"a","t":"gateway-proxy:a:b:c","d":{}}"#,
        #"{"s":"a","t":"gateway-proxy:a","d":{}}"#,
        #"{"s":"a","t":"gateway-proxy:a:gateway:opcode","d":{"opcode":12}}"#,
        #"{"s":"a","t":"other","d":{}}"#,
    ])
    func anythingElseBeforeIdentifyEndsTheConnection(_ text: String) async throws {
        try await withGateway { server in
            let client = try await server.stranger()
            // What follows the refused message is not heard any more.
            try await client.socket.sendRaw(
                WebSocketTestClient.frame(1, Array(text.utf8))
                    + WebSocketTestClient.frame(1, Array(#"{"s":"a","t":"gateway:0","d":{}}"#.utf8)))
            let refusal = try await client.refusal()
            #expect(refusal == Refusal("not_identified", 4003))
            let stats = try await server.stats()
            #expect((stats.at("clients") as? [Any])?.isEmpty == true)
        }
    }

    @Test func silenceOfTenSecondsEndsTheConnection() async throws {
        try await withGateway { server in
            let silent = try await server.stranger()
            let known = try await server.service("a")
            server.clock.advance(9_999)
            let later = try await server.stranger()
            server.clock.advance(1)
            #expect(try await silent.closeCode() == 4003)
            try await later.identify("b")
            #expect(try await later.next().number("opcode") == 1)
            try await known.pass("a", "b:still:here")
            #expect(try await later.next().equals(#"{"s":"a","t":"b:still:here","d":{}}"#))
        }
    }

    @Test func whenTheServerStopsNobodyIsTakenInAndSocketsAreClosed() async throws {
        try await withGateway { server in
            let known = try await server.service("a")
            let late = try await server.stranger()
            await server.base.host.announceStop()
            try await late.identify("b")
            let refusal = try await late.refusal()
            #expect(refusal == Refusal("not_accepting", 4012))
            await server.base.transport.drain(code: 1012, within: .seconds(1))
            #expect(try await known.closeCode() == 1012)
        }
    }
}

/// IDENTIFY over HTTP, and the tickets it gives.
@Suite(.timeLimit(.minutes(2))) struct TicketTests {
    private static let identify = #"{"s":"discord-1","t":"gateway:opcode","d":{"opcode":0}}"#

    private func ticket(_ server: GatewayServer, _ body: String = TicketTests.identify) async throws -> String {
        let response = try await server.post("/gateway", body)
        #expect(response.status == 200)
        #expect(response["content-type"] == "application/json")
        let message = Message(text: response.text)
        let ticket = try #require(message.string("ticket"))
        #expect(message.equals(
            #"{"s":"gateway","t":"gateway:opcode","d":{"opcode":1,"source":"discord-1","service":"discord","ticket":"\#(ticket)"}}"#))
        return ticket
    }

    @Test func aTicketOpensAnIdentifiedSocketOnce() async throws {
        try await withGateway { server in
            let ticket = try await ticket(server)
            let client = try await server.stranger("?ticket=\(ticket)")
            let accept = #"{"s":"gateway","t":"gateway:opcode","d":{"opcode":1,"source":"discord-1","service":"discord"}}"#
            #expect(try await client.next().equals(accept))
            try await client.op("discord-1", 10)
            #expect(try await client.next().number("opcode") == 11)
            try await client.identify("discord-1")
            #expect(try await client.next().rejects("already_identified"))

            let again = try await server.stranger("?ticket=\(ticket)")
            try await again.op("x", 10)
            let refusal = try await again.refusal()
            #expect(refusal == Refusal("not_identified", 4003))
        }
    }

    @Test(arguments: ["?ticket=wrong", "?ticket=", "?other=1"])
    func withoutATicketTheSocketIsPlain(_ query: String) async throws {
        try await withGateway { server in
            let client = try await server.stranger(query)
            try await client.identify("a")
            #expect(try await client.next().equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":1,"source":"a","service":"a"}}"#))
        }
    }

    @Test func aTicketIsGoodForThirtySeconds() async throws {
        try await withGateway { server in
            let early = try await ticket(server)
            server.clock.advance(29_999)
            let good = try await server.stranger("?ticket=\(early)")
            #expect(try await good.next().number("opcode") == 1)
            try await good.socket.close()
            let late = try await ticket(server)
            server.clock.advance(30_000)
            let plain = try await server.stranger("?ticket=\(late)")
            try await plain.identify("b")
            #expect(try await plain.next().string("source") == "b")
        }
    }

    @Test func aTicketForATakenNameIsRefused() async throws {
        try await withGateway { server in
            let ticket = try await ticket(server)
            _ = try await server.service("discord-1")
            let client = try await server.stranger("?ticket=\(ticket)")
            let refusal = try await client.refusal()
            #expect(refusal == Refusal("already_connected", 4005))
        }
    }

    @Test(arguments: ["", "x", "[]", "7", #"{"t":1,"d":{}}"#, #"{"t":"gateway:opcode","d":[]}"#, #"{"t":"gateway:0"}"#])
    func aMalformedBodyIs400(_ body: String) async throws {
        try await withGateway { server in
            let response = try await server.post("/gateway", body)
            #expect(response.status == 400)
            #expect(Message(text: response.text).rejects("decode_error"))
        }
    }

    @Test(arguments: [
        (#"{"s":"a","t":"gateway:opcode","d":{"opcode":0}}"#, "bad_token"),
        (#"{"s":"a b","t":"gateway:opcode","d":{"opcode":0,"token":"secret"}}"#, "invalid"),
        (#"{"s":"taken","t":"gateway:opcode","d":{"opcode":0,"token":"secret"}}"#, "already_connected"),
        (#"{"s":"more","t":"gateway:opcode","d":{"opcode":0,"token":"secret"}}"#, "not_accepting"),
        (#"{"s":"a","t":"gateway:opcode","d":{"opcode":10,"token":"secret"}}"#, "not_identified"),
        (#"{"s":"a","t":"other","d":{}}"#, "not_identified"),
    ])
    func refusalsComeWith200(_ body: String, _ code: String) async throws {
        try await withGateway(.init(settings: ["max_clients": "1"], secrets: ["token": "secret"])) { server in
            _ = try await server.service("taken", #""token":"secret""#)
            let response = try await server.post("/gateway", body)
            #expect(response.status == 200)
            #expect(Message(text: response.text).rejects(code), "\(response.text)")
        }
    }

    @Test func thereIsABoundOnTickets() async throws {
        let options = GatewayServer.Options()
        try await withGateway(options) { server in
            try server.save("limits.lua", server.read("limits.lua").replacingOccurrences(of: "tickets = 10000", with: "tickets = 3"))
            #expect(try await server.take() == nil)
            for _ in 0..<3 { _ = try await ticket(server) }
            let response = try await server.post("/gateway", TicketTests.identify)
            #expect(Message(text: response.text).rejects("not_accepting"))
            server.clock.advance(30_000)
            _ = try await ticket(server)
        }
    }
}
