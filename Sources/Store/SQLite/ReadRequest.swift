import NIOCore

/// A request to a reader.
struct ReadRequest: Request {
    let loop: any EventLoop
    let bytes = 0
    let run: @Sendable (Database) -> @Sendable () -> Void
    let reject: @Sendable (StoreError) -> Void

    static func request<Value: Sendable>(
        on loop: any EventLoop, _ done: @escaping StoreCallback<Value>,
        _ body: @escaping @Sendable (Database) throws -> Value
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
        _ sql: Database, _ body: (Database) throws -> Value
    ) throws -> Value {
        try sql("BEGIN").run()
        defer { sql.rollBack() }
        return try body(sql)
    }
}
