import Synchronization

/// Names one WebSocket connection for the life of the process.
///
/// The event loop's index is in the top 8 bits; below it lie 36 bits that count how often the loop's slot was used and
/// the slot's number, so an id is never used twice and finding its connection takes no hashing. Ids fit into a positive
/// `Int64` as long as there are at most 128 loops. Connections that this process has opened itself belong to no loop's table:
/// they have the last slot's number, which no table gives away, and are counted over all loops.
public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    /// Takes any value; one that was never handed out names no connection.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Number of the event loop the connection lives on, 0…127.
    public var loopIndex: Int { Int(rawValue >> 56) }

    public var description: String { String(rawValue, radix: 16) }

    static let slotBits: UInt64 = 20
    static let useBits: UInt64 = 36

    init(loop: Int, use: UInt64, slot: Int) {
        rawValue = UInt64(loop) << 56 | (use & (1 << Self.useBits - 1)) << Self.slotBits | UInt64(slot)
    }

    /// The slot of connections that this process has opened.
    static let outgoingSlot: Int = 1 << slotBits - 1
    private static let outgoingCount = Atomic<UInt64>(0)

    /// A fresh id for a connection to another server. Any thread.
    public static func outgoing() -> ConnectionID {
        let number = outgoingCount.add(1, ordering: .relaxed).newValue
        return ConnectionID(rawValue: number << slotBits | UInt64(outgoingSlot))
    }

    /// A connection to another server.
    @inline(__always)
    public var isOutgoing: Bool { slot == Self.outgoingSlot }

    var slot: Int { Int(rawValue & (1 << Self.slotBits - 1)) }
}

/// The two kinds of WebSocket messages (RFC 6455, section 5.6).
public enum MessageKind: UInt8, Sendable {
    /// UTF-8 text, opcode 1.
    case text = 1
    /// Any bytes, opcode 2.
    case binary = 2
}
