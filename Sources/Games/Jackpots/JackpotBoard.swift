import Bytes
import Store
import Synchronization

/// A level's value as it was when the last answer of the store came. Any thread.
///
/// It may be behind the store, which is asked again before anything is paid and decides whatever stands here.
final class JackpotCell: Sendable {
    private let state: Lock<JackpotPot>

    init(_ pot: JackpotPot) { state = Lock(pot) }

    var pot: JackpotPot { state.withLock { $0 } }

    func set(_ jackpot: Jackpot) {
        state.withLock { $0 = JackpotPot(value: jackpot.value, version: jackpot.version, hitAt: jackpot.threshold?.hitAt ?? 0) }
    }

    /// Takes over what a transition has done.
    func apply(_ delta: JackpotDelta) {
        state.withLock { pot in
            switch delta {
            case .contribute(_, let amount, _, _, let maximum): pot.add(amount, upTo: maximum)
            case .take(_, let version, let amount, let minimum, let maximum, let next):
                // Somebody may have told of a later one already.
                guard pot.version == version else { return }
                pot.value = max(0, pot.value - amount)
                pot.add(minimum, upTo: maximum)
                pot.version += 1
                pot.hitAt = next?.hitAt ?? 0
            }
        }
    }
}

/// All levels that are known, for all loops. Any thread.
final class JackpotBoard: Sendable {
    struct Key: Hashable {
        let realm: String
        let jackpot: JackpotKey
    }

    private let cells = Lock<[Key: JackpotCell]>([:])

    /// Takes over what the store says; the cells in the order given.
    func take(_ jackpots: [Jackpot], realm: String) -> [JackpotCell] {
        cells.withLock { cells in
            jackpots.map { jackpot in
                let key = Key(realm: realm, jackpot: jackpot.key)
                let cell = cells[key] ?? JackpotCell(JackpotPot())
                cell.set(jackpot)
                cells[key] = cell
                return cell
            }
        }
    }
}
