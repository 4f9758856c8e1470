import NightjarTesting
import Testing

@testable import Nightjar

/// What does not come to its end when the server stops is left, and the exit status tells.
@Suite("Ends that hang", .serialized, .timeLimit(.minutes(4)))
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
}
