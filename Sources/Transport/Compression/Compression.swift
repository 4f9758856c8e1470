/// How an endpoint compresses its messages for clients that offer permessage-deflate (RFC 7692), or a client for servers that
/// agree to it. Values outside their ranges count as the nearest one inside.
public struct Compression: Sendable, Equatable {
    /// Each message may refer back to those before it. Compresses similar messages much better, but every connection that
    /// has sent or received a compressed message then keeps memory for it: about
    /// `2^(windowBits + 2) + 2^(memoryLevel + 9)` bytes for sending and up to 40 KB for receiving. Without it memory is
    /// borrowed during a message only, and a message to a room is compressed once for all.
    public var contextTakeover = false
    /// How far back the compressor looks, 9…15: 2^windowBits bytes. With `contextTakeover` it is also the most that a
    /// client is asked to keep, if it lets itself be asked. 12: messages of a few KB have little further back, and with
    /// `memoryLevel` 4 a compressor takes 30 KB instead of 268 KB.
    public var windowBits = 12
    /// Memory for compressing, 1…9 (zlib's `memLevel`).
    public var memoryLevel = 4
    /// Effort, 1 (fastest)…9 (smallest).
    public var level = 6
    /// Messages of fewer bytes are sent as they are, 0…: compressing a short one saves next to nothing.
    public var threshold = 50

    public static let windowBitsRange = 9...15
    public static let memoryLevelRange = 1...9
    public static let levelRange = 1...9

    public init() {}

    /// What the compressor needs to know.
    var form: DeflateForm {
        func within(_ value: Int, _ range: ClosedRange<Int>) -> Int { min(max(value, range.lowerBound), range.upperBound) }
        return DeflateForm(
            windowBits: within(windowBits, Self.windowBitsRange), memoryLevel: within(memoryLevel, Self.memoryLevelRange),
            level: within(level, Self.levelRange))
    }
}

/// What decides the bytes a message becomes when it is compressed by itself: connections of one form can share them.
struct DeflateForm: Hashable, Sendable {
    /// 9…15.
    var windowBits: Int
    /// 1…9.
    var memoryLevel: Int
    /// 1…9.
    var level: Int
}
