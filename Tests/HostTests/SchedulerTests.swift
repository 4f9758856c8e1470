import Testing
@testable import Host

/// Whose turn it is, without a loop.
@Suite struct SchedulerTests {
    private final class Member: SchedulerMember {
        let name: String
        var owes = false
        var inputs: Int
        init(_ name: String, inputs: Int) {
            self.name = name
            self.inputs = inputs
        }
    }

    private static func scheduler(_ change: (inout Scheduler<Member>.Limits) -> Void = { _ in }) -> Scheduler<Member> {
        var limits = Scheduler<Member>.Limits()
        change(&limits)
        return Scheduler(limits: limits)
    }

    /// Runs a tick in which every input takes `cost`; returns who ran, in order.
    private static func tick(
        _ scheduler: inout Scheduler<Member>, from start: Int64 = 0, cost: (Member) -> Int64
    ) -> [String] {
        var now = start
        var order: [String] = []
        while let member = scheduler.next(at: now) {
            order.append(member.name)
            member.inputs -= 1
            now += cost(member)
            scheduler.ran(hasMore: member.inputs > 0, at: now)
        }
        return order
    }

    @Test("a member runs its inputs one after the other and leaves when it has none")
    func single() {
        var scheduler = Self.scheduler()
        scheduler.add(Member("a", inputs: 3))
        let order = Self.tick(&scheduler) { _ in 1_000 }
        #expect(order == ["a", "a", "a"])
        #expect(scheduler.isEmpty && !scheduler.isSpent)
    }

    @Test("after so many inputs it is the next one's turn")
    func rotationByCount() {
        var scheduler = Self.scheduler { $0.inputsPerTurn = 2 }
        scheduler.add(Member("a", inputs: 5))
        scheduler.add(Member("b", inputs: 3))
        let order = Self.tick(&scheduler) { _ in 1 }
        #expect(order.joined() == "aabbaaba")
    }

    @Test("a slow member has one input a turn, quick ones have theirs between")
    func rotationByTime() {
        var scheduler = Self.scheduler()
        scheduler.add(Member("s", inputs: 3))
        scheduler.add(Member("q", inputs: 4))
        let order = Self.tick(&scheduler) { $0.name == "s" ? 600_000 : 10_000 }
        #expect(order.joined() == "sqqqqss")
    }

    @Test("a tick ends after so many inputs, and the rest runs in the next ones, in order")
    func countPerTick() {
        var scheduler = Self.scheduler {
            $0.inputsPerTick = 4
            $0.inputsPerTurn = 3
        }
        scheduler.add(Member("a", inputs: 4))
        scheduler.add(Member("b", inputs: 3))
        let order = Self.tick(&scheduler) { _ in 1 }
        #expect(order.joined() == "aaab")
        #expect(scheduler.isSpent && !scheduler.isEmpty)
        let none = scheduler.next(at: 5)
        #expect(none == nil)
        scheduler.renew()
        let rest = Self.tick(&scheduler) { _ in 1 }
        #expect(rest.joined() == "abb")
        #expect(scheduler.isEmpty)
    }

    @Test("an input that takes long ends the tick, and the next tick begins with the other member")
    func timePerTick() {
        var scheduler = Self.scheduler()
        scheduler.add(Member("hog", inputs: 2))
        scheduler.add(Member("b", inputs: 1))
        let order = Self.tick(&scheduler) { _ in 18_000_000 }
        #expect(order == ["hog"])
        scheduler.renew()
        let rest = Self.tick(&scheduler, from: 18_000_000) { $0.name == "b" ? 1 : 18_000_000 }
        // What b has to send goes out before the next long input.
        #expect(rest == ["b"] && scheduler.isSpent)
        scheduler.renew()
        #expect(Self.tick(&scheduler, from: 18_100_000) { _ in 18_000_000 } == ["hog"])
    }

    @Test("who has used a whole tick's share stands back once, for those who came behind too")
    func standingBack() {
        var scheduler = Self.scheduler()
        let hog = Member("hog", inputs: 5)
        scheduler.add(hog)
        #expect(Self.tick(&scheduler) { _ in 18_000_000 } == ["hog"])
        #expect(hog.owes)
        scheduler.renew()
        // It was in the rotation before them.
        scheduler.add(Member("a", inputs: 2))
        scheduler.add(Member("b", inputs: 1))
        #expect(Self.tick(&scheduler, from: 20_000_000) { $0.name == "hog" ? 18_000_000 : 1_000 } == ["a", "a", "b"])
        // It waits for one tick, whoever comes in the next one.
        scheduler.renew()
        scheduler.add(Member("a", inputs: 1))
        #expect(Self.tick(&scheduler, from: 30_000_000) { _ in 18_000_000 } == ["hog"])
        scheduler.renew()
        #expect(Self.tick(&scheduler, from: 50_000_000) { _ in 1_000 } == ["a"])
        // Alone it need not wait.
        for start in [60, 80] as [Int64] {
            scheduler.renew()
            #expect(Self.tick(&scheduler, from: start * 1_000_000) { _ in 18_000_000 } == ["hog"])
        }
        // Two of the kind take turns.
        scheduler.renew()
        let other = Member("other", inputs: 2)
        other.owes = true
        scheduler.add(other)
        var order: [String] = []
        for tick in 0..<3 {
            order += Self.tick(&scheduler, from: Int64(100 + 20 * tick) * 1_000_000) { _ in 18_000_000 }
            scheduler.renew()
        }
        #expect(order == ["hog", "other", "other"] && scheduler.isEmpty)
    }

    @Test("what ran out of line in this tick is sent before the next input of who stands back, which waits for one tick only")
    func standingBackAfterDirect() {
        var scheduler = Self.scheduler()
        let hog = Member("hog", inputs: 3)
        scheduler.add(hog)
        #expect(Self.tick(&scheduler) { _ in 18_000_000 } == ["hog"])
        for start in [20, 40] as [Int64] {
            // Somebody else's message has run out of line in the tick.
            scheduler.renew()
            scheduler.begin(at: start * 1_000_000)
            #expect(Self.tick(&scheduler, from: start * 1_000_000 + 1_000) { _ in 18_000_000 } == [])
            #expect(scheduler.isSpent && !scheduler.isEmpty)
            scheduler.renew()
            scheduler.begin(at: start * 1_000_000 + 50_000)
            #expect(Self.tick(&scheduler, from: start * 1_000_000 + 51_000) { _ in 18_000_000 } == ["hog"])
        }
        #expect(scheduler.isEmpty)
    }

    @Test("what runs out of line spends the tick's share too, counted from its beginning")
    func direct() {
        let last = Member("last", inputs: 0)
        var scheduler = Self.scheduler()
        scheduler.begin(at: 1_000_000_000)
        scheduler.ranDirectly(last, at: 1_007_000_000, processor: 50_000_000)
        #expect(!scheduler.isSpent && !last.owes)
        scheduler.ranDirectly(last, at: 1_008_000_000, processor: 51_000_000)
        #expect(scheduler.isSpent && last.owes)
        scheduler.add(Member("a", inputs: 1))
        let none = scheduler.next(at: 1_008_000_000)
        #expect(none == nil)
        scheduler.renew()
        #expect(!scheduler.hasBegun)
        let order = Self.tick(&scheduler, from: 9_000_000_000) { _ in 1 }
        #expect(order == ["a"])
    }

    @Test("time in which the system ran others does not count")
    func preempted() {
        let last = Member("last", inputs: 0)
        var scheduler = Self.scheduler()
        scheduler.begin(at: 0)
        scheduler.ranDirectly(last, at: 4_000_000, processor: 4_000_000)
        scheduler.renew()
        scheduler.begin(at: 5_000_000)
        scheduler.ranDirectly(last, at: 45_000_000, processor: 6_000_000)
        scheduler.ranDirectly(last, at: 49_000_000, processor: 11_999_999)
        #expect(!scheduler.isSpent)
        scheduler.ranDirectly(last, at: 49_000_001, processor: 12_000_000)
        #expect(scheduler.isSpent)
    }

    @Test("time in which nothing ran does not count")
    func idle() {
        var scheduler = Self.scheduler()
        scheduler.add(Member("a", inputs: 1))
        _ = Self.tick(&scheduler) { _ in 1_000 }
        scheduler.renew()
        scheduler.add(Member("b", inputs: 2))
        let order = Self.tick(&scheduler, from: 60_000_000_000) { _ in 1_000 }
        #expect(order == ["b", "b"])
    }

    @Test("whatever the members do, each that has inputs runs again within two rounds of the others: it may have to stand back once", arguments: 0..<20)
    func fairness(seed: UInt64) {
        var random = SplitMix(seed)
        var scheduler = Self.scheduler()
        let members = (0..<8).map { Member("\($0)", inputs: 1_000) }
        for member in members { scheduler.add(member) }
        var now: Int64 = 0
        var turns: [String] = []
        for _ in 0..<2_000 {
            scheduler.renew()
            while let member = scheduler.next(at: now) {
                if turns.last != member.name { turns.append(member.name) }
                now += Int64.random(in: 0...3_000_000, using: &random)
                scheduler.ran(hasMore: true, at: now)
            }
        }
        for (start, name) in turns.enumerated() where start + 2 * members.count < turns.count {
            #expect(turns[(start + 1)...(start + 2 * members.count)].contains(name))
        }
    }

    private struct SplitMix: RandomNumberGenerator {
        private var state: UInt64
        init(_ seed: UInt64) { state = seed }
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
