import NIOCore

/// A request to the writer.
struct WriteRequest: Request {
    enum Work: Sendable {
        case commit(Transition, @Sendable (CommitResult) -> Void)
        /// `run` answers within the transaction; what it returns is called once that is durable. It throws only what
        /// must end the transaction. `reject` is called instead if the transaction fails.
        case other(
            run: @Sendable (WriteSession) throws(SQLFailure) -> @Sendable () -> Void,
            reject: @Sendable (StoreError) -> Void)
    }

    let loop: any EventLoop
    let bytes: Int
    let work: Work

    /// A request with an ordinary answer. A `StoreError` of `body` is an answer too and must be thrown before the
    /// first write.
    static func request<Value: Sendable>(
        on loop: any EventLoop, bytes: Int, _ done: @escaping StoreCallback<Value>,
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) -> WriteRequest {
        WriteRequest(
            loop: loop, bytes: bytes + 256,
            work: .other(
                run: { session throws(SQLFailure) in
                    do {
                        let value = try body(session)
                        return { done(.success(value)) }
                    } catch let error as SQLFailure {
                        throw error
                    } catch let error as StoreError {
                        return { done(.failure(error)) }
                    } catch {
                        throw SQLFailure(code: 0, message: "\(error)")
                    }
                },
                reject: { done(.failure($0)) }))
    }

    /// A request that is answered already, but in its turn.
    static func refused(on loop: any EventLoop, _ answer: @escaping @Sendable () -> Void) -> WriteRequest {
        WriteRequest(
            loop: loop, bytes: 256, work: .other(run: { _ throws(SQLFailure) in answer }, reject: { _ in answer() }))
    }

    func reject(_ error: StoreError) -> @Sendable () -> Void {
        switch work {
        case .commit(_, let done): { done(.unavailable(error)) }
        case .other(_, let reject): { reject(error) }
        }
    }
}
