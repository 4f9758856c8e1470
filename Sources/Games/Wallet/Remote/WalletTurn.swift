/// The way of one stake from the engine's outcome to the round that stands: what to do next, for each thing that can happen.
/// A value without sockets, store or clock; whoever runs it carries out each ``Step`` and tells it what came of it.
///
///     note ─▸ debit ─▸ commit ─▸ end(stands)
///       │      │ ▴       │            ▴
///       │      │ └ again │            │ it is there after all
///       │      ├─────────┴─▸ void ────┤
///       │      │ refused       │      └▸ end(undone): the rollback is owed, by the same commit as the void
///       ▾      ▾               ▾
///     end(notTried)          end(unclear): the note stays, and is mended before the next stake
///
/// **What makes it safe.** Before the operator is asked, a note of the debit is on disk. After that there are two ways only: the
/// round's transition is committed, or an entry with the same id takes its place and has the rollback in its outbox. One id is
/// one entry, so exactly one of the two happens, whatever crashes in between and however often the end is tried again.
package struct WalletTurn: Sendable, Equatable {
    /// What is to be done.
    package enum Step: Sendable, Equatable {
        /// Put the note of this stake on disk.
        case note
        /// Send the debit, with the id it has.
        case debit
        /// Commit the round's transition: the operator has taken the stake and tells the balance after it.
        case commit(balance: Int64)
        /// Commit an entry without effect under the transition's id, with the rollback in its outbox; unless the transition
        /// is there already.
        case void
        /// Nothing more. The note may go, unless the end is ``End/unclear``.
        case end(End)
    }

    package enum End: Sendable, Equatable {
        /// The round is committed, and may be shown.
        case stands
        /// The operator has taken nothing.
        case refused(WalletRefusal)
        /// The round is void. What the operator may have taken is rolled back.
        case undone(Reason)
        /// The note could not be put on disk, so nobody was asked.
        case notTried
        /// The store does not say whether the round is committed.
        case unclear
    }

    /// Why a round became void.
    package enum Reason: Sendable, Equatable {
        /// The operator did not say in time that it has taken the stake.
        case noAnswer
        /// It said no, but only after an attempt of which nobody knows.
        case refused(WalletRefusal)
        /// The round could not be committed.
        case notCommitted
        /// The server ended in between.
        case interrupted
    }

    package enum Event: Sendable, Equatable {
        case noted(Bool)
        case debit(WalletAnswer)
        case committed(Bool)
        case voided(Voided)
    }

    /// What came of ``Step/void``.
    package enum Voided: Sendable, Equatable {
        /// The void entry stands, and with it the rollback.
        case void
        /// The round's transition had come first.
        case stands
        case unclear
    }

    private enum State: Sendable, Equatable {
        case noting, debiting, committing
        case voiding(Reason)
        case ended
    }

    /// Attempts of a debit while the player waits. The second one tells what became of the first, if that was only slow.
    package static let attemptsMax = 2

    private var state: State
    private var attempts = 0

    /// What to do now.
    package private(set) var step: Step

    /// A stake of which nobody was told yet.
    package static let new = WalletTurn(state: .noting, step: .note)
    /// A stake of which there is a note from before.
    package static let mending = WalletTurn(state: .voiding(.interrupted), step: .void)

    private init(state: State, step: Step) {
        self.state = state
        self.step = step
    }

    /// Takes what came of the step.
    package mutating func take(_ event: Event) {
        switch (state, event) {
        case (.noting, .noted(true)): ask()
        case (.noting, .noted(false)): end(.notTried)
        case (.debiting, .debit(.accepted(let told))):
            state = .committing
            step = .commit(balance: told.balance)
        case (.debiting, .debit(.refused(let refusal))):
            // Only the first attempt's refusal says that nothing was taken: an earlier one may have been carried out by a
            // part of the wallet that this one did not ask.
            if attempts == 1 { end(.refused(refusal)) } else { void(.refused(refusal)) }
        case (.debiting, .debit(.unknown)):
            if attempts < Self.attemptsMax { ask() } else { void(.noAnswer) }
        case (.committing, .committed(true)): end(.stands)
        case (.committing, .committed(false)): void(.notCommitted)
        case (.voiding(let reason), .voided(.void)): end(.undone(reason))
        case (.voiding, .voided(.stands)): end(.stands)
        case (.voiding, .voided(.unclear)): end(.unclear)
        default: preconditionFailure("\(event) while \(state)")
        }
    }

    private mutating func ask() {
        state = .debiting
        attempts += 1
        step = .debit
    }

    private mutating func void(_ reason: Reason) {
        state = .voiding(reason)
        step = .void
    }

    private mutating func end(_ end: End) {
        state = .ended
        step = .end(end)
    }
}
