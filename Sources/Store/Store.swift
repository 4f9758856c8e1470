/// Receives an answer on the loop given with the request, exactly once, and never before the call that made the request
/// has returned.
///
/// The changes of one caller (everything that may write, refused or not) are worked on and answered in the order made;
/// so are its reads of keys, jackpots and user data among themselves, and its reads of history and outbox. A read sees
/// everything that was acknowledged before it was asked for. Only the refusals `busy` and `closed` of a queue come at
/// the next turn of the loop, ahead of what is queued.
public typealias StoreCallback<Value> = @Sendable (Result<Value, StoreError>) -> Void

/// A whole store, as it is opened and closed by who runs the process. Everybody else takes the part he needs: ``Ledger``,
/// ``KeyValue`` or ``Outbox``.
public protocol Store: Ledger, KeyValue, Outbox {
    /// Finishes what is queued, then refuses everything as `closed`. Must not be awaited on an event loop's thread.
    func close() async
}
