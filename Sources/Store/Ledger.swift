public import NIOCore

/// Where money and game states are kept: accounts, the transitions that change them, the journal of all that happened,
/// and what belongs to the users they are of.
///
/// Everything may be called from any thread and never blocks it. Answers come on `loop`, see ``StoreCallback``.
public protocol Ledger: Sendable {
    /// The head of an account. At first use it is created with `initialCredits` (≥ 0), journalled as its opening.
    func account(
        _ key: AccountKey, initialCredits: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Account>)

    /// Applies a transition durably, or does nothing.
    func commit(_ transition: Transition, on loop: any EventLoop, _ done: @escaping @Sendable (CommitResult) -> Void)

    /// All jackpots of a site that ever received something.
    func jackpots(realm: String, site: String, on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>)

    // MARK: Users

    /// Registers a user at first sight, else updates the profile. `profile` is JSON text.
    func user(
        realm: String, uid: String, profile: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<UserRecord>)

    /// A user's data on a site as JSON text; nil if there are none.
    func userdata(
        realm: String, user: String, site: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<String?>)

    func setUserdata(
        realm: String, user: String, site: String, json: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)

    // MARK: What happened

    /// The journal entries of the account's last `limit` (1…1,000) rounds, newest first.
    func lastGames(_ key: AccountKey, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>)

    /// Sums over everything; reads the whole journal, so for checks only.
    func sums(on loop: any EventLoop, _ done: @escaping StoreCallback<StoreSums>)

    /// Entries after `seq` in order, at most `limit`.
    func journal(
        since seq: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>)
}
