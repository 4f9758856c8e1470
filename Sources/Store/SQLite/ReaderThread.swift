import Foundation
import GRDB
import GRDBSQLite
import Logging
import NIOCore

/// A request to a reader.
struct ReadRequest: Request {
    let loop: any EventLoop
    let bytes = 0
    let run: @Sendable (StatementCache) -> @Sendable () -> Void
    let reject: @Sendable (StoreError) -> Void

    static func request<Value: Sendable>(
        on loop: any EventLoop, _ done: @escaping StoreCallback<Value>,
        _ body: @escaping @Sendable (StatementCache) throws -> Value
    ) -> ReadRequest {
        ReadRequest(
            loop: loop,
            run: { sql in
                do {
                    let value = try inTransaction(sql, body)
                    return { done(.success(value)) }
                } catch let error as SQLFailure {
                    return { done(.failure(error.storeError)) }
                } catch let error as StoreError {
                    return { done(.failure(error)) }
                } catch {
                    return { done(.failure(StoreError(.unavailable, "\(error)"))) }
                }
            },
            reject: { done(.failure($0)) })
    }

    /// This request with `problem` for an answer, but in its turn.
    func refused(_ problem: StoreError) -> ReadRequest {
        let answer = { @Sendable [reject] in reject(problem) }
        return ReadRequest(loop: loop, run: { _ in answer }, reject: { _ in answer() })
    }

    /// All statements of one request see the same moment.
    private static func inTransaction<Value>(
        _ sql: StatementCache, _ body: (StatementCache) throws -> Value
    ) throws -> Value {
        try sql("BEGIN").run()
        defer { sqlite3_exec(sql.connection, "ROLLBACK", nil, nil, nil) }
        return try body(sql)
    }
}

/// A thread with a connection that only reads. Every request sees what was committed before it began, so whatever
/// was acknowledged before a read was asked for is in its answer.
enum ReaderThread {
    /// Starts the thread. It ends, closes `database` and opens `ended` when `queue` is closed and empty.
    static func start(
        _ database: DatabaseQueue, _ queue: RequestQueue<ReadRequest>, name: String, logger: Logger, ended: Latch
    ) {
        let thread = Thread {
            database.inDatabase { db in
                guard let connection = db.sqliteConnection else { return }
                let sql = StatementCache(connection)
                while let group = queue.take(timeout: nil) { answer(group, sql) }
            }
            do { try database.close() } catch {
                logger.error("A reader of the store did not close cleanly", metadata: ["error": "\(error)"])
            }
            ended.open()
        }
        thread.name = name
        thread.start()
    }

    private static func answer(_ group: [ReadRequest], _ sql: StatementCache) {
        var answers = Answers()
        for request in group { answers.add(request.loop, request.run(sql)) }
        answers.send()
    }
}
