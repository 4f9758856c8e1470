import Transport

/// One thing that happened to a connection and that its handlers have not seen yet.
enum ConnectionEvent {
    /// With the client's handshake; nil for a connection that a package has opened itself.
    case open(RequestInfo?)
    case message([UInt8], MessageKind)
    /// The other side's close frame, which is answered when those before it have been handled.
    case closing
    /// The socket is gone.
    case close(code: UInt16, reason: [UInt8])
    case error(code: String)

    /// What it counts for against the queue's bound.
    var byteCount: Int {
        switch self {
        case .open, .closing: 0
        case .message(let bytes, _): bytes.count
        case .close(_, let reason): reason.count
        case .error(let code): code.utf8.count
        }
    }
}

/// What waits behind the running handler of one connection, in order.
///
/// Bounded by asking the peer's socket to stop: `append` never refuses (what was read must not be lost) but says when
/// reading is to pause; `takeFirst` says when it may go on, at half of the bound, so that it does not flap.
struct ConnectionQueue {
    private var events: [ConnectionEvent] = []
    private var head = 0
    private(set) var bytes = 0
    /// Whether reading was asked to pause because of this queue.
    private(set) var isPausing = false

    init() {}

    var count: Int { events.count - head }
    var isEmpty: Bool { head == events.count }

    /// Returns whether reading has to pause now (told once).
    mutating func append(_ event: ConnectionEvent, limits: RuntimeLimits) -> Bool {
        events.append(event)
        bytes += event.byteCount
        guard !isPausing, count >= limits.queuedMessages || bytes >= limits.queuedBytes else { return false }
        isPausing = true
        return true
    }

    /// The oldest event, and whether reading may go on now (told once).
    mutating func takeFirst(limits: RuntimeLimits) -> (event: ConnectionEvent, resumesReading: Bool)? {
        guard head < events.count else { return nil }
        let event = events[head]
        events[head] = .error(code: "")
        head += 1
        bytes -= event.byteCount
        if head == events.count {
            events.removeAll(keepingCapacity: events.capacity <= 64)
            head = 0
        } else if head >= 64, head * 2 >= events.count {
            events.removeFirst(head)
            head = 0
        }
        guard isPausing, count <= limits.queuedMessages / 2, bytes <= limits.queuedBytes / 2 else { return (event, false) }
        isPausing = false
        return (event, true)
    }
}
