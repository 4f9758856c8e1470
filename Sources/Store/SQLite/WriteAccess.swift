import Bytes
import CSQLite

/// What every writing part needs. Owned by the writer thread; never leaves it.
struct WriteAccess {
    let sql: Database
    let clock: WallClock
    let faults: StoreFaults?

    /// Before each write: passes its fault point.
    func write() throws(SQLFailure) {
        if let failure = faults?.failure(at: .statement) {
            throw SQLFailure(code: SQLITE_IOERR, message: failure.detail)
        }
    }

    func setCounter(_ name: String, _ value: Int64) throws(SQLFailure) {
        let counter = try sql(
            "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        counter.add(name)
        counter.add(value)
        try counter.run()
    }
}
