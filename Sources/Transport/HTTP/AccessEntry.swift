import NIOCore

/// One answered request, for an access log.
public struct AccessEntry: Sendable {
    public var listener: String
    /// The other side's address, or "unix".
    public var remote: String
    public var method: String
    /// As it was sent, without the query, which may hold what is nobody's concern. "-" if no head could be read.
    public var path: String
    /// 101 for a WebSocket that was opened.
    public var status: Int
    /// Bytes of the body, as far as it was promised.
    public var bytes: Int
    /// From the head of the request to the head of the answer, microseconds.
    public var microseconds: Int64
}

/// What a connection notes for the access log, if there is one.
struct AccessNotes {
    private let log: (@Sendable (AccessEntry) -> Void)?
    /// When the head of the current request came.
    private var began: NIODeadline?

    init(_ shared: SharedState) { log = shared.accessLog }

    /// Nobody wants to know.
    @inline(__always)
    var isOff: Bool { log == nil }

    mutating func begin() { if !isOff { began = .now() } }

    /// The head of an answer is written.
    /// - Parameter bytes: Of the body.
    mutating func answered(_ status: Int, bytes: Int, method: String, path: String, listener: String, remote: String) {
        guard let log else { return }
        let elapsed = began.map { (NIODeadline.now() - $0).nanoseconds / 1_000 } ?? 0
        began = nil
        log(
            AccessEntry(
                listener: listener, remote: remote, method: method, path: path, status: status, bytes: bytes, microseconds: elapsed))
    }
}
