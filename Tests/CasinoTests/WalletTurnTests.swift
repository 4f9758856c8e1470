import Testing
@testable import Games

/// The order of a stake's events, against an operator and a store that may fail at every step, and a server that may end at
/// every step: all ways there are, one after the other.
@Suite struct WalletTurnTests {
    /// Gives a choice for every question, and goes through all sequences of choices there are.
    private struct Choices {
        private var path: [Int] = []
        private var widths: [Int] = []
        private var position = 0

        mutating func pick(_ width: Int) -> Int {
            defer { position += 1 }
            if position == path.count {
                path.append(0)
                widths.append(width)
            }
            return path[position]
        }

        /// The next sequence; false when there is none.
        mutating func advance() -> Bool {
            position = 0
            while let last = path.indices.last {
                if path[last] + 1 < widths[last] {
                    path[last] += 1
                    return true
                }
                path.removeLast()
                widths.removeLast()
            }
            return false
        }
    }

    /// A wallet as the protocol wants it.
    private struct Operator {
        var balance = 10
        var debited = false
        var rolledBack = false
        var credited = false

        mutating func debit(_ stake: Int) -> WalletAnswer {
            if rolledBack { return .refused(WalletRefusal(code: .rolledBack, detail: "")) }
            if !debited {
                guard balance >= stake else { return .refused(WalletRefusal(code: .insufficientFunds, detail: "")) }
                debited = true
                balance -= stake
            }
            return .accepted(WalletBalance(balance: Int64(balance)))
        }

        mutating func rollback(_ stake: Int) {
            if debited, !rolledBack { balance += stake }
            rolledBack = true
        }

        mutating func credit(_ win: Int) {
            if !credited { balance += win }
            credited = true
        }
    }

    /// What is on disk. One id has one entry.
    private struct Disk {
        enum Entry { case round, void }
        var note = false
        var entry: Entry?
    }

    /// What the player has seen.
    private struct Shown {
        var outcome = false
    }

    private enum Crash: Error { case now }

    private static let stake = 4
    private static let win = 6

    /// Runs a turn to its end; throws where the server ends.
    private func run(
        _ turn: WalletTurn, _ choices: inout Choices, _ op: inout Operator, _ disk: inout Disk, _ shown: inout Shown, mayCrash: Bool
    ) throws -> WalletTurn.End {
        var turn = turn
        func crash(_ choices: inout Choices) throws { if mayCrash, choices.pick(2) == 1 { throw Crash.now } }
        while true {
            try crash(&choices)
            switch turn.step {
            case .note:
                // Written and told, not written, written and not told.
                let way = choices.pick(3)
                if way != 1 { disk.note = true }
                try crash(&choices)
                turn.take(.noted(way == 0))
            case .debit:
                #expect(disk.note, "the operator was asked before the note was on disk")
                let answer: WalletAnswer
                switch choices.pick(4) {
                case 0: answer = op.debit(Self.stake)
                case 1:
                    _ = op.debit(Self.stake)
                    answer = .unknown("the answer was lost")
                case 2: answer = .unknown("the call was lost")
                default: answer = .refused(WalletRefusal(code: .badSignature, detail: "another part of the wallet"))
                }
                try crash(&choices)
                turn.take(.debit(answer))
            case .commit(let balance):
                #expect(op.debited && balance == op.balance)
                let way = choices.pick(3)
                if way != 1 { disk.entry = disk.entry ?? .round }
                try crash(&choices)
                turn.take(.committed(way == 0))
            case .void:
                let way = choices.pick(3)
                let was = disk.entry
                if way != 1 { disk.entry = disk.entry ?? .void }
                try crash(&choices)
                turn.take(.voided(way != 0 ? .unclear : was == nil ? .void : .stands))
            case .end(let end):
                if end == .stands, mayCrash { shown.outcome = true }
                try crash(&choices)
                if end != .unclear { disk.note = false }
                return end
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func whateverFailsAndWheneverTheServerEndsNoMoneyIsLostOrMadeAndNothingIsShownThatDoesNotStand() {
        for funds in [10, 3] {
            var choices = Choices()
            var ways = 0
            var ends: Set<String> = []
            repeat {
                ways += 1
                var op = Operator(balance: funds)
                var disk = Disk()
                var shown = Shown()
                let end = try? run(.new, &choices, &op, &disk, &shown, mayCrash: true)
                ends.insert(end.map { "\($0)".prefix(while: { $0 != "(" }).description } ?? "crash")
                // Afterwards, or at the next start, what is noted is mended: at the second try the store is back.
                if disk.note { _ = try? run(.mending, &choices, &op, &disk, &shown, mayCrash: false) }
                if disk.note {
                    disk.entry = disk.entry ?? .void
                    disk.note = false
                }
                // What is owed is accepted sooner or later, and perhaps twice; a debit that was under way may come late.
                switch disk.entry {
                case .round: for _ in 0..<2 { op.credit(Self.win) }
                case .void: for _ in 0..<2 { op.rollback(Self.stake) }
                case nil: break
                }
                if disk.entry == .void { _ = op.debit(Self.stake) }
                let expected = disk.entry == .round ? funds - Self.stake + Self.win : funds
                #expect(op.balance == expected, "\(end.map { "\($0)" } ?? "crash"): \(op)")
                #expect(!shown.outcome || disk.entry == .round)
                #expect(disk.entry != .round || op.debited)
                if end == .stands { #expect(disk.entry == .round) }
                if case .refused? = end { #expect(!op.debited && disk.entry == nil) }
            } while choices.advance()
            #expect(ways > 300)
            #expect(ends.isSuperset(of: ["crash", "refused", "undone", "notTried", "unclear"]))
            #expect(ends.contains("stands") == (funds >= Self.stake))
        }
    }

    @Test func aStakeThatTheOperatorHasTakenIsCommittedWithItsBalance() {
        var turn = WalletTurn.new
        #expect(turn.step == .note)
        turn.take(.noted(true))
        #expect(turn.step == .debit)
        turn.take(.debit(.accepted(WalletBalance(balance: 6))))
        #expect(turn.step == .commit(balance: 6))
        turn.take(.committed(true))
        #expect(turn.step == .end(.stands))
    }

    @Test func aRefusalCountsAtOnceOnlyIfNothingElseWasAsked() {
        let refusal = WalletRefusal(code: .limitReached, detail: "")
        var turn = WalletTurn.new
        turn.take(.noted(true))
        turn.take(.debit(.refused(refusal)))
        #expect(turn.step == .end(.refused(refusal)))

        turn = .new
        turn.take(.noted(true))
        turn.take(.debit(.unknown("")))
        #expect(turn.step == .debit)
        turn.take(.debit(.refused(refusal)))
        #expect(turn.step == .void)
        turn.take(.voided(.void))
        #expect(turn.step == .end(.undone(.refused(refusal))))
    }

    @Test func theWaitForTheOperatorIsBounded() {
        var turn = WalletTurn.new
        turn.take(.noted(true))
        var asked = 0
        while turn.step == .debit {
            asked += 1
            turn.take(.debit(.unknown("")))
        }
        #expect(asked == WalletTurn.attemptsMax && turn.step == .void)
    }

    @Test func nobodyIsAskedForAStakeThatCannotBeNoted() {
        var turn = WalletTurn.new
        turn.take(.noted(false))
        #expect(turn.step == .end(.notTried))
    }

    @Test func aRoundThatWasCommittedAfterAllStands() {
        var turn = WalletTurn.new
        turn.take(.noted(true))
        turn.take(.debit(.accepted(WalletBalance(balance: 6))))
        turn.take(.committed(false))
        turn.take(.voided(.stands))
        #expect(turn.step == .end(.stands))
    }
}
