/// How states (``SlotContent``) and bodies lie in the journal. Those of one account are much alike from entry to entry, so only what differs from
/// an earlier entry of the account, its base, is written (``Delta``): against the base's state and body and the entry's own id.
/// Everything that is read comes out as it went in, to the byte; the chain is over that.
///
///     body column    "" or 0x20…          as it is, and so is the state column
///                    0x00, bytes          the same, for bodies that begin with 0x00, 0x01 or 0x02
///                    0x02, distance, lengths of state and body (each as LEB128), delta
///                                         state and body packed together; the state column is empty, or NULL without a state
///                    0x01, …              the same with a delta as earlier releases have written it
///
/// A base is never packed itself, so reading an entry takes one more row, never a chain of them.
enum JournalPacking {
    static let plainMark: UInt8 = 0
    static let formerMark: UInt8 = 1
    static let packedMark: UInt8 = 2

    /// What an entry is compared with; the id, because it stands in states and bodies.
    static func takeReference(state: [UInt8], body: [UInt8], id: StateID, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        bytes += state
        bytes += body
        bytes.append(id)
    }

    /// The body column of an entry that is not packed.
    static func plain(_ body: [UInt8]) -> [UInt8] { (body.first ?? 0xFF) <= packedMark ? [plainMark] + body : body }

    /// State and body of an entry, as they went in.
    ///
    /// - Parameters:
    ///   - state: The state column; empty if it is NULL.
    ///   - body: The body column.
    /// - Returns: Nil if they are damaged, or the base is.
    static func unpacked(
        seq: Int64, id: StateID, state: [UInt8], body: [UInt8], _ sql: Database
    ) throws(SQLFailure) -> (state: [UInt8], body: [UInt8])? {
        guard let mark = body.first, mark <= packedMark else { return (state, body) }
        if mark == plainMark { return (state, Array(body.dropFirst())) }
        var rest = body.dropFirst()
        guard let distance = Delta.number(&rest), let stateCount = Delta.number(&rest), let bodyCount = Delta.number(&rest),
            distance > 0, Int64(distance) < seq, stateCount <= StoreLimits.packedBytes, bodyCount <= StoreLimits.packedBytes
        else { return nil }
        let row = try sql("SELECT state, body FROM journal WHERE seq = ?")
        row.add(seq - Int64(distance))
        defer { row.finish() }
        guard try row.step() else { return nil }
        let baseBody = row.bytes(1)
        guard baseBody.first != packedMark, baseBody.first != formerMark else { return nil }
        var reference: [UInt8] = []
        takeReference(state: row.bytes(0), body: baseBody.first == plainMark ? Array(baseBody.dropFirst()) : baseBody, id: id, into: &reference)
        let count = stateCount + bodyCount
        guard let bytes = mark == packedMark ? Delta.decoded(rest, count: count, reference) : Delta.decodedFormer(rest, count: count, reference)
        else { return nil }
        // What somebody has written into the state column shows in the chain.
        return (Array(bytes[..<stateCount]) + state, Array(bytes[stateCount...]))
    }
}

extension JournalPacking {
    /// The entry that `seq` was compared with.
    ///
    /// - Parameter body: The body column, or its first 12 bytes.
    /// - Returns: Nil if it is not packed, or damaged.
    static func base(of seq: Int64, body: [UInt8]) -> Int64? {
        guard body.first == packedMark || body.first == formerMark else { return nil }
        var rest = body.dropFirst()
        return Delta.number(&rest).map { seq - Int64($0) }
    }
}

/// Packs the entries that are written, and remembers their bases. Owned by the writer thread.
struct JournalPacker {
    private struct Base {
        let seq: Int64
        let state: [UInt8]
        let body: [UInt8]
        /// Entries that were packed with it.
        var uses = 0
    }

    /// What is being packed, kept for its memory.
    private var target: [UInt8] = []
    private var reference: [UInt8] = []

    /// By account.
    private var bases: [Int64: Base] = [:]
    private var delta = Delta()

    /// The body column of an entry; its state column is then empty. Nil: it is to be written as it is, and may be a base.
    mutating func pack(_ row: JournalRow) -> [UInt8]? {
        let state = row.state
        let count = state.count + row.body.count
        guard count >= StoreLimits.packedFrom, count <= StoreLimits.packedBytes else { return nil }
        if let base = bases[row.account], base.uses < StoreLimits.packedPerBase {
            let packed = pack(state, row, base)
            // Half, or the entry is of another game and a better base for the next ones.
            if packed.count < count / 2 {
                bases[row.account]?.uses += 1
                return packed
            }
        }
        if bases.count >= StoreLimits.rememberedBases { bases.removeAll(keepingCapacity: true) }
        bases[row.account] = Base(seq: row.seq, state: state, body: row.body)
        return nil
    }

    private mutating func pack(_ state: [UInt8], _ row: JournalRow, _ base: Base) -> [UInt8] {
        var packed = [JournalPacking.packedMark]
        packed.reserveCapacity(384)
        Delta.append(Int(row.seq - base.seq), to: &packed)
        Delta.append(state.count, to: &packed)
        Delta.append(row.body.count, to: &packed)
        target.removeAll(keepingCapacity: true)
        target += state
        target += row.body
        JournalPacking.takeReference(state: base.state, body: base.body, id: row.id, into: &reference)
        delta.encode(target, reference, to: &packed)
        return packed
    }

    /// After a transaction was undone: its bases are not there.
    mutating func forget() { bases.removeAll(keepingCapacity: true) }
}
