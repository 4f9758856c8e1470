import LuaRuntime
import NIOCore
import Testing
@testable import Host

/// What waits in line, and what is refused.
@Suite struct MailboxTests {
    private static func mailbox(inputs: Int = 3, bytes: Int = 100) -> Mailbox {
        var limits = RuntimeLimits()
        limits.mailboxInputs = inputs
        limits.mailboxBytes = bytes
        return Mailbox(limits: limits)
    }

    private static func publication(_ count: Int) -> Input {
        .publication(topic: "t", value: [UInt8](repeating: 0, count: count), place: 0)
    }

    private static func take(_ mailbox: inout Mailbox) -> Int? { mailbox.takeFirst()?.byteCount }

    private static func offer(_ mailbox: inout Mailbox, _ sizes: Int...) -> [Bool] { sizes.map { mailbox.offer(publication($0)) } }

    @Test("inputs come out in the order they went in")
    func order() {
        var mailbox = Self.mailbox(inputs: 100)
        _ = Self.offer(&mailbox, 1, 2, 3, 4, 5)
        #expect(mailbox.count == 5 && mailbox.bytes == 15)
        let taken = (0..<6).map { _ in Self.take(&mailbox) }
        #expect(taken == [1, 2, 3, 4, 5, nil] && mailbox.isEmpty && mailbox.bytes == 0)
    }

    @Test("too many are refused, and room is there again once one was taken")
    func count() {
        var mailbox = Self.mailbox()
        #expect(Self.offer(&mailbox, 1, 1, 1, 1) == [true, true, true, false])
        #expect(mailbox.refuses() && mailbox.count == 3)
        _ = mailbox.takeFirst()
        #expect(!mailbox.refuses())
        #expect(Self.offer(&mailbox, 1) == [true])
    }

    @Test("too many bytes are refused, but an empty mailbox takes one of any size")
    func bytes() {
        var mailbox = Self.mailbox()
        #expect(Self.offer(&mailbox, 1_000, 1) == [true, false])
        _ = mailbox.takeFirst()
        #expect(Self.offer(&mailbox, 60, 41, 40) == [true, false, true])
    }

    @Test("what must not be lost is always taken, and does not count against the others' number")
    func neverRefused() {
        var mailbox = Self.mailbox()
        for _ in 0..<10 { mailbox.append(.logLines) }
        #expect(mailbox.count == 10 && mailbox.refusables == 0)
        #expect(Self.offer(&mailbox, 1, 1, 1, 1) == [true, true, true, false])
        let isTaken = mailbox.offer(.logLines)
        #expect(isTaken)
    }
}

/// Keys by their time.
@Suite struct DueListTests {
    private static func time(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds) }

    @Test("keys come by their time, those of one time in the order they were added", arguments: 0..<20)
    func order(seed: Int) {
        var list = DueList<Int>()
        var expected: [(due: Int64, key: Int)] = []
        var state = UInt64(seed) &+ 1
        for key in 0..<500 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let due = Int64(state >> 33) % 50
            list.add(key, at: Self.time(due))
            expected.append((due, key))
        }
        expected.sort { ($0.due, $0.key) < ($1.due, $1.key) }
        for (due, key) in expected {
            let early = list.takeDue(at: Self.time(due - 1))
            let taken = list.takeDue(at: Self.time(due))
            #expect(early == nil && taken?.key == key && taken?.due == Self.time(due))
        }
        #expect(list.count == 0 && list.first == nil)
    }

    @Test("keys that do not count any more are dropped before they are more than the others")
    func compacts() {
        var list = DueList<Int>()
        for key in 0..<100_000 {
            list.add(key, at: Self.time(Int64(100_000 - key)))
            list.compact { kept, _ in kept % 1_000 == 0 }
            #expect(list.count <= 64 + 2 * 101)
        }
        var keys: [Int] = []
        while let (key, _) = list.takeDue(at: Self.time(100_000)) { if key % 1_000 == 0 { keys.append(key) } }
        #expect(keys == (0..<100).map { $0 * 1_000 }.reversed())
    }
}
