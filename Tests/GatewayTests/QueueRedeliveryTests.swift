import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing

/// Messages that come again: after time-outs, lost connections, refusals, saved scripts and restarts.
@Suite(.timeLimit(.minutes(3))) struct QueueRedeliveryTests {
    @Test func whatIsNotAcknowledgedInTimeGoesToTheNext() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            let slow = try await server.service("r-1")
            try await slow.subscribe("r-1", "q", prefetch: 1, timeout: 5_000)
            _ = try await web.put("web", "q", #"{"n":1}"#)
            let message = try await slow.delivery()
            server.clock.advance(4_999)
            #expect(try await slow.hearsNothing("r-1"))
            let quick = try await server.service("r-2")
            try await quick.subscribe("r-2", "q", prefetch: 1, timeout: 60_000)
            server.clock.advance(1)
            let again = try await quick.delivery()
            #expect(again.work == 1 && again.attempt == 2 && again.string("message") == message.string("message"))
            try await slow.ack("r-1", message)
            #expect(try await slow.next().rejects("not_your_message"))
            try await quick.ack("r-2", again)
            try await server.queue("q", ["unacked": 0, "ready": 0, "acked": 1, "redelivered": 1])
        }
    }

    @Test func whatAServiceHeldWhenItDiedComesBackInItsOldPlace() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            for n in 0..<5 { _ = try await web.put("web", "q", #"{"n":\#(n)}"#) }
            let dies = try await server.service("r-1")
            try await dies.subscribe("r-1", "q", prefetch: 3)
            #expect(try await dies.deliveries(3) == [0, 1, 2])
            await dies.vanish()
            try await server.queue("q", ["consumers": 0, "ready": 5])
            let next = try await server.service("r-2")
            try await next.subscribe("r-2", "q")
            let messages = [try await next.delivery(), try await next.delivery(), try await next.delivery(), try await next.delivery()]
            #expect(messages.map(\.work) == [0, 1, 2, 3])
            #expect(messages.map(\.attempt) == [2, 2, 2, 1])
        }
    }

    @Test func aRefusedMessageComesAtOnceOrAfterItsDelay() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            let reader = try await server.service("r")
            try await reader.subscribe("r", "q", prefetch: 1)
            _ = try await web.put("web", "q", #"{"n":1}"#)
            try await reader.nack("r", try await reader.delivery())
            let again = try await reader.delivery()
            #expect(again.attempt == 2)
            try await reader.nack("r", again, #","delay":10000"#)
            try await server.queue("q", ["delayed": 1, "ready": 0, "unacked": 0])
            _ = try await web.put("web", "q", #"{"n":2}"#)
            try await reader.ack("r", try await reader.delivery())
            #expect(try await reader.hearsNothing("r"))
            server.clock.advance(10_000)
            let later = try await reader.delivery()
            #expect(later.work == 1 && later.attempt == 3)
        }
    }

    @Test func whatFailsTooOftenIsADeadLetterThatCanBeRead() async throws {
        try await withGateway(.init(settings: ["queue_attempts": "3", "queue_dead_messages": "2"])) { server in
            let web = try await server.service("web")
            let reader = try await server.service("r")
            try await reader.subscribe("r", "q", prefetch: 1)
            _ = try await web.put("web", "q", #"{"n":1}"#)
            for attempt in 1...3 {
                let message = try await reader.delivery()
                #expect(message.attempt == attempt)
                try await reader.nack("r", message)
            }
            #expect(try await reader.hearsNothing("r"))
            try await server.queue("q", ["dead": 1])
            _ = try await web.put("web", "q", #"{"n":2}"#)
            try await reader.nack("r", try await reader.delivery(), #","dead":true"#)
            try await server.queue("q.dead", ["ready": 2])
            let grave = try await server.service("g")
            try await grave.subscribe("g", "q.dead", prefetch: 1)
            let dead = try await grave.delivery()
            #expect(dead.work == 1 && dead.string("queue") == "q.dead" && dead.attempt == 1)
            // Reading without taking: a dead letter never dies again.
            var again = dead
            for attempt in 2...5 {
                try await grave.nack("g", again)
                again = try await grave.delivery()
                #expect(again.work == 1 && again.attempt == attempt)
            }
            // A third one: the oldest that nobody holds gives way.
            _ = try await web.put("web", "q", #"{"n":3}"#)
            try await reader.nack("r", try await reader.delivery(), #","dead":true"#)
            try await server.queue("q.dead", ["ready": 1, "unacked": 1])
            try await grave.ack("g", again)
            #expect(try await grave.delivery().work == 3)
        }
    }

    @Test func aRestartKeepsMessagesOrderFailuresIdsAndDeadLetters() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/queues-\(UUID().uuidString).sqlite"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        var numbers: [String?] = []
        let first = try openStore(path)
        try await withGateway(.init(store: first, settings: ["queue_attempts": "2"])) { server in
            let web = try await server.service("web")
            for n in 0..<6 { numbers.append(try await web.put("web", "q", #"{"n":\#(n)}"#, id: "id-\(n)").string("message")) }
            let reader = try await server.service("r")
            try await reader.subscribe("r", "q", prefetch: 3)
            let messages = [try await reader.delivery(), try await reader.delivery(), try await reader.delivery()]
            try await reader.ack("r", messages[0])
            try await reader.nack("r", messages[1], #","dead":true"#)
            try await reader.nack("r", messages[2], #","delay":3600000"#)
            try await server.queue("q", ["acked": 1, "dead": 1, "delayed": 1])
            try await reader.op("r", 24, #""queue":"q""#)
        }
        await first.close()
        let second = try openStore(path)
        try await withGateway(.init(store: second, settings: ["queue_attempts": "9"])) { server in
            let web = try await server.service("web")
            let again = try await web.put("web", "q", id: "id-0")
            #expect(again.string("message") == numbers[0] && again.at("d.duplicate") as? Bool == true)
            let reader = try await server.service("r")
            try await reader.subscribe("r", "q", prefetch: 5)
            var messages: [Message] = []
            for _ in 0..<4 { messages.append(try await reader.delivery()) }
            #expect(messages.map(\.work) == [2, 3, 4, 5])
            #expect(messages[0].attempt == 2 && messages[3].string("message") == numbers[5])
            try await reader.subscribe("r", "q.dead")
            #expect(try await reader.delivery().work == 1)
            let new = try #require(try await web.put("web", "q", #"{"n":6}"#).string("message"))
            #expect(Int(new)! > Int(numbers[5] ?? "")!)
        }
        await second.close()
    }

    @Test func whatCannotBeStoredIsRefusedAndNotHandedOut() async throws {
        let faults = StoreFaults()
        try await withGateway(.init(store: MemoryStore(faults: faults))) { server in
            let web = try await server.service("web")
            #expect(try await web.put("web", "q", #"{"n":1}"#, id: "a").number("opcode") == 21)
            faults.fail(.commit, at: 1)
            let refusal = try await web.put("web", "q", #"{"n":2}"#, id: "b")
            #expect(refusal.rejects("queue_unavailable") && refusal.string("id") == "b")
            // It was stored, but the answer is lost: still not handed out.
            faults.fail(.answer, at: 1)
            #expect(try await web.put("web", "q", #"{"n":3}"#).rejects("queue_unavailable"))
            #expect(try await web.put("web", "q", #"{"n":4}"#, id: "b").at("d.duplicate") == nil)
            let reader = try await server.service("r")
            try await reader.subscribe("r", "q")
            #expect(try await reader.deliveries(2) == [1, 4])
            #expect(try await reader.hearsNothing("r"))
        }
    }

    /// Senders and readers go on while op files are saved: nothing is lost, doubled or out of order.
    @Test func nothingIsLostOrDoubledWhileOpFilesAreEdited() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/queues-\(UUID().uuidString).sqlite"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let store = try openStore(path)
        try await withGateway(.init(loops: 2, store: store)) { server in
            let isOver = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for pair in 0..<4 {
                    let sender = try await server.service("s-\(pair)")
                    let reader = try await server.service("r-\(pair)")
                    try await reader.subscribe("r-\(pair)", "q\(pair)", prefetch: 50)
                    group.addTask {
                        var number = 0
                        while !isOver.isSet || number == 0 {
                            for n in number..<number + 30 { try await sender.send(ServiceClient.putting("s-\(pair)", "q\(pair)", #"{"n":\#(n)}"#)) }
                            for n in number..<number + 30 {
                                let message = try await reader.delivery()
                                guard message.work == n, message.attempt == 1 else { throw Unexpected(text: "\(n) expected: \(message)") }
                                try await reader.ack("r-\(pair)", message)
                                let stored = try await sender.next()
                                guard stored.number("opcode") == 21 else { throw Unexpected(text: stored.text) }
                            }
                            number += 30
                        }
                    }
                }
                for round in 1...20 {
                    let file = ["ops/queue_put.lua", "queues/work.lua", "ops/queue_ack.lua"][round % 3]
                    try server.save(file, server.read(file) + "\n-- \(round)\n")
                    if let problem = try await server.take() { throw Unexpected(text: problem) }
                }
                isOver.set()
                try await group.waitForAll()
            }
        }
        await store.close()
    }
}
