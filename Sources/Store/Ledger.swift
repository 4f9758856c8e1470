public import NIOCore

/// Where money and game states are kept: accounts, the transitions that change them, the journal of all that happened,
/// and what belongs to the users they are of.
///
/// Everything may be called from any thread and never blocks it. Answers come on `loop`, see ``StoreCallback``.
public protocol Ledger: Sendable {
    /// The head of an account. At first use it is created with `initialCredits` (≥ 0), journalled as its opening; nil: it is not
    /// created, and `notFound` without it.
    func account(
        _ key: AccountKey, initialCredits: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Account>)

    /// Accounts of which a game has a round that was opened before a moment and is still open, a page at a time.
    ///
    /// The pages may name accounts whose round has ended meanwhile, or one twice, but leave none out: whoever asks looks at the account.
    ///
    /// - Parameters:
    ///   - moment: Milliseconds since 1970.
    ///   - cursor: 0 at first, then `next` of the page before.
    ///   - limit: Accounts of one page, from 1; more accounts are looked at, see `StoreLimits.headsPerPage`.
    func overdue(
        openedBefore moment: Int64, after cursor: Int64, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<OverduePage>)

    /// Applies a transition durably, or does nothing.
    func commit(_ transition: Transition, on loop: any EventLoop, _ done: @escaping @Sendable (CommitResult) -> Void)

    /// All jackpots of a site that were opened or ever received something.
    func jackpots(realm: String, site: String, on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>)

    /// Makes jackpots what their terms want them to be: opened with a seed, with a threshold or without. What is so already stays as it
    /// is. Answers them as they are then, in the order given.
    func openJackpots(
        realm: String, _ openings: [JackpotOpening], on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>)

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

    /// The journal entries of the account's last `limit` (1…1,000) rounds, newest first. Archived ones are left out, see
    /// ``JournalHistory``.
    func lastGames(_ key: AccountKey, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>)

    /// Sums over everything; reads the whole journal, so for checks only.
    func sums(on loop: any EventLoop, _ done: @escaping StoreCallback<StoreSums>)

    /// Entries after `seq` in order, at most `limit`. Archived ones are left out, see ``JournalHistory``.
    func journal(
        since seq: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>)
}
