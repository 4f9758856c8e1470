import NightjarTesting
@testable import Store
import Testing

@Suite struct RoundTests {
    private func round(_ ops: [LedgerEntry] = [], _ marks: [String] = [], mode: String? = nil) -> Round {
        Round(
            id: .random(), startedAt: 1_700_000_000_000, mode: mode.flatMap { Mark(rawValue: $0) }, ops: ops,
            marks: marks.compactMap { Mark(rawValue: $0) })
    }

    private func text(_ round: Round) -> String {
        var bytes: [UInt8] = []
        round.write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func theTextIsAsDescribedAndReadsBack() throws {
        let id = try #require(StateID("82f304a9-8fd6-4c29-a513-e084b8769df9"))
        let full = Round(
            id: id, startedAt: 17, mode: Mark(rawValue: "bonus"), ops: [LedgerEntry(.bet, -4), LedgerEntry(.win, 6)],
            marks: [Mark(rawValue: "wild")!, .maxWin])
        #expect(text(full) == "82f304a9-8fd6-4c29-a513-e084b8769df9 17 bonus bet:-4;win:6 wild,max_win")
        let bare = Round(id: id, startedAt: 17)
        #expect(text(bare) == "82f304a9-8fd6-4c29-a513-e084b8769df9 17 - - -")
        for round in [full, bare] { #expect(Round(Array(text(round).utf8)[...]) == round) }
    }

    @Test func damagedTextsAreRefused() throws {
        let good = text(round([LedgerEntry(.bet, -4)], ["wild"], mode: "base"))
        var generator = Seeded(7)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = Array(good.utf8)
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            // What is taken is a round: it reads back as it is.
            if let read = Round(bytes[...]) { #expect(Round(Array(text(read).utf8)[...]) == read) } else { refused += 1 }
        }
        #expect(refused > 10_000)
        for bad in ["", " ", "x 1 - - -", "\(StateID.random()) 1 - - -  ", "\(StateID.random()) 1 A - -", "\(StateID.random()) 1 - - a,,b"] {
            #expect(Round(Array(bad.utf8)[...]) == nil, "\(bad)")
        }
    }

    @Test func opsAreKeptOneByOneThenAddedUpAndNoneIsLost() {
        var round = round()
        let kinds = (1..<Round.kindsMax).map { LedgerKind(rawValue: "kind\($0)")! } + [.win]
        var generator = Seeded(3)
        var sum: Int64 = 0
        for n in 0..<5_000 {
            let entry = LedgerEntry(kinds[n % kinds.count], Int64.random(in: -9...9, using: &generator))
            sum += entry.amount
            let isTaken = round.add(entry)
            #expect(isTaken)
            if n < Round.opsMax { #expect(round.ops.count == n + 1) }
        }
        #expect(round.ops.count == Round.opsMax)
        #expect(round.paid - round.staked == sum)
        let isTaken = round.add(LedgerEntry(.refund, 1))
        #expect(!isTaken, "one kind too many")
        #expect(round.paid - round.staked == sum)
    }

    @Test func sumsBeyond64BitsAreRefused() {
        var round = round([LedgerEntry(.win, .max - 1)])
        let taken = [LedgerEntry(.win, 2), LedgerEntry(.win, 1), LedgerEntry(.bet, .min), LedgerEntry(.bet, -.max), LedgerEntry(.bet, -1)]
            .map { round.add($0) }
        #expect(taken == [false, true, false, true, false])
        #expect(round.paid == .max && round.staked == .max)
    }

    @Test func marksAreKeptOnceEachAndBounded() {
        var round = round()
        let taken = (0..<Round.marksMax * 2).map { round.add(Mark(rawValue: "mark_\($0 % Round.marksMax)")!) }
        #expect(!taken.contains(false))
        #expect(round.marks.count == Round.marksMax)
        let more = round.add(.maxWin)
        #expect(!more)
        #expect(Mark(rawValue: "Free Spins") == nil && Mark(rawValue: "") == nil)
        #expect(RoundOutcome(rawValue: "settled") == .settled && RoundOutcome(rawValue: "a,b") == nil)
    }

    @Test func contentsReadBackAndDamagedOnesAreRefused() throws {
        let slots = [
            GameSlot(key: joker, id: .random(), blob: Array("{}".utf8)),
            GameSlot(key: joker, id: .random(), blob: []),
            GameSlot(key: joker, id: .random(), blob: [0, 1, 2]),
            GameSlot(key: joker, id: .random(), blob: Array("{}".utf8), hidden: Array(#"{"deck":[1]}"#.utf8)),
            GameSlot(key: joker, id: .random(), blob: Array("{}".utf8), round: round([LedgerEntry(.bet, -4)])),
            GameSlot(key: joker, id: .random(), blob: Array(repeating: 7, count: 300), hidden: [1, 2, 3], round: round([], ["wild"])),
        ]
        for slot in slots { #expect(SlotContent(SlotContent(slot).bytes) == SlotContent(slot)) }
        // What a release before rounds has written is what this one writes where there is neither.
        #expect(SlotContent(slots[0]).bytes == Array("{}".utf8))
        let good = SlotContent(slots[5]).bytes
        for count in 1..<good.count { #expect(SlotContent(Array(good.prefix(count))) != SlotContent(slots[5])) }
        #expect(SlotContent([0]) == nil && SlotContent([0, 200]) == nil && SlotContent([0, 1, 1, 5]) == nil)
    }

    /// The round and the hidden half go with the state: active, parked and taken up again, after the file was closed too.
    @Test(arguments: StoreKind.allCases)
    func aSlotKeepsItsRoundAndItsHiddenHalf(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let open = GameSlot(
                key: joker, id: .random(), engineVersion: 3, blob: Array(#"{"a":1}"#.utf8), hidden: Array(#"{"deck":[2,1]}"#.utf8),
                round: round([LedgerEntry(.bet, -4)], ["wild"], mode: "bonus"))
            #expect(open.openedAt == 1_700_000_000_000)
            var step = transition(version: 1, [LedgerEntry(.bet, -4)], id: open.id)
            step.slot = .set(open)
            #expect(try await store.commit(step).outcome?.version == 2)
            #expect(try await store.account(alice).active == open)
            var other = transition(version: 2, game: halloween)
            other.displaces = true
            _ = try await store.commit(other)
            #expect(try await store.account(alice).parked[joker] == open)
        }
        guard kind == .sqlite else { return }
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            var store = try openSQLite(path)
            _ = try await store.account(alice)
            var last = GameSlot(key: joker, id: .random(), blob: [])
            for version in Int64(1)...70 {
                last = GameSlot(
                    key: joker, id: .random(), blob: Array(repeating: UInt8(ascii: "x"), count: 200), hidden: Array("h\(version)".utf8),
                    round: round([LedgerEntry(.bet, -version)]))
                var step = transition(version: version, id: last.id)
                step.slot = .set(last)
                _ = try await store.commit(step)
            }
            await store.close()
            try verify(path)
            store = try openSQLite(path)
            #expect(try await store.account(alice).active == last)
            await store.close()
        }
    }

    @Test func aSlotThatContradictsItsRoundIsRefused() async throws {
        try await withStore(.memory) { store in
            _ = try await store.account(alice)
            var slot = GameSlot(key: joker, id: .random(), blob: [], round: round())
            slot.openedAt = 5
            var step = transition(version: 1, id: slot.id)
            step.slot = .set(slot)
            guard case .unavailable(let error) = try await store.commit(step) else { return #expect(Bool(false), "taken") }
            #expect(error.code == .invalid)
        }
    }

    @Test func aRoundFromBeforeRoundsWereKeptGoesByItsState() {
        let slot = GameSlot(key: joker, id: .random(), openedAt: 9, blob: [])
        #expect(slot.openRound == Round(id: slot.id, startedAt: 9))
        #expect(GameSlot(key: joker, id: .random(), blob: []).openRound == nil)
    }
}
