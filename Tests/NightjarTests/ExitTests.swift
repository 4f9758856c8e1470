import Dispatch
import Foundation
import Glibc
import NightjarTesting
import Synchronization
import Testing

@testable import Nightjar

/// What does not come to its end when the server stops is left, and the exit status tells.
@Suite("Ends that hang", .serialized, .timeLimit(.minutes(1)))
struct ExitTests {
    private final class Trail: Sendable {
        let steps = Letterbox<String>("a step")
        func add(_ step: String) { steps.put(step) }
    }

    @Test("a part that hangs is left after its time, those behind it are left out, the last one is done all the same")
    func aPartHangs() async {
        let trail = Trail()
        var clock = StopClock()
        await clock.part("first", within: .seconds(5)) { trail.add("first") }
        await clock.part("hanging", within: .milliseconds(20)) { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        await clock.part("behind", within: .seconds(5)) { trail.add("behind") }
        await clock.last("store") { trail.add("store") }
        #expect(clock.late == ["hanging"])
        #expect(trail.steps.takeAll() == ["first", "store"])
    }

    @Test("all in time: nothing is late")
    func allInTime() async {
        var clock = StopClock()
        await clock.part("one", within: .seconds(5)) {}
        await clock.last("store") {}
        #expect(clock.late.isEmpty)
    }

    @Test("a process that does not end by itself after the signal is ended with status 1, before a process manager kills it")
    func nobodyStops() async throws {
        let began = ContinuousClock.now
        await #expect(processExitsWith: .exitCode(ExitWatch.status)) {
            signal(SIGTERM, SIG_IGN)
            let watch = ExitWatch(log: LogWriter.standardError(.text))
            watch.begin()
            raise(SIGTERM)
            // Stuck for good, as far as this process can tell; the test's time limit ends it otherwise.
            while true { _ = poll(nil, 0, -1) }
        }
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test("the same signal twice within a moment is one; again after it ends the process at once with status 1")
    func twice() async throws {
        await #expect(processExitsWith: .exitCode(ExitWatch.status)) {
            signal(SIGTERM, SIG_IGN)
            let watch = ExitWatch(log: LogWriter.standardError(.text))
            watch.begin()
            let end = ContinuousClock.now + .seconds(8)
            // Sooner than the 9.5 s of the other way, or the status is another one.
            while ContinuousClock.now < end {
                raise(SIGTERM)
                _ = poll(nil, 0, 50)
            }
            _exit(7)
        }
    }
}
