import Logging
import NightjarTesting
import Testing

@testable import Games
@testable import Store

/// How much of a disk play takes.
@Suite(.timeLimit(.minutes(2))) struct JournalSizeTests {
    /// The same as `Benchmarks/journal.py`, with fewer rounds. Where nothing is written as a difference it is more than 2,000 bytes.
    @Test func aRoundOfBetAndEndTakesLessThan900Bytes() async throws {
        let folder = TestFolder()
        let path = folder.path + "/store.sqlite"
        let store = try SQLiteStore(path: path, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        var options = ServerOptions.casino()
        options.folder = folder
        options.store = store
        let server = try await TestServer(options)
        let session = try server.session("ann")
        _ = try session.load("joker_bingo")
        func play(_ rounds: Int) throws {
            for _ in 0..<rounds {
                for (action, params) in [("bet", #"{"amount":4}"#), ("end", "{}")] {
                    try session.act(action, params)
                    try session.state()
                }
            }
        }
        func entries() throws -> Int64? {
            try Database(path: path, access: .readOnly, lockWait: .zero).integer("SELECT count(*) FROM journal WHERE kind = 'action'")
        }
        func bytes() throws -> Int64 {
            let database = try Database(path: path, access: .readOnly, lockWait: .zero)
            return try #require(try database.integer("PRAGMA page_count")) * #require(try database.integer("PRAGMA page_size"))
        }
        // The engine, the settings and the first entries, which are written once.
        try play(2)
        let (before, first) = (try bytes(), try #require(try entries()))
        try play(100)
        let (after, last) = (try bytes(), try #require(try entries()))
        await server.stop()
        await store.close()
        #expect(last - first == 200)
        #expect(after - before < 900 * 100, "\((after - before) / 100) bytes a round")
        #expect(after > before)
    }
}
