import NightjarTesting
import Testing
@testable import Transport

@Suite struct WebSocketMachineTests {
    private enum Seen: Equatable {
        case message
        case ping
        case peerClosed(UInt16, String)
        case closeAnswered(UInt16)
        case failed(UInt16)
    }

    private func run(_ bytes: [UInt8], _ machine: inout WebSocketMachine) -> [Seen] {
        let scratch = ByteStore(capacity: 64)
        var seen: [Seen] = []
        bytes.withUnsafeBytes { raw in
            var input = FrameInput(raw)
            // Each event takes a byte at least.
            for _ in 0...bytes.count {
                switch machine.next(&input, scratch: scratch) {
                case .needMore: return
                case .message: seen.append(.message)
                case .ping: seen.append(.ping)
                case .peerClosed(let code, let reason): seen.append(.peerClosed(code, reason))
                case .closeAnswered(let code, _): seen.append(.closeAnswered(code))
                case .failed(let code, _): seen.append(.failed(code))
                }
            }
            Issue.record("more events than bytes: \(seen.suffix(3))")
        }
        return seen
    }

    private func close(_ payload: [UInt8]) -> [UInt8] { WebSocketTestClient.frame(8, payload) }

    private func code(_ code: UInt16) -> [UInt8] { [UInt8(code >> 8), UInt8(code & 255)] }

    @Test(arguments: Array(0...1100).map(UInt16.init) + [1999, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65535])
    func takesExactlyTheCodesThatMayBeSent(_ value: UInt16) {
        var machine = WebSocketMachine(role: .server, maxMessage: 100)
        let allowed = (1000...1003).contains(value) || (1007...1014).contains(value) || (3000...4999).contains(value)
        #expect(run(close(code(value)), &machine) == [allowed ? .peerClosed(value, "") : .failed(1002)])
        // A close that is to be answered leaves the way open for the answers before it; once.
        let isOpen = machine.isOpen, answers = machine.answerClose(), again = machine.answerClose(), stillOpen = machine.isOpen
        #expect(isOpen == allowed && answers == allowed && !again && !stillOpen)
    }

    @Test func closeWithoutCodeIs1005() {
        var machine = WebSocketMachine(role: .server, maxMessage: 100)
        #expect(run(close([]), &machine) == [.peerClosed(1005, "")])
    }

    @Test func refusesCloseOfOneByteAndBadReason() {
        var first = WebSocketMachine(role: .server, maxMessage: 100)
        #expect(run(close([3]), &first) == [.failed(1002)])
        var second = WebSocketMachine(role: .server, maxMessage: 100)
        #expect(run(close(code(1000) + [0xFF]), &second) == [.failed(1007)])
    }

    @Test func nothingCountsAfterTheClose() {
        var machine = WebSocketMachine(role: .server, maxMessage: 100)
        let message = WebSocketTestClient.frame(1, [0x61])
        #expect(run(message + close(code(1001) + Array("bye".utf8)) + message + [0xFF, 0xFF], &machine)
            == [.message, .peerClosed(1001, "bye")])
        #expect(run(message, &machine) == [])
    }

    @Test func ownCloseDropsMessagesUntilTheAnswer() {
        var machine = WebSocketMachine(role: .server, maxMessage: 100)
        let first = machine.beginClose(), again = machine.beginClose(), isOpen = machine.isOpen
        #expect(first && !again && !isOpen)
        let noise = WebSocketTestClient.frame(1, [0x61]) + WebSocketTestClient.frame(9, [])
        #expect(run(noise + close(code(1000)), &machine) == [.closeAnswered(1000)])
    }

    @Test func aViolationAfterOwnCloseIsStillOne() {
        var machine = WebSocketMachine(role: .server, maxMessage: 100)
        _ = machine.beginClose()
        #expect(run(WebSocketTestClient.frame(3, []), &machine) == [.failed(1002)])
    }
}

@Suite struct LivenessTests {
    @Test func pingsAfterSilenceAndGivesUpWithoutAnswer() {
        var liveness = Liveness(idleTicks: 0, pingTicks: 10, pongTicks: 5, now: 100)
        #expect(liveness.firstCheck == 110)
        #expect(liveness.check(now: 109) == .wait(110))
        #expect(liveness.check(now: 110) == .ping(115))
        #expect(liveness.check(now: 114) == .wait(115))
        #expect(liveness.check(now: 115) == .lost)
    }

    @Test func anyBytesAnswerThePing() {
        var liveness = Liveness(idleTicks: 0, pingTicks: 10, pongTicks: 5, now: 0)
        #expect(liveness.check(now: 10) == .ping(15))
        liveness.lastHeard = 10
        #expect(liveness.check(now: 15) == .wait(20))
        #expect(liveness.check(now: 20) == .ping(25))
    }

    @Test func trafficPostponesThePing() {
        var liveness = Liveness(idleTicks: 0, pingTicks: 10, pongTicks: 5, now: 0)
        liveness.lastHeard = 7
        #expect(liveness.check(now: 10) == .wait(17))
    }

    @Test func onlyMessagesCountAgainstIdleness() {
        var liveness = Liveness(idleTicks: 20, pingTicks: 10, pongTicks: 5, now: 0)
        #expect(liveness.check(now: 10) == .ping(15))
        liveness.lastHeard = 11
        #expect(liveness.check(now: 15) == .wait(21))
        // The message may have come at the end of its tick.
        #expect(liveness.check(now: 20) == .wait(21))
        #expect(liveness.check(now: 21) == .idle)
        liveness.lastMessage = 19
        #expect(liveness.check(now: 21) == .ping(26))
    }

    @Test func pingsGoOnAtTheirIntervalWhileTheAnswerHasMoreTime() {
        var liveness = Liveness(idleTicks: 0, pingTicks: 10, pongTicks: 25, now: 0)
        #expect(liveness.check(now: 10) == .ping(20))
        liveness.lastHeard = 11
        #expect(liveness.check(now: 20) == .wait(21))
        #expect(liveness.check(now: 21) == .ping(31))
        #expect(liveness.check(now: 31) == .ping(41))
        #expect(liveness.check(now: 41) == .ping(46))
        #expect(liveness.check(now: 46) == .lost)
    }

    @Test func nothingToDoWithoutLimits() {
        let liveness = Liveness(idleTicks: 0, pingTicks: 0, pongTicks: 5, now: 0)
        #expect(liveness.firstCheck == nil)
    }
}
