import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing

/// What a queue must do, step by step, compared with what the server does.
private struct QueueModel {
    struct Item {
        var failures = 0
        /// Who holds it, and until when.
        var held: (by: String, due: Int64)?
    }

    static let attempts = 3
    var items: [Int: Item] = [:]
    var dead: Set<Int> = []
    /// Subscribers and how many messages each may hold.
    var readers: [String: Int] = [:]

    func held(by reader: String) -> [Int] { items.filter { $0.value.held?.by == reader }.keys.sorted() }
    var heldCount: Int { items.values.count { $0.held != nil } }
    var room: Int { readers.values.reduce(0, +) - heldCount }
    /// What the server must hand out now.
    var next: [Int] { Array(items.filter { $0.value.held == nil }.keys.sorted().prefix(room)) }

    mutating func fails(_ number: Int, forGood: Bool = false) {
        items[number]!.held = nil
        items[number]!.failures += 1
        guard forGood || items[number]!.failures >= Self.attempts else { return }
        items[number] = nil
        dead.insert(number)
    }

    mutating func pass(to now: Int64) {
        for (number, item) in items where item.held.map({ $0.due <= now }) == true { fails(number) }
    }

    mutating func leaves(_ reader: String) {
        readers[reader] = nil
        for number in held(by: reader) { fails(number) }
    }
}

@Suite(.timeLimit(.minutes(10))) struct QueueWalkTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func anySequenceOfEventsDoesWhatTheModelSays(_ seed: UInt64) async throws { try await walk(seed: seed, steps: 120) }

    @Test("Soak: long walks", .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil), arguments: 100..<110 as Range<UInt64>)
    func soakLongWalks(_ seed: UInt64) async throws { try await walk(seed: seed, steps: 2_000) }

    private func walk(seed: UInt64, steps: Int) async throws {
        try await withGateway(.init(settings: ["queue_attempts": "\(QueueModel.attempts)"])) { server in
            var random = Seeded(seed)
            var walk = Walk(server: server, sender: try await server.service("sender"))
            for _ in 0..<steps {
                try await walk.step(&random)
                try await walk.settle()
            }
            try await server.queue("q.dead", ["ready": walk.model.dead.count])
        }
    }

    private struct Walk {
        let server: GatewayServer
        let sender: ServiceClient
        var model = QueueModel()
        var readers: [String: ServiceClient] = [:]
        var messages: [Int: Message] = [:]
        var put = 0
        /// How many messages the server has handed out since the queue came into use.
        var delivered = 0
        var named = 0
        var edits = 0

        mutating func step(_ random: inout Seeded) async throws {
            let reader = readers.keys.sorted().randomElement(using: &random)
            let number = reader.flatMap { model.held(by: $0).randomElement(using: &random) }
            switch random.below(12) {
            case 0...3:
                _ = try await sender.put("sender", "q", #"{"n":\#(put)}"#)
                model.items[put] = .init()
                put += 1
            case 4, 5, 6:
                guard let reader, let number else { return }
                try await readers[reader]!.ack(reader, messages[number]!)
                model.items[number] = nil
            case 7:
                guard let reader, let number else { return }
                let forGood = random.below(4) == 0
                try await readers[reader]!.nack(reader, messages[number]!, forGood ? #","dead":true"# : "")
                model.fails(number, forGood: forGood)
            case 8:
                server.clock.advance(10_000)
                model.pass(to: server.clock.now)
            case 9:
                guard readers.count < 4 else { return }
                named += 1
                let (name, prefetch) = ("r-\(named)", 1 + random.below(3))
                let client = try await server.service(name)
                try await client.subscribe(name, "q", prefetch: prefetch, timeout: 30_000)
                readers[name] = client
                model.readers[name] = prefetch
            case 10:
                guard let reader, random.below(2) == 0 else { return }
                await readers.removeValue(forKey: reader)!.vanish()
                model.leaves(reader)
            default:
                edits += 1
                try server.save("queues.lua", server.read("queues.lua") + "\n-- \(edits)\n")
                if let problem = try await server.take() { throw Unexpected(text: problem) }
            }
        }

        /// Waits until the server has done its part, and compares.
        mutating func settle() async throws {
            // A queue that nobody uses is forgotten, and its figures with it; its dead letters are a queue of their own.
            let isForgotten = model.items.isEmpty && readers.isEmpty
            if isForgotten { delivered = 0 }
            let expected = Set(model.next)
            delivered += expected.count
            let unacked = model.heldCount + expected.count
            try await server.queue("q", [
                "unacked": unacked, "ready": model.items.count - unacked, "consumers": readers.count,
                "dead": isForgotten ? 0 : model.dead.count, "delivered": delivered,
            ])
            var came: Set<Int> = []
            for (name, client) in readers {
                try await client.pass(name, "\(name)@\(name):done")
                while true {
                    let message = try await client.next()
                    if message.number("opcode") != 25 { break }
                    let number = message.work
                    #expect(came.insert(number).inserted && expected.contains(number), "\(number) was not to be handed out now")
                    #expect(message.attempt == (model.items[number]?.failures ?? -2) + 1)
                    model.items[number]?.held = (name, server.clock.now + 30_000)
                    messages[number] = message
                }
                #expect(model.held(by: name).count <= model.readers[name]!)
            }
            #expect(came == expected)
            if came != expected { throw Unexpected(text: "the walk cannot go on") }
        }
    }
}
