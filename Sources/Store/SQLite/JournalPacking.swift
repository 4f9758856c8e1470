/// How states and bodies lie in the journal. Those of one account are much alike from entry to entry, so only what differs from
/// an earlier entry of the account, its base, is written (``Delta``): against the base's state and body and the entry's own id.
/// Everything that is read comes out as it went in, to the byte; the chain is over that.
///
///     body column    "" or 0x20…          as it is, and so is the state column
///                    0x00, bytes          the same, for bodies that begin with 0x00 or 0x01
///                    0x01, distance, lengths of state and body (each as LEB128), delta
///                                         state and body packed together; the state column is empty, or NULL without a state
///
/// A base is never packed itself, so reading an entry takes one more row, never a chain of them.
enum JournalPacking {
    static let plainMark: UInt8 = 0
    static let packedMark: UInt8 = 1

    /// What an entry is compared with; the id, because it stands in states and bodies.
    static func reference(state: [UInt8], body: [UInt8], id: StateID) -> [UInt8] { state + body + Array(id.description.utf8) }

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
        guard baseBody.first != packedMark else { return nil }
        let reference = reference(state: row.bytes(0), body: baseBody.first == plainMark ? Array(baseBody.dropFirst()) : baseBody, id: id)
        guard let bytes = Delta.decoded(rest, count: stateCount + bodyCount, reference) else { return nil }
        // What somebody has written into the state column shows in the chain.
        return (Array(bytes[..<stateCount]) + state, Array(bytes[stateCount...]))
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

    /// By account.
    private var bases: [Int64: Base] = [:]
    private var delta = Delta()

    /// The body column of an entry; its state column is then empty. Nil: it is to be written as it is, and may be a base.
    mutating func pack(_ row: JournalRow) -> [UInt8]? {
        var state: [UInt8] = []
        if case .set(let slot) = row.slot { state = slot.blob }
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
        delta.encode(state + row.body, JournalPacking.reference(state: base.state, body: base.body, id: row.id), to: &packed)
        return packed
    }

    /// After a transaction was undone: its bases are not there.
    mutating func forget() { bases.removeAll(keepingCapacity: true) }
}
