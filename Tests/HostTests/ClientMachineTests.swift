import NIOCore
import NightjarTesting
import Testing
@testable import Host
@testable import Transport

@Suite struct ReconnectPolicyTests {
    private func pauses(_ policy: ReconnectPolicy, _ count: Int, random: Double) -> [Double] {
        var series = ReconnectPolicy.Series()
        return (0..<count).map { _ in series.pause(policy, random: random) }
    }

    @Test func theFirstRetryIsAtRandomTheOthersGrowToTheMost() {
        let policy = ReconnectPolicy()
        let longest = pauses(policy, 12, random: 0)
        #expect(longest[0] == 0)
        #expect(longest[1] == 3.1)
        for index in 2..<longest.count { #expect(abs(longest[index] - min(90, longest[index - 1] * 1.618)) < 1e-9) }
        #expect(longest.last == 90)
        #expect(pauses(policy, 1, random: 0.5) == [2.5])
    }

    @Test func chanceShortensByAFifthAtMost() {
        var random = Seeded(5)
        let policy = ReconnectPolicy()
        let longest = pauses(policy, 20, random: 0)
        for _ in 0..<200 {
            var series = ReconnectPolicy.Series()
            for index in 0..<20 {
                let pause = series.pause(policy, random: .random(in: 0..<1, using: &random))
                if index == 0 { #expect((0..<5).contains(pause)) } else { #expect(pause <= longest[index] && pause > longest[index] * 0.8) }
            }
        }
    }

    @Test func aFactorOfOneStaysWhereItIs() {
        var policy = ReconnectPolicy()
        (policy.first, policy.initial, policy.factor, policy.max) = (0, 2, 1, 10)
        #expect(pauses(policy, 4, random: 0) == [0, 2, 2, 2])
    }
}

/// A machine that expectations can act on.
private final class Held {
    private var machine: ClientMachine

    init(policy: ReconnectPolicy?) { machine = ClientMachine(policy: policy) }

    var state: ClientMachine.State { machine.state }
    var failures: Int { machine.failures }
    var due: NIODeadline? { machine.due }
    func open() -> Bool { machine.open() }
    func close() { machine.close() }
    func opened() { machine.opened() }
    func ended(now: NIODeadline, random: Double) -> TimeAmount? { machine.ended(now: now, random: random) }
    func isDue() -> Bool { machine.isDue() }
    func use(_ policy: ReconnectPolicy?, now: NIODeadline) { machine.use(policy, now: now) }
}

@Suite struct ClientMachineTests {
    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    private var steady: ReconnectPolicy {
        var policy = ReconnectPolicy()
        (policy.first, policy.initial, policy.factor, policy.max) = (4, 10, 2, 30)
        return policy
    }

    @Test func triesAgainWithGrowingPausesUntilItSucceeds() {
        let machine = Held(policy: steady)
        #expect(machine.state == .closed)
        #expect(machine.open())
        #expect(machine.state == .connecting)
        var pauses: [TimeAmount?] = []
        for second in 1...5 {
            let pause = machine.ended(now: at(Int64(second)), random: 0)
            pauses.append(pause)
            #expect(machine.state == .waiting && machine.due == at(Int64(second)) + pause!)
            #expect(machine.isDue())
        }
        #expect(pauses == [.seconds(0), .seconds(10), .seconds(20), .seconds(30), .seconds(30)])
        #expect(machine.failures == 5)
        machine.opened()
        #expect(machine.state == .open && machine.failures == 0 && machine.due == nil)
        #expect(machine.ended(now: at(60), random: 0.5) == .seconds(2), "a success begins anew")
        #expect(machine.failures == 0, "a connection that was open is no failed attempt")
    }

    @Test func openingTwiceIsOpeningOnce() {
        let machine = Held(policy: steady)
        #expect(machine.open())
        #expect(!machine.open())
        machine.opened()
        #expect(!machine.open())
        _ = machine.ended(now: at(0), random: 0)
        #expect(!machine.open(), "the retry comes when it is due")
    }

    @Test func closingEndsEverything() {
        for step in 0..<3 {
            let machine = Held(policy: steady)
            _ = machine.open()
            if step > 0 { machine.opened() }
            if step > 1 { _ = machine.ended(now: at(0), random: 0.5) }
            machine.close()
            #expect(machine.state == .closed && machine.due == nil)
            #expect(!machine.isDue(), "a timer that comes late starts nothing")
            #expect(machine.ended(now: at(1), random: 0) == nil)
            machine.opened()
            #expect(machine.state == .closed, "nor does a connection")
            #expect(machine.open())
        }
    }

    @Test func withoutAPolicyTheEndIsTheEnd() {
        let machine = Held(policy: nil)
        _ = machine.open()
        #expect(machine.ended(now: at(0), random: 0) == nil)
        #expect(machine.state == .closed && machine.failures == 1)
        _ = machine.open()
        machine.opened()
        #expect(machine.ended(now: at(0), random: 0) == nil)
        #expect(machine.state == .closed)
    }

    @Test func anotherPolicyCountsAtOnce() {
        let machine = Held(policy: steady)
        _ = machine.open()
        for _ in 0..<3 {
            _ = machine.ended(now: at(0), random: 0)
            _ = machine.isDue()
        }
        _ = machine.ended(now: at(0), random: 0)
        #expect(machine.due == at(30))
        var quick = steady
        (quick.first, quick.initial, quick.max) = (1, 1, 5)
        machine.use(quick, now: at(1))
        #expect(machine.due == at(6))
        machine.use(steady, now: at(1))
        #expect(machine.due == at(6), "never longer than planned")
        machine.use(nil, now: at(1))
        #expect(machine.state == .closed && machine.due == nil)
    }

    /// Whatever happens in whatever order, the parts of the state agree.
    @Test(arguments: 1...4)
    func theStateNeverContradictsItself(_ seed: UInt64) {
        var random = Seeded(seed)
        let machine = Held(policy: steady)
        var policy: ReconnectPolicy? = steady
        var now = at(0)
        for _ in 0..<20_000 {
            now = now + .milliseconds(.random(in: 0...20_000, using: &random))
            let before = machine.state
            switch Int.random(in: 0..<8, using: &random) {
            case 0: #expect(machine.open() == (before == .closed))
            case 1: machine.close()
            case 2, 3: machine.opened()
            case 4, 5:
                let pause = machine.ended(now: now, random: .random(in: 0..<1, using: &random))
                #expect((pause != nil) == (policy != nil && (before == .connecting || before == .open)))
                if let pause { #expect(pause >= .zero && pause <= .seconds(30)) }
            case 6: #expect(machine.isDue() == (before == .waiting))
            default:
                policy = Int.random(in: 0..<4, using: &random) == 0 ? nil : steady
                machine.use(policy, now: now)
            }
            #expect((machine.due != nil) == (machine.state == .waiting))
            #expect(machine.state != .waiting || policy != nil)
            #expect(machine.state != .open || machine.failures == 0)
        }
    }
}

@Suite struct ClientPartTests {
    @Test func settingsBecomeOptionsOfTheTransport() throws {
        let identity = ClientIdentity(
            name: "c", url: try WebSocketURL("ws://a"), headers: [.init(name: "x", value: "y")], protocols: ["p"])
        var settings = ClientSettings()
        var options = settings.options(identity, nil)
        #expect(options.pingInterval == .seconds(20) && options.pongTimeout == .seconds(20) && options.connectTimeout == .seconds(10))
        #expect(options.maxMessage == 1 << 20 && options.maxUnsent == WebSocketOptions().maxUnsent)
        #expect(options.compression?.contextTakeover == true)
        #expect(options.subprotocols == ["p"] && options.headers.map(\.name) == ["x"] && options.headers.map(\.value) == ["y"])
        (settings.pingIntervalSeconds, settings.isCompressed, settings.maxMessageBytes) = (nil, false, 7)
        options = settings.options(identity, nil)
        #expect(options.pingInterval == nil && options.compression == nil && options.maxMessage == 7)
    }

    @Test func idsOfOutgoingConnectionsAreNobodyElses() {
        var table = ConnectionTable(loop: 127)
        let ids = (0..<1_000).map { _ in ConnectionID.outgoing() }
        #expect(Set(ids).count == 1_000)
        for id in ids { #expect(id.isOutgoing && id.handle > 0 && table[id] == nil) }
        for _ in 0..<1_000 {
            let id = table.reserve()
            #expect(id?.isOutgoing == false)
        }
    }

    @Test func bytesThatAreAskedForAreCountedByClient() {
        var effects = Effects()
        Array("hello".utf8).withUnsafeBytes { bytes in
            effects.send(client: 0, bytes, .text)
            effects.send(client: 1, bytes, .binary)
            effects.send(client: 0, bytes, .text)
        }
        #expect(effects.clientBytes == 15)
        #expect(effects.bytes(client: 0) == 10 && effects.bytes(client: 1) == 5 && effects.bytes(client: 2) == 0)
        effects.removeAll()
        #expect(effects.clientBytes == 0)
    }
}
