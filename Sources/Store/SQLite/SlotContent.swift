/// What lies in the journal's state column: a game's state and what is kept with it.
///
///     any byte but 0x00…          the state as it is sent, and nothing else
///     0x00, lengths of state and hidden half (each as LEB128), state, hidden half, round as text
///
/// The round is last and has no length: it is what remains, or nothing if none is open.
struct SlotContent: Equatable {
    private static let mark: UInt8 = 0

    let blob: [UInt8]
    let hidden: [UInt8]
    let round: Round?

    init(_ slot: GameSlot) {
        blob = slot.blob
        hidden = slot.hidden
        round = slot.round
    }

    /// Nil if it is damaged.
    init?(_ bytes: [UInt8]) {
        guard bytes.first == Self.mark else {
            (blob, hidden, round) = (bytes, [], nil)
            return
        }
        var rest = bytes.dropFirst()
        guard let blobCount = Delta.number(&rest), let hiddenCount = Delta.number(&rest), blobCount <= rest.count,
            hiddenCount <= rest.count - blobCount
        else { return nil }
        blob = Array(rest.prefix(blobCount))
        rest = rest.dropFirst(blobCount)
        hidden = Array(rest.prefix(hiddenCount))
        rest = rest.dropFirst(hiddenCount)
        if rest.isEmpty {
            round = nil
        } else {
            guard let read = Round(rest) else { return nil }
            round = read
        }
    }

    var bytes: [UInt8] {
        if hidden.isEmpty, round == nil, blob.first != Self.mark { return blob }
        var bytes: [UInt8] = [Self.mark]
        bytes.reserveCapacity(blob.count + hidden.count + 160)
        Delta.append(blob.count, to: &bytes)
        Delta.append(hidden.count, to: &bytes)
        bytes += blob
        bytes += hidden
        round?.write(to: &bytes)
        return bytes
    }
}
