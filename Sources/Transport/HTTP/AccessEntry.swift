import NIOCore
import NIOHTTP1

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

extension HTTPConnection {
    /// Tells the access log, if there is one, of the answer whose head is written.
    func noteAccess(_ status: Int, bytes: Int) {
        guard let accessLog = loop.shared.accessLog else { return }
        let head = current?.head
        let path = head.map { $0.uri.prefix { $0 != "?" } }
        accessLog(
            AccessEntry(
                listener: routes.listener, remote: remote, method: head?.method.rawValue ?? "-", path: path.map(String.init) ?? "-",
                status: status, bytes: bytes, microseconds: began.map { (NIODeadline.now() - $0).nanoseconds / 1_000 } ?? 0))
        began = nil
    }

    /// The time, if somebody wants to know how long answers take.
    func noteBegin() { if loop.shared.accessLog != nil { began = .now() } }
}
