import Testing
import Transport

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite("What queues behind a handler")
struct RuntimeQueueTests {
    private var limits: RuntimeLimits {
        var limits = RuntimeLimits()
        limits.queuedMessages = 8
        limits.queuedBytes = 100
        return limits
    }

    private func message(_ number: Int, size: Int = 1) -> ConnectionEvent {
        .message([UInt8](repeating: UInt8(number & 0xFF), count: size), .text)
    }

    @Test("events come out in their order, also while others go in")
    func order() {
        var queue = ConnectionQueue()
        var random = SystemRandomNumberGenerator()
        var next = 0
        var expected = 0
        var limits = RuntimeLimits()
        limits.queuedMessages = 1 << 20
        limits.queuedBytes = 1 << 30
        for _ in 0..<20_000 {
            if Bool.random(using: &random) {
                _ = queue.append(.close(code: UInt16(next & 0xFFFF), reason: []), limits: limits)
                next += 1
            } else if let (event, _) = queue.takeFirst(limits: limits) {
                guard case .close(let code, _) = event else {
                    Issue.record("another event came out")
                    return
                }
                #expect(code == UInt16(expected & 0xFFFF))
                expected += 1
            }
            #expect(queue.count == next - expected)
        }
    }

    @Test("reading pauses once at the message bound and goes on at its half")
    func messages() throws {
        var queue = ConnectionQueue()
        for number in 1..<8 {
            let pauses = queue.append(message(number), limits: limits)
            #expect(!pauses)
        }
        let result1 = queue.append(message(8), limits: limits)
        #expect(result1)
        let result2 = queue.append(message(9), limits: limits)
        #expect(!result2, "told once only")
        var resumed: [Int] = []
        while let (_, resumes) = queue.takeFirst(limits: limits) {
            if resumes { resumed.append(queue.count) }
        }
        #expect(resumed == [4])
    }

    @Test("reading pauses once at the byte bound, and the bytes are given back")
    func bytes() {
        var queue = ConnectionQueue()
        let result3 = queue.append(message(1, size: 60), limits: limits)
        #expect(!result3)
        let result4 = queue.append(message(2, size: 40), limits: limits)
        #expect(result4)
        #expect(queue.bytes == 100)
        let result5 = queue.takeFirst(limits: limits)
        #expect(result5?.resumesReading == true)
        let result6 = queue.takeFirst(limits: limits)
        #expect(result6?.resumesReading == false)
        #expect(queue.bytes == 0)
        #expect(queue.isEmpty)
    }

    @Test("what is on its way to another worker pauses reading once, and acknowledgements end the pause")
    func outstanding() {
        var limits = RuntimeLimits()
        limits.forwardedMessages = 4
        limits.forwardedBytes = 1_000
        var outstanding = Outstanding()
        var pauses: [Bool] = []
        for _ in 0..<6 { pauses.append(outstanding.add(bytes: 1, limits: limits)) }
        #expect(pauses == [false, false, false, true, false, false])
        let result7 = outstanding.acknowledge(messages: 3, bytes: 3, limits: limits)
        #expect(!result7)
        let result8 = outstanding.acknowledge(messages: 1, bytes: 1, limits: limits)
        #expect(result8)
        let result9 = outstanding.acknowledge(messages: 2, bytes: 2, limits: limits)
        #expect(!result9)
        #expect(outstanding.messages == 0 && outstanding.bytes == 0)
        let result10 = outstanding.add(bytes: 1_000, limits: limits)
        #expect(result10)
    }
}

@Suite("Effects and batches")
struct RuntimeEffectTests {
    @Test("effects keep their order and their bytes, and clearing keeps nothing of them")
    func log() {
        var log = Effects()
        for round in 0..<3 {
            for number in 0..<1_000 {
                let text = Array("message \(round) \(number)".utf8)
                text.withUnsafeBytes { log.send(ConnectionID(rawValue: UInt64(number)), $0, .text) }
            }
            #expect(log.count == 1_000)
            for number in 0..<1_000 {
                guard case .send(let id, let range, .text) = log[number] else {
                    Issue.record("another effect")
                    return
                }
                #expect(id.rawValue == UInt64(number))
                #expect(log.arena.string(range) == "message \(round) \(number)")
            }
            log.removeAll()
            #expect(log.isEmpty && log.arena.count == 0)
        }
    }

    @Test("an arena grows over its first block and gives a large one back")
    func arena() {
        var arena = ByteArena()
        let large = [UInt8](repeating: 7, count: 300_000)
        let first = arena.append("first")
        let second = arena.append(large)
        #expect(arena.string(first) == "first")
        #expect(arena.array(second) == large)
        arena.removeAll()
        let third = arena.append("third")
        #expect(arena.string(third) == "third")
        #expect(arena.array(.empty) == [])
    }

    @Test("a batch carries openings, messages and endings in order and can be used again")
    func batch() {
        let pool = BatchPool()
        for _ in 0..<3 {
            let batch = pool.take()
            #expect(batch.isEmpty)
            let id = ConnectionID(rawValue: 5)
            Array("hello".utf8).withUnsafeBytes { batch.append(.message, id, $0, kind: .binary) }
            batch.acknowledge(id, messages: 3, bytes: 70_000)
            #expect(batch.count == 2)
            #expect(batch[0].operation == .message && batch[0].kind == .binary)
            #expect(batch.arena.string(batch[0].range) == "hello")
            #expect(batch[1].number == 3 && batch[1].range.count == 70_000)
            pool.put(batch)
        }
    }

    @Test("room names keep their numbers, and the least recently used half is forgotten")
    func rooms() {
        var names = RoomNames(limit: 10)
        let numbers = (0..<10).map { names.number(of: "room \($0)") { _ in Issue.record("too early") } }
        #expect(Set(numbers).count == 10)
        for index in 5..<10 {
            let name = names.name(of: numbers[index])
            #expect(name == "room \(index)")
        }
        var forgotten: [Int64] = []
        _ = names.number(of: "one more") { forgotten.append($0) }
        #expect(forgotten.sorted() == numbers[0..<5].sorted())
        let gone = names.name(of: numbers[0])
        #expect(gone == nil)
        let seventh = names.number(of: "room 7") { _ in }
        let again = names.number(of: "room 0") { _ in }
        #expect(seventh == numbers[7])
        #expect(again != numbers[0])
    }
}
