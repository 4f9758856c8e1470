/// Tells contents apart: 64 bits of FNV-1a (Fowler, Noll, Vo) and the length. Only compared within one process and
/// against honest files, so nothing stronger is needed.
struct ContentHash: Hashable, Sendable {
    private let value: UInt64
    private let count: Int

    init(_ bytes: [UInt8]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        bytes.withUnsafeBytes { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
        value = hash
        count = bytes.count
    }
}
