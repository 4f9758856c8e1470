public import Bytes
public import NIOCore

/// What a change of an account came to.
public struct Adjusted: Sendable, Equatable {
    /// After the change; of one that was made before, after that.
    public var credits: Int64
    public var version: Int64
    /// It was made by an earlier request with the same id.
    public var isRepeated: Bool

    public init(credits: Int64, version: Int64, isRepeated: Bool) {
        self.credits = credits
        self.version = version
        self.isRepeated = isRepeated
    }
}

/// Why an account was not changed.
public enum AdjustFailure: Error, Sendable, Equatable {
    /// The balance does not cover it.
    case insufficient
    /// The balance would become too large.
    case overflow
    /// The id was used for another account.
    case taken
    /// The credits are in an operator's wallet, and change there.
    case keptElsewhere
    /// The account is in memory; keys and what is to be told outside are not, and could not change together with it.
    case keptInMemory
    /// The store failed or refused; whether the change stands shows when it is asked for again with the same id.
    case unknown(StoreError)
}

/// Who keeps accounts open besides the store, like the casino, whose players' balances must be told when they change.
public protocol AccountHolder: Sendable {
    /// Makes the change, and answers on `loop`. False: this account is not its concern.
    func adjust(_ change: Adjustment, on loop: any EventLoop, _ done: @escaping @Sendable (Result<Adjusted, AdjustFailure>) -> Void) -> Bool

    /// Where an account is if not in the server's ledger; nil: nothing is known of it here.
    ///
    /// - Parameter package: Which asks.
    /// - Throws: ``StoreError`` `unavailable`: it is this holder's concern, and nobody can say yet where it is.
    func ledger(of account: AccountKey, asking package: String) throws(StoreError) -> (any Ledger)?

    /// Calls `body` when it is known which accounts are this holder's: at once, or, while the server starts, once it has.
    ///
    /// - Returns: False: too many wait for that; `body` is not called.
    func whenReady(_ body: @escaping @Sendable () -> Void) -> Bool
}

extension AccountHolder {
    public func whenReady(_ body: @escaping @Sendable () -> Void) -> Bool {
        body()
        return true
    }
}

/// Balances, and changes of accounts outside of games, straight to the ledger: for accounts that nobody holds open
/// (``AccountHolder``). Any thread.
public final class AccountDesk: Sendable {
    /// How often a change is made anew when others are faster.
    public static let attemptsMax = 16

    private let ledger: any Ledger
    private let clock: WallClock

    /// - Parameter clock: Milliseconds since 1970, for the journal's bodies.
    public init(_ ledger: any Ledger, clock: @escaping WallClock = systemWallClock) {
        self.ledger = ledger
        self.clock = clock
    }

    /// The account as the store has it; `notFound` if there is none.
    ///
    /// - Parameter other: The ledger that it is in, if it is another one.
    public func account(_ key: AccountKey, in other: (any Ledger)? = nil, on loop: any EventLoop, _ done: @escaping StoreCallback<Account>) {
        (other ?? ledger).account(key, initialCredits: nil, on: loop, done)
    }

    /// Makes a change, once for its id.
    public func adjust(_ change: Adjustment, on loop: any EventLoop, _ done: @escaping @Sendable (Result<Adjusted, AdjustFailure>) -> Void) {
        ledger.account(change.account, initialCredits: change.opening, on: loop) { result in
            switch result {
            case .success(let account): self.commit(change, account, Self.attemptsMax, on: loop, done)
            case .failure(let error): done(.failure(.unknown(error)))
            }
        }
    }

    private func commit(
        _ change: Adjustment, _ account: Account, _ attempts: Int, on loop: any EventLoop,
        _ done: @escaping @Sendable (Result<Adjusted, AdjustFailure>) -> Void
    ) {
        guard let transition = change.transition(account, now: clock()) else { return done(.failure(.overflow)) }
        ledger.commit(transition, on: loop) { result in
            switch result {
            case .committed(let credits, let version): done(.success(Adjusted(credits: credits, version: version, isRepeated: false)))
            case .duplicate(let credits, let version): done(.success(Adjusted(credits: credits, version: version, isRepeated: true)))
            case .conflict(let actual) where actual.version == transition.expectedVersion: done(.failure(.taken))
            case .conflict where attempts <= 1: done(.failure(.unknown(StoreError(.busy, "others change the account all the time"))))
            case .conflict(let actual): self.commit(change, actual, attempts - 1, on: loop, done)
            case .refused(.insufficient): done(.failure(.insufficient))
            case .refused(.overflow): done(.failure(.overflow))
            case .unavailable(let error): done(.failure(.unknown(error)))
            }
        }
    }
}

extension Adjustment {
    /// The change of the account as it is. Nil: the balance would leave the range of 64 bits.
    package func transition(_ account: Account, now: Int64) -> Transition? {
        var ledger: [LedgerEntry] = []
        var balance = account.credits
        var lowest: Int64 = 0
        for movement in movements {
            let amount: Int64
            switch movement.amount {
            case .by(let given): amount = given
            case .to(let wanted): amount = wanted - max(0, balance)
            }
            let (next, over) = balance.addingReportingOverflow(amount)
            let (change, tooFar) = next.subtractingReportingOverflow(account.credits)
            guard !over, !tooFar else { return nil }
            balance = next
            lowest = min(lowest, change)
            ledger.append(LedgerEntry(movement.kind, amount))
        }
        return Transition(
            account: account.key, id: id, expectedVersion: account.version, delta: balance - account.credits, lowest: lowest, slot: .keep,
            kind: .adjustment, body: body(now: now, before: account.credits, after: balance), ledger: ledger, outbox: outbox,
            userdata: userdata, keys: keys)
    }

    private func body(now: Int64, before: Int64, after: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"op\":\"adjust\",\"by\":")
        bytes.append(jsonString: source)
        bytes.append(text: ",\"now\":")
        bytes.append(decimal: now)
        bytes.append(text: ",\"credits_before\":")
        bytes.append(decimal: before)
        bytes.append(text: ",\"credits_after\":")
        bytes.append(decimal: after)
        bytes.append(text: "}")
        return bytes
    }
}
