import Store
import Testing

@Suite struct GameSlotTests {
    private func switching(_ step: Transition) -> Transition {
        var step = step
        step.displaces = true
        return step
    }

    @Test(arguments: StoreKind.allCases)
    func aDisplacedGameIsParkedAndTakenUpAgain(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let first = transition(version: 1, blob: "1", openedAt: 5)
            _ = try await store.commit(first)
            let second = switching(transition(version: 2, game: halloween, blob: "2"))
            #expect(try await store.commit(second).outcome?.version == 3)
            var account = try await store.account(alice)
            #expect(account.active?.key == halloween)
            #expect(account.parked[joker]?.id == first.id)
            #expect(account.parked[joker]?.blob == Array("1".utf8))
            #expect(account.parked[joker]?.openedAt == 5)
            let third = switching(transition(version: 3, blob: "3"))
            #expect(try await store.commit(third).outcome?.version == 4)
            account = try await store.account(alice)
            #expect(account.active?.id == third.id)
            #expect(account.parked.keys.sorted { $0.game < $1.game } == [halloween])
            #expect(account.parked[halloween]?.id == second.id)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aGameIsNotLostByMistake(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(transition(version: 1))
            let head = try await store.account(alice)
            guard case .unavailable(let error) = try await store.commit(transition(version: 2, game: halloween)) else {
                Issue.record("not refused")
                return
            }
            #expect(error.code == .invalid)
            #expect(try await store.account(alice) == head)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aClearedAccountTakesParkedGamesUp(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(transition(version: 1))
            _ = try await store.commit(switching(transition(version: 2, game: halloween)))
            var clearing = transition(version: 3, game: nil)
            clearing.slot = .clear
            _ = try await store.commit(clearing)
            #expect(try await store.commit(transition(version: 4)).outcome?.version == 5)
            let account = try await store.account(alice)
            #expect(account.active?.key == joker)
            #expect(account.parked.isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func tooManyParkedGamesLoseOneWithoutAnOpenRound(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let most = StoreLimits.parkedPerAccount
            for number in 0...(most + 1) {
                let game = GameKey(site: "local", game: "game-\(number)")
                let step = switching(
                    transition(version: Int64(number + 1), game: game, openedAt: number == 3 ? 0 : 9))
                #expect(try await store.commit(step).outcome?.version == Int64(number + 2))
            }
            let account = try await store.account(alice)
            #expect(account.parked.count == most)
            #expect(account.parked[GameKey(site: "local", game: "game-3")] == nil)
            let last = switching(transition(version: Int64(most + 3), game: joker, openedAt: 9))
            guard case .unavailable(let error) = try await store.commit(last) else {
                Issue.record("not refused")
                return
            }
            #expect(error.code == .tooLarge)
        }
    }
}
