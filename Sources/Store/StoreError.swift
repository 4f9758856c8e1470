/// Why the store could not do what it was asked. Carries a stable code for programs and a detail for the log.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable codes; raw values are part of the public contract and may reach scripts and clients.
    public enum Code: String, Hashable, Sendable {
        /// The medium failed (disk full, I/O error, locked database). It is unknown to the caller whether a later
        /// recovery will show the change, so a retry must carry the same id. The store recovers by itself.
        case unavailable
        /// A queue is at its bound; nothing was queued.
        case busy
        /// A store in memory holds as many bytes as it may; what grows is refused until something is deleted or expires.
        case full
        /// A value is above its limit (`StoreLimits`).
        case tooLarge = "too_large"
        /// The store's files were deleted, moved or replaced while it was open. Whether the change is in them is unknown, as for
        /// `unavailable`. It goes on by itself when they are back.
        case lost = "store_lost"
        /// The stored data contradict themselves.
        case corrupt
        /// The file was written by a later release, whose schema this one does not know.
        case newer = "newer_store"
        /// The file is no store.
        case foreign = "not_a_store"
        /// A backup refers to archives that are not there.
        case archiveMissing = "archive_missing"
        /// There is a file already where one was to be made.
        case exists
        /// The store was closed.
        case closed
        /// The request contradicts itself (a programming error of the caller).
        case invalid
        /// The account does not exist; open it with ``Ledger/account(_:initialCredits:on:_:)`` first.
        case notFound = "not_found"
        /// A counter operation met a value that is not a decimal 64-bit integer.
        case notInteger = "not_integer"
        /// The result does not fit in a signed 64-bit integer.
        case overflow
    }

    public let code: Code
    /// For the log only; never for a client.
    public let detail: String

    public init(_ code: Code, _ detail: String = "") {
        self.code = code
        self.detail = detail
    }

    public var description: String {
        detail.isEmpty ? code.rawValue : "\(code.rawValue): \(detail)"
    }
}
