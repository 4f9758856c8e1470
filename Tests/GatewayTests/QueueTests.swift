import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing

/// Named queues: each op, its refusals and its bounds.
@Suite(.timeLimit(.minutes(2))) struct QueueTests {
    @Test func aMessageIsStoredHandedOutAndDone() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            let mail = try await server.service("mail-1")
            let stored = try await web.put("web", "mail", #"{"n":1, "big":12345678901234567890, "z":0, "a":2.50}"#, id: "x")
            let number = try #require(stored.string("message"))
            #expect(stored.equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":21,"queue":"mail","message":"\#(number)","id":"x"}}"#))
            try await server.queue("mail", ["ready": 1, "stored": 1, "consumers": 0])
            // Without a queue's name: that of the service type.
            try await mail.op("mail-1", 22)
            #expect(try await mail.next().equals(
                #"{"s":"gateway","t":"gateway:opcode","d":{"opcode":23,"queue":"mail","prefetch":10,"timeout":30000,"messages":1}}"#))
            let message = try await mail.delivery()
            #expect(message.text.contains(#"{"n":1, "big":12345678901234567890, "z":0, "a":2.50}"#), "the payload is passed on as it came")
            #expect(message.string("s") == "web" && message.string("t") == "mail:do" && message.string("id") == "x")
            #expect(message.attempt == 1 && message.string("message") == number)
            try await server.queue("mail", ["unacked": 1, "ready": 0])
            try await mail.ack("mail-1", message)
            try await server.queue("mail", ["unacked": 0, "acked": 1])
            try await mail.ack("mail-1", message)
            #expect(try await mail.next().rejects("not_your_message"))
        }
    }

    @Test func aTopicAddressesAQueue() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            try await web.send(#"{"s":"shop","t":"gateway-proxy:web:mail@+:send:now","d":{"n":7},"id":"a"}"#)
            let stored = try await web.next()
            #expect(stored.number("opcode") == 21 && stored.string("topic") == "gateway-proxy:web:mail@+:send:now" && stored.string("id") == "a")
            let mail = try await server.service("mail")
            try await mail.subscribe("mail", "mail")
            let message = try await mail.delivery()
            #expect(message.string("s") == "shop" && message.string("t") == "mail:send:now" && message.work == 7)
            try await web.send(#"{"s":"web","t":"gateway-proxy:web:mail.dead@+:x","d":{}}"#)
            #expect(try await web.next().rejects("invalid"))
        }
    }

    @Test func anIdIsTakenOnce() async throws {
        try await withGateway(.init(settings: ["queue_ids": "3"])) { server in
            let web = try await server.service("web")
            let first = try await web.put("web", "q", id: "a")
            let again = try await web.put("web", "q", id: "a")
            #expect(again.string("message") == first.string("message") && again.at("d.duplicate") as? Bool == true)
            #expect(try await web.put("web", "other", id: "a").at("d.duplicate") == nil, "another queue's")
            for id in ["b", "c", "d"] { _ = try await web.put("web", "q", id: id) }
            #expect(try await web.put("web", "q", id: "a").at("d.duplicate") == nil, "forgotten")
            try await server.queue("q", ["ready": 5])
        }
    }

    @Test(arguments: [
        (20, #""queue":"a:b","t":"x","d":{}"#, "invalid"), (20, #""queue":"","t":"x","d":{}"#, "invalid"),
        (20, #""queue":7,"t":"x","d":{}"#, "invalid"), (20, #""queue":"q","d":{}"#, "invalid"),
        (20, #""queue":"q","t":"x""#, "invalid"), (20, #""queue":"q","t":"x","d":[1]"#, "invalid"),
        (20, #""queue":"q.dead","t":"x","d":{}"#, "invalid"), (20, #""queue":"q","t":"x","d":{},"id":7"#, "invalid"),
        (20, #""queue":"q","t":"x","d":{"a":"\#(String(repeating: "x", count: 300))"}"#, "too_large"),
        (22, #""prefetch":0"#, "invalid"), (22, #""prefetch":257"#, "invalid"), (22, #""prefetch":1.5"#, "invalid"), (22, #""prefetch":"1""#, "invalid"),
        (22, #""timeout":99"#, "invalid"), (22, #""timeout":3600001"#, "invalid"), (22, #""queue":"a b""#, "invalid"), (24, #""queue":[]"#, "invalid"),
        (26, "", "not_your_message"), (26, #""message":"7""#, "not_your_message"), (26, #""message":{}"#, "not_your_message"),
        (27, #""message":"x""#, "not_your_message"), (27, #""message":"1","delay":-1"#, "invalid"),
        (21, "", "forbidden_op"), (23, "", "forbidden_op"), (25, "", "forbidden_op"),
    ])
    func whatIsWrongIsRefused(_ number: Int, _ fields: String, _ code: String) async throws {
        try await withGateway(.init(settings: ["queue_message_bytes": "300"])) { server in
            let client = try await server.service("q")
            try await client.op("q", number, fields)
            #expect(try await client.next().rejects(code))
            #expect(try await client.hearsNothing("q"))
        }
    }

    @Test func queuesAreBounded() async throws {
        let settings = ["queue_messages": "3", "queue_count": "2", "queue_bytes": "1024", "queue_message_bytes": "1000"]
        try await withGateway(.init(settings: settings)) { server in
            let web = try await server.service("web")
            for n in 0..<3 { #expect(try await web.put("web", "a", #"{"n":\#(n)}"#).number("opcode") == 21) }
            let refusal = try await web.put("web", "a", id: "later")
            #expect(refusal.rejects("queue_full") && refusal.string("queue") == "a" && refusal.string("id") == "later" && refusal.number("op") == 20)
            let large = #"{"x":"\#(String(repeating: "x", count: 600))"}"#
            #expect(try await web.put("web", "b", large).number("opcode") == 21)
            #expect(try await web.put("web", "b", large).rejects("queue_full"))
            #expect(try await web.put("web", "c").rejects("too_many_queues"))
            try await web.op("web", 22, #""queue":"c""#)
            #expect(try await web.next().rejects("too_many_queues"))
            // There is room again for each that is done, and for another queue when one is empty.
            try await web.subscribe("web", "a", prefetch: 3)
            let messages = [try await web.delivery(), try await web.delivery(), try await web.delivery()]
            try await web.ack("web", messages[0])
            #expect(try await web.put("web", "a", id: "later").number("opcode") == 21)
            #expect(try await web.delivery().string("id") == "later")
            for message in messages.dropFirst() { try await web.ack("web", message) }
            try await server.queue("a", ["ready": 0, "unacked": 1])
        }
    }

    @Test func nobodyGetsMoreThanTheirPrefetch() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            for n in 0..<7 { _ = try await web.put("web", "q", #"{"n":\#(n)}"#) }
            let reader = try await server.service("r")
            try await reader.subscribe("r", "q", prefetch: 3)
            let first = try await reader.delivery()
            #expect(first.work == 0)
            #expect(try await reader.deliveries(2) == [1, 2])
            #expect(try await reader.hearsNothing("r"))
            try await reader.ack("r", first)
            #expect(try await reader.delivery().work == 3)
            #expect(try await reader.hearsNothing("r"))
            try await reader.op("r", 22, #""queue":"q","prefetch":5"#)
            #expect(try await reader.next().number("messages") == 6)
            #expect(try await reader.deliveries(2) == [4, 5])
            #expect(try await reader.hearsNothing("r"))
        }
    }

    @Test func subscribersTakeTurnsAndEachMessageHasOneHolder() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            let readers = [try await server.service("r-1"), try await server.service("r-2")]
            for (index, reader) in readers.enumerated() { try await reader.subscribe("r-\(index + 1)", "q", prefetch: 2) }
            for n in 0..<4 { _ = try await web.put("web", "q", #"{"n":\#(n)}"#) }
            #expect(try await readers[0].deliveries(2) == [0, 2])
            #expect(try await readers[1].deliveries(2) == [1, 3])
            let other = try await server.service("other")
            try await other.op("other", 26, #""message":"1""#)
            #expect(try await other.next().rejects("not_your_message"))
        }
    }

    @Test func afterUnsubscribingNothingComesButWhatIsHeldMayBeDone() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            let reader = try await server.service("r")
            try await reader.subscribe("r", "q", prefetch: 1)
            _ = try await web.put("web", "q", #"{"n":1}"#)
            _ = try await web.put("web", "q", #"{"n":2}"#)
            let message = try await reader.delivery()
            try await reader.op("r", 24, #""queue":"q""#)
            #expect(try await reader.next().number("prefetch") == 0)
            try await reader.ack("r", message)
            #expect(try await reader.hearsNothing("r"))
            try await server.queue("q", ["ready": 1, "unacked": 0, "consumers": 0])
            try await reader.op("r", 24, #""queue":"never""#)
            #expect(try await reader.next().number("messages") == 0)
        }
    }
}
