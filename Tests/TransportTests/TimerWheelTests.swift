import NIOCore
import NIOEmbedded
import NightjarTesting
import Testing
@testable import Transport

private final class Entry: TimerEntry {
    var timer = TimerNote()
    var fired: [NIODeadline] = []
    let loop: EmbeddedEventLoop
    var onFire: () -> Void = {}
    init(_ loop: EmbeddedEventLoop) { self.loop = loop }
    func timerFired(now: UInt32) {
        fired.append(loop.now)
        onFire()
    }
}

@Suite struct TimerWheelTests {
    let loop = EmbeddedEventLoop()

    @Test(arguments: [1, 2, 7, 40, 511, 512, 513, 1_500])
    func firesAfterTheTimeAndNotMuchLater(_ ticks: UInt32) {
        let wheel = TimerWheel(eventLoop: loop)
        let entry = Entry(loop)
        let start = loop.now
        wheel.set(entry, after: ticks)
        for _ in 0..<ticks { loop.advanceTime(by: TimerWheel.tick) }
        #expect(entry.fired.isEmpty)
        loop.advanceTime(by: TimerWheel.tick * 2)
        #expect(entry.fired.count == 1)
        #expect(entry.fired.first.map { $0 - start <= TimerWheel.tick * Int(ticks + 2) } == true)
        loop.advanceTime(by: .minutes(10))
        #expect(entry.fired.count == 1)
    }

    @Test func laterAndEarlierDeadlinesReplaceTheFormer() {
        let wheel = TimerWheel(eventLoop: loop)
        let entry = Entry(loop)
        wheel.set(entry, after: 4)
        wheel.set(entry, after: 40)
        loop.advanceTime(by: .seconds(9))
        #expect(entry.fired.isEmpty)
        wheel.set(entry, after: 2)
        loop.advanceTime(by: .seconds(1))
        #expect(entry.fired.count == 1)
    }

    @Test func cancelledEntriesDoNotFireEvenInTheSameTurn() {
        let wheel = TimerWheel(eventLoop: loop)
        let first = Entry(loop), second = Entry(loop)
        wheel.set(first, after: 4)
        wheel.set(second, after: 4)
        first.onFire = { wheel.cancel(second) }
        second.onFire = { wheel.cancel(first) }
        loop.advanceTime(by: .seconds(5))
        #expect(first.fired.count + second.fired.count == 1)
    }

    @Test func entriesMayBeSetAgainWhileFiring() {
        let wheel = TimerWheel(eventLoop: loop)
        let entry = Entry(loop)
        entry.onFire = { wheel.set(entry, after: 4) }
        wheel.set(entry, after: 4)
        loop.advanceTime(by: .seconds(13))
        #expect(entry.fired.count >= 9 && entry.fired.count <= 13)
    }

    @Test func ticksOnlyWhileThereAreDeadlines() {
        let wheel = TimerWheel(eventLoop: loop)
        let entry = Entry(loop)
        loop.advanceTime(by: .minutes(5))
        wheel.set(entry, after: 4)
        loop.advanceTime(by: .milliseconds(990))
        #expect(entry.fired.isEmpty, "an old clock must not make a deadline early")
        loop.advanceTime(by: .milliseconds(600))
        #expect(entry.fired.count == 1)
    }

    /// Against a plain list: every entry fires once, not before its time and at most two ticks after it.
    @Test func randomUseAgreesWithAList() {
        var random = Seeded(11)
        let wheel = TimerWheel(eventLoop: loop)
        var due: [ObjectIdentifier: NIODeadline] = [:]
        var entries: [Entry] = []
        for _ in 0..<3_000 {
            if entries.isEmpty || Int.random(in: 0..<3, using: &random) == 0 { entries.append(Entry(loop)) }
            let entry = entries.randomElement(using: &random)!
            if Int.random(in: 0..<5, using: &random) == 0 {
                wheel.cancel(entry)
                due[ObjectIdentifier(entry)] = nil
            } else {
                let ticks = UInt32.random(in: 1...1_200, using: &random)
                wheel.set(entry, after: ticks)
                due[ObjectIdentifier(entry)] = loop.now + TimerWheel.tick * Int(ticks)
                entry.fired = []
            }
            loop.advanceTime(by: .milliseconds(Int64.random(in: 0...600, using: &random)))
            for entry in entries {
                guard let wanted = due[ObjectIdentifier(entry)] else { continue }
                if let fired = entry.fired.first {
                    #expect(fired >= wanted && fired - wanted <= TimerWheel.tick * 3)
                    due[ObjectIdentifier(entry)] = nil
                } else {
                    #expect(loop.now < wanted + TimerWheel.tick * 3)
                }
            }
        }
    }
}
