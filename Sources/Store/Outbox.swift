public import NIOCore

/// What is to be told outside (a back office, a service of somebody else), written in the same transaction as the change
/// it tells of and handed out until it was accepted: at least once, in the order written.
///
/// An item comes in with a transition (``Transition/outbox``) or a batch (``StoreChange/tell(realm:_:)``). One deliverer for
/// each topic asks for what is due, tells it outside, and then accepts or postpones it. A crash in between makes an item come
/// again, so whoever is told must know its id (``OutboxEntry/id``), which is never given twice.
///
/// At most ``StoreLimits/pendingOutbox`` items wait, in memory ``StoreLimits/pendingOutboxInMemory`` with
/// ``StoreLimits/pendingOutboxBytes``. What would exceed that is refused as `busy` together with its transition or batch: a change that cannot be told must not be made.
///
/// Everything may be called from any thread and never blocks it. Answers come on `loop`, see ``StoreCallback``.
public protocol Outbox: Sendable {
    /// The items of a topic (nil: of all) that are due at `now` (milliseconds since 1970), oldest first, at most `limit`. They
    /// stay until accepted, so only one deliverer may ask.
    func pending(
        topic: String?, limit: Int, now: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[OutboxEntry]>)

    /// Forgets these items, all of them at once; ids that are unknown or accepted already are nothing. At most
    /// ``StoreLimits/rowsPerRead`` of them, so that all that one `pending` gave can be accepted together.
    func accept(_ ids: [Int64], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)

    /// Counts a failed attempt and puts the next one off until `nextAt` (milliseconds since 1970).
    func postpone(
        _ id: Int64, until nextAt: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)
}
