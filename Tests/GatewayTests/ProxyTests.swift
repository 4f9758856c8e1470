import Foundation
import NIOCore
import NightjarTesting
import Testing

/// Section 6: messages from service to service.
@Suite(.timeLimit(.minutes(2))) struct ProxyTests {
    @Test func theExampleOfTheProtocol() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            let discord = try await server.service("discord-1")
            try await web.send(#"{"s":"web","t":"gateway-proxy:web:discord:guild:get","d":{"id":"81384788765712384"}}"#)
            #expect(try await discord.next().text == #"{"s":"web","t":"discord:guild:get","d":{"id":"81384788765712384"}}"#)
            try await discord.send(#"{"s":"discord-1","t":"gateway-proxy:discord-1:web:guild:data","d":{"name":"x"}}"#)
            #expect(try await web.next().text == #"{"s":"discord-1","t":"web:guild:data","d":{"name":"x"}}"#)
        }
    }

    @Test func aNameWinsOverAServiceType() async throws {
        try await withGateway { server in
            let sender = try await server.service("web")
            _ = try await server.service("n-1", #""service":"both""#)
            let named = try await server.service("both", #""service":"other""#)
            for number in 0..<3 {
                try await sender.pass("web", "both:x", #"{"n":\#(number)}"#)
                #expect(try await named.next().number("n") == number)
            }
        }
    }

    @Test func typesAreServedInTurnWithoutTheSender() async throws {
        try await withGateway { server in
            let clients = [try await server.service("w-1"), try await server.service("w-2"), try await server.service("w-3")]
            let outside = try await server.service("out")
            for number in 0..<6 { try await outside.pass("out", "w:job", #"{"n":\#(number)}"#) }
            for (index, client) in clients.enumerated() {
                #expect(try await client.next().number("n") == index)
                #expect(try await client.next().number("n") == index + 3)
            }
            // Two turns left for the other two, never for the sender.
            for number in 0..<4 { try await clients[0].pass("w-1", "w:job", #"{"n":\#(number)}"#) }
            for client in clients[1...] {
                let got = [try await client.next().number("n"), try await client.next().number("n")]
                #expect(got == [0, 2] || got == [1, 3])
            }
        }
    }

    @Test func broadcastReachesAllButTheSender() async throws {
        try await withGateway { server in
            let first = try await server.service("w-1")
            let second = try await server.service("w-2")
            let third = try await server.service("w-3")
            try await first.pass("w-1", "w@*:all:of:you", #"{"a":1}"#)
            for client in [second, third] {
                #expect(try await client.next().text == #"{"s":"w-1","t":"w:all:of:you","d":{"a":1}}"#)
            }
            try await first.pass("w-1", "w-1:self")
            #expect(try await first.next().at("t") as? String == "w-1:self")
        }
    }

    @Test func aNameBehindAnAtIsExactlyThatClient() async throws {
        try await withGateway { server in
            let sender = try await server.service("web")
            _ = try await server.service("w-1")
            let second = try await server.service("w-2")
            for _ in 0..<3 {
                try await sender.pass("web", "w@w-2:x@y:z")
                #expect(try await second.next().text == #"{"s":"web","t":"w:x@y:z","d":{}}"#)
            }
            try await sender.pass("web", "w@w-2")
            #expect(try await second.next().text == #"{"s":"web","t":"w","d":{}}"#)
            try await sender.pass("web", "w@web:me")
            #expect(try await sender.next().text == #"{"s":"web","t":"w:me","d":{}}"#)
        }
    }

    @Test func theSourceIsPassedOnUnchecked() async throws {
        try await withGateway { server in
            let sender = try await server.service("web")
            let receiver = try await server.service("r")
            for (sent, got) in [
                (#"{"s":"somebody \"else\"","t":"gateway-proxy:web:r:x","d":{}}"#, #"{"s":"somebody \"else\"","t":"r:x","d":{}}"#),
                (#"{"t":"gateway-proxy:claimed:r:x","d":{}}"#, #"{"s":"claimed","t":"r:x","d":{}}"#),
                (#"{"s":null,"t":"gateway-proxy:claimed:r:x","d":{}}"#, #"{"s":"claimed","t":"r:x","d":{}}"#),
                (#"{"s":"","t":"gateway-proxy:claimed:r:x","d":{}}"#, #"{"s":"","t":"r:x","d":{}}"#),
                (#"{"s":"a","extra":{"b":[1]},"t":"gateway-proxy:a:r::","d":{},"droppable":false}"#, #"{"s":"a","t":"r::","d":{}}"#),
                (#"{"s":"a","t":"gateway-proxy:a:r:\u00e9 \n","d":{}}"#, #"{"s":"a","t":"r:é \n","d":{}}"#),
            ] {
                try await sender.send(sent)
                #expect(try await receiver.next().text == got)
            }
        }
    }

    @Test(arguments: ["nobody:x", "w@nobody:x", "nobody@*:x", "w@*:x", "w:x", "w@:x", "W-1:x"])
    func withoutATargetTheSenderHearsSo(_ topic: String) async throws {
        try await withGateway { server in
            let sender = try await server.service("w-1")
            try await sender.pass("w-1", topic)
            let answer = try await sender.next()
            #expect(answer.equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":2,"code":"no_target","topic":"gateway-proxy:w-1:\#(topic)"}}"#), "\(answer)")
        }
    }

    @Test func whatIsDroppableIsDroppedInSilence() async throws {
        try await withGateway { server in
            let sender = try await server.service("a")
            try await sender.send(#"{"s":"a","t":"gateway-proxy:a:nobody:x","d":{},"droppable":true}"#)
            try await sender.send(#"{"s":"a","t":"gateway-proxy:a:nobody:y","d":{},"droppable":1}"#)
            let answer = try await sender.next()
            #expect(answer.string("topic") == "gateway-proxy:a:nobody:y")
            #expect(try await server.stats().integer("messages.dropped") == 2)
        }
    }

    @Test(arguments: [
        "gateway-proxy", "gateway-proxy:", "gateway-proxy:a", "gateway-proxy:a:", "gateway-proxy::b", "gateway-proxy::b:c",
        "gateway-proxy:a::c", "gateway-proxy:a:@b:c", "gateway-proxy:a:@*", "other", "", "other:topic", "gateway", "gatewayx:1", "Gateway:0",
    ])
    func otherTopicsAreBad(_ topic: String) async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.send(#"{"s":"a","t":"\#(topic)","d":{}}"#)
            #expect(try await client.next().rejects("bad_topic"))
            try await client.pass("a", "a:still:here")
            #expect(try await client.next().at("t") as? String == "a:still:here")
        }
    }

    @Test func opsMayComeInTheMannerOfMessages() async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.pass("a", "gateway:opcode", #"{"opcode":10,"bot":"b","shard_count":2}"#)
            #expect(try await client.next().equals(
                #"{"s":"gateway","t":"gateway:opcode","d":{"opcode":11,"bot":"b","shard_id":0,"shard_count":2,"shard":[0,2]}}"#))
            try await client.pass("a", "gateway:SHARD_DEATH", "{}")
            try await client.pass("a", "gateway:12", "{}")
            #expect(try await client.next().rejects("not_your_shard"))
        }
    }

    @Test func largeMessagesPassAndTooLargeOnesEndTheConnection() async throws {
        try await withGateway { server in
            let sender = try await server.service("a")
            let receiver = try await server.service("b")
            let head = #"{"s":"a","t":"gateway-proxy:a:b:x","d":{"x":""#
            let text = head + String(repeating: "y", count: 1_048_576 - head.utf8.count - 3) + #""}}"#
            try await sender.send(text)
            let got = try await receiver.next()
            #expect(got.text.hasSuffix(#"yyy"}}"#) && got.text.utf8.count == 1_048_576 - "gateway-proxy:a:".utf8.count)
            try await sender.send(text + " ")
            #expect(try await sender.closeCode() == 1009)
        }
    }

    @Test func orderIsKeptBetweenEachPair() async throws {
        try await withGateway(.init(loops: 2)) { server in
            let receivers = [try await server.service("r-0"), try await server.service("r-1")]
            let senders = [try await server.service("s-0"), try await server.service("s-1"), try await server.service("s-2")]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, sender) in senders.enumerated() {
                    group.addTask {
                        for number in 0..<300 { try await sender.pass("s-\(index)", "r-\(number % 2):x", #"{"n":\#(number)}"#) }
                    }
                }
                for (index, receiver) in receivers.enumerated() {
                    group.addTask {
                        var last = [String: Int]()
                        for _ in 0..<450 {
                            let message = try await receiver.next()
                            let source = message.at("s") as? String ?? ""
                            let number = message.number("n") ?? -1
                            let expected = last[source].map { $0 + 2 } ?? index
                            #expect(number == expected)
                            last[source] = number
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// The payload is passed on byte for byte, whatever JSON it is.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func payloadsArePassedOnByteForByte(_ seed: UInt64) async throws {
        try await withGateway { server in
            let sender = try await server.service("a")
            let receiver = try await server.service("b")
            var random = Seeded(seed)
            for round in 0..<400 {
                var payload = RandomJSON.object(&random)
                while payload.utf8.count > 60_000 { payload = RandomJSON.object(&random) }
                let space = { RandomJSON.space(&random) }
                var members = [
                    "\"s\"\(space()):\(space())\"a\"", "\"t\"\(space()):\(space())\"gateway-proxy:a:b:\(round)\"",
                    "\"d\"\(space()):\(space())\(payload)", #""x":[1,{"t":"y"}]"#,
                ]
                members.shuffle(using: &random)
                try await sender.send("\(space()){\(members.joined(separator: "\(space()),\(space())"))}\(space())")
                let got = try await receiver.next().text
                #expect(Array(got.utf8) == Array(#"{"s":"a","t":"b:\#(round)","d":\#(payload)}"#.utf8), "seed \(seed), round \(round)")
            }
        }
    }
}

/// Sections 1 and 7: what is understood, and what is answered to everything else.
@Suite(.timeLimit(.minutes(2))) struct ErrorTests {
    @Test(arguments: [
        (#"{"s":"a","t":"gateway:opcode","d":{"opcode":99}}"#, "99"), (#"{"s":"a","t":"gateway:99","d":{}}"#, "99"),
        (#"{"s":"a","t":"gateway:FOO","d":{}}"#, #""FOO""#), (#"{"s":"a","t":"gateway:opcode","d":{"opcode":-1}}"#, "-1"),
        (#"{"s":"a","t":"gateway:opcode","d":{"opcode":1.5}}"#, "1.5"),
        (#"{"s":"a","t":"gateway:10","d":{"opcode":77}}"#, "77"),
        (#"{"s":"a","t":"gateway:opcode","d":{"opcode":"identify "}}"#, #""identify ""#),
    ])
    func unknownOpsAreRefusedAndTheSocketStays(_ text: String, _ op: String) async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.send(text)
            let answer = try await client.next()
            #expect(answer.rejects("unknown_op"))
            #expect(answer.equals(
                #"{"s":"gateway","t":"gateway:opcode","d":{"opcode":2,"code":"unknown_op","op":\#(op),"reason":"there is no such op"}}"#), "\(answer)")
            try await client.op("a", 10)
            #expect(try await client.next().number("opcode") == 11)
        }
    }

    @Test(arguments: [#"{"s":"a","t":"gateway:opcode","d":{}}"#, #"{"s":"a","t":"gateway:","d":{}}"#, #"{"s":"a","t":"gateway:opcode","d":{"opcode":{}}}"#])
    func anOpWithoutANumberIsUnknown(_ text: String) async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.send(text)
            #expect(try await client.next().rejects("unknown_op"))
        }
    }

    @Test(arguments: [1, 2, 3, 4, 11])
    func opsOfTheGatewayAreForbidden(_ number: Int) async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.op("a", number)
            #expect(try await client.next().rejects("forbidden_op"))
            try await client.op("a", 10)
            #expect(try await client.next().number("opcode") == 11)
        }
    }

    static let malformed = [
        "", "x", "{", "[]", "null", "7", #""text""#, "{}", #"{"t":"gateway:0"}"#, #"{"d":{}}"#, #"{"t":1,"d":{}}"#,
        #"{"t":null,"d":{}}"#, #"{"t":"gateway:0","d":[]}"#, #"{"t":"gateway:0","d":null}"#, #"{"t":"gateway:0","d":"{}"}"#,
        #"{"t":"gateway:0","d":7}"#, #"{"t":"gateway:0","d":{}} x"#, #"{"t":"gateway:0","d":{"a":}}"#, #"{"t":"gateway:0","d":{"a":01}}"#,
        #"{"t":"gateway:0","d":{"a":1e999}}"#,
    ]

    @Test(arguments: malformed)
    func threeMalformedMessagesInARowEndTheConnection(_ text: String) async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            for round in 1...2 {
                try await client.send(text)
                try await client.send(text)
                #expect(try await client.next().rejects("decode_error"))
                #expect(try await client.next().rejects("decode_error"))
                // A good one in between: counting begins anew.
                try await client.pass("a", "a:\(round)")
                #expect(try await client.next().at("t") as? String == "a:\(round)")
            }
            for _ in 0..<2 { try await client.send(text) }
            try await client.socket.send(binary: Array(#"{"s":"a","t":"gateway:0","d":{}}"#.utf8))
            for _ in 0..<3 { #expect(try await client.next().rejects("decode_error")) }
            #expect(try await client.closeCode() == 4002)
        }
    }

    @Test func strangersMayMakeMistakesToo() async throws {
        try await withGateway { server in
            let client = try await server.stranger()
            try await client.send("x")
            #expect(try await client.next().rejects("decode_error"))
            try await client.identify("a")
            #expect(try await client.next().number("opcode") == 1)
        }
    }

    /// Whatever comes in, the gateway goes on, no script fails, and others notice nothing.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func randomFramesDoNoHarm(_ seed: UInt64) async throws {
        try await withGateway { server in
            let witness = try await server.service("witness")
            var random = Seeded(seed)
            let names = ["a", "b", "c", "witness"]
            for round in 0..<150 {
                let client = try await server.stranger()
                if random.below(4) > 0 {
                    try await client.identify(names[random.below(3)])
                    _ = try await client.next()
                }
                for _ in 0..<random.below(8) {
                    var text = FuzzedMessage.make(&random)
                    if random.below(3) == 0 { FuzzedMessage.damage(&text, &random) }
                    try? await client.socket.sendFrame(random.below(20) == 0 ? 2 : 1, text)
                }
                if random.below(2) == 0 { await client.vanish() } else { try? await client.socket.sendClose() }
                if round % 10 == 0 {
                    try await witness.pass("witness", "witness@witness:round:\(round)")
                    while try await witness.next().at("t") as? String != "witness:round:\(round)" {}
                }
            }
        }
    }
}
