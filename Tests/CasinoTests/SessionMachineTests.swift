import NightjarTesting
import Testing

@testable import Games

@Suite struct SessionMachineTests {
    static let start = #"{"auth":{"uid":"7","token":"t","userinfo":{"a":1}},"platform":"demo","site":"demo"}"#
    static let actionText = #"{"t":"action","action":"bet","params":{"amount":4},"sid":"A"}"#

    private func send(_ machine: inout SessionMachine, _ text: String, isText: Bool = true) -> SessionMachine.Action? {
        Array(text.utf8).withUnsafeBytes { machine.receive($0, isText: isText) }
    }

    private func code(_ action: SessionMachine.Action?) -> SessionErrorCode? {
        guard case .reject(let error) = action else { return nil }
        return error.code
    }

    private func startedMachine() -> SessionMachine {
        var machine = SessionMachine()
        _ = send(&machine, Self.start)
        _ = machine.started()
        return machine
    }

    @Test func startMessageCarriesUserPlatformAndSite() {
        var machine = SessionMachine()
        #expect(!machine.hasBegun)
        let action = send(&machine, Self.start)
        #expect(action == .start(StartRequest(uid: "7", token: "t", userInfo: Array(#"{"a":1}"#.utf8), platform: "demo", site: "demo")))
        #expect(machine.hasBegun)
    }

    @Test func uidTokenAndUserInfoMayBeMissing() {
        var machine = SessionMachine()
        #expect(send(&machine, #"{"auth":{},"platform":"demo","site":"x"}"#)
            == .start(StartRequest(uid: "", token: "", userInfo: [], platform: "demo", site: "x")))
    }

    @Test(arguments: [
        #"{"auth":1,"platform":"demo","site":"demo"}"#, #"{"auth":{},"site":"demo"}"#, #"{"auth":{},"platform":"demo"}"#,
        #"{"auth":{"uid":7},"platform":"demo","site":"demo"}"#, #"{"auth":{"userinfo":[]},"platform":"demo","site":"demo"}"#,
        #"{"auth":{"uid":""# + String(repeating: "u", count: 300) + #""},"platform":"demo","site":"demo"}"#,
    ])
    func malformedStartIsABadMessageAndTheSessionMayTryAgain(_ text: String) {
        var machine = SessionMachine()
        #expect(code(send(&machine, text)) == .badMessage)
        guard case .start = send(&machine, Self.start) else {
            Issue.record("the second start was not taken")
            return
        }
    }

    @Test(arguments: ["", "{", "[]", "7", "null", "{\"t\":\"action\"", "\u{0}", #"{"a":1}"#, #"{"t":7}"#, #"{"t":"dance"}"#])
    func whatIsNoMessageIsABadMessage(_ text: String) {
        var machine = startedMachine()
        #expect(code(send(&machine, text)) == .badMessage)
        #expect(send(&machine, #"{"t":"gamefinish"}"#) == .perform(.finish))
    }

    @Test func unknownTypeIsNamedInTheError() {
        var machine = startedMachine()
        guard case .reject(let error) = send(&machine, #"{"t":"dance"}"#) else {
            Issue.record("no error")
            return
        }
        #expect(error.re == "dance")
        #expect(String(decoding: error.encoded(), as: UTF8.self) == #"{"t":"error","code":"bad_message","message":"unknown message type","re":"dance"}"#)
    }

    @Test func binaryMessagesAreBadMessages() {
        var machine = startedMachine()
        #expect(code(send(&machine, Self.actionText, isText: false)) == .badMessage)
    }

    @Test func messagesBeforeTheStartAreRefused() {
        var machine = SessionMachine()
        #expect(code(send(&machine, Self.actionText)) == .notStarted)
        #expect(code(send(&machine, #"{"t":"gamefinish"}"#)) == .notStarted)
    }

    @Test func secondStartIsRefused() {
        var machine = startedMachine()
        #expect(code(send(&machine, Self.start)) == .alreadyStarted)
    }

    @Test func messagesDuringTheStartAreHeldInOrder() {
        var machine = SessionMachine()
        _ = send(&machine, Self.start)
        #expect(send(&machine, #"{"t":"gameload","gameid":"g"}"#) == nil)
        #expect(send(&machine, #"{"t":"gamefinish"}"#) == nil)
        #expect(machine.started() == [.load(game: "g"), .finish])
        #expect(machine.started().isEmpty)
    }

    @Test func heldMessagesAreBounded() {
        var machine = SessionMachine()
        _ = send(&machine, Self.start)
        for _ in 0..<SessionMachine.heldMessagesMax { #expect(send(&machine, #"{"t":"gamefinish"}"#) == nil) }
        #expect(code(send(&machine, #"{"t":"gamefinish"}"#)) == .notStarted)
        #expect(machine.started().count == SessionMachine.heldMessagesMax)
    }

    @Test func afterARefusalTheClientMayStartAgain() {
        var machine = SessionMachine()
        _ = send(&machine, Self.start)
        _ = send(&machine, #"{"t":"gamefinish"}"#)
        machine.refused()
        #expect(machine.started().isEmpty)
        guard case .start = send(&machine, Self.start) else {
            Issue.record("the second start was not taken")
            return
        }
        #expect(machine.started().isEmpty, "what waited went with the start that was refused")
    }

    @Test func commandsCarryTheirParts() {
        var machine = startedMachine()
        #expect(send(&machine, Self.actionText) == .perform(.action(name: "bet", params: Array(#"{"amount":4}"#.utf8), sid: "A")))
        #expect(send(&machine, #"{"t":"action","action":"end","sid":"A"}"#) == .perform(.action(name: "end", params: [], sid: "A")))
        #expect(send(&machine, #"{"t":"action","action":"end","params":null,"sid":"A"}"#) == .perform(.action(name: "end", params: [], sid: "A")))
        #expect(send(&machine, #"{"t":"gameload","gameid":"a-b"}"#) == .perform(.load(game: "a-b")))
        #expect(send(&machine, #"{"t":"component","which":"x","message":[1]}"#) == .perform(.component(which: "x", message: Array("[1]".utf8))))
        #expect(send(&machine, #"{ "\u0074" : "gamefinish" }"#) == .perform(.finish))
    }

    @Test(arguments: [
        (#"{"t":"action","sid":"A"}"#, SessionErrorCode.badMessage), (#"{"t":"action","action":"bet"}"#, .badMessage),
        (#"{"t":"action","action":1,"sid":"A"}"#, .badMessage), (#"{"t":"action","action":"bet","sid":1}"#, .badMessage),
        (#"{"t":"action","action":"bet","sid":"A","params":[]}"#, .badParams), (#"{"t":"gameload"}"#, .badMessage),
        (#"{"t":"component","which":"x"}"#, .badMessage), (#"{"t":"component","message":1}"#, .badMessage),
    ])
    func missingAndWrongMembersAreNamed(_ text: String, _ wanted: SessionErrorCode) {
        var machine = startedMachine()
        guard case .reject(let error) = send(&machine, text) else {
            Issue.record("no error")
            return
        }
        #expect(error.code == wanted)
        #expect(error.re != nil)
    }

    @Test func nothingIsTakenAfterTheEnd() {
        var machine = startedMachine()
        machine.end()
        #expect(send(&machine, Self.actionText) == nil)
    }

    @Test func mutatedMessagesNeverTrapAndNeverStartTwice() {
        var generator = Seeded(11)
        let corpus = [Self.start, Self.actionText, #"{"t":"gameload","gameid":"g"}"#, #"{"t":"component","which":"x","message":{"a":[1,2]}}"#]
        for _ in 0..<20_000 {
            var machine = SessionMachine()
            var starts = 0
            for _ in 0..<3 {
                var bytes = Array(corpus.randomElement(using: &generator)!.utf8)
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                let action = bytes.withUnsafeBytes { machine.receive($0, isText: true) }
                if case .start = action {
                    starts += 1
                    _ = machine.started()
                }
                if case .perform = action { #expect(starts == 1) }
            }
            #expect(starts <= 1)
        }
    }

    @Test func resynchronizingErrorsAreThoseOfTheProtocolOfWalletsAndInternal() {
        #expect(SessionErrorCode.allCases.filter(\.isFollowedByState)
            == [
                .gameRunning, .staleState, .actionNotAllowed, .insufficientFunds, .finishRefused, .walletUnavailable, .walletRefused, .internal,
            ])
    }

    @Test func refusedStartsCloseTheSocket() {
        #expect(SessionErrorCode.allCases.filter { $0.closeCode != nil } == [.authFailed, .unknownPlatform, .unknownSite])
        #expect(SessionErrorCode.authFailed.closeCode == 4401)
        #expect(SessionErrorCode.unknownSite.closeCode == 4404)
    }
}
