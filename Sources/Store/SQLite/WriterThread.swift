import Foundation
import GRDB
import Logging
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

/// The one thread that writes: takes what has queued up, does it in one transaction, answers.
final class WriterThread {
    private let session: WriteSession
    private let queue: RequestQueue<WriteRequest>
    private let faults: StoreFaults?
    private let logger: Logger
    private var failing = false
    private var nextSweep: Int64 = 0

    private init(_ session: WriteSession, _ queue: RequestQueue<WriteRequest>, _ faults: StoreFaults?, _ logger: Logger) {
        self.session = session
        self.queue = queue
        self.faults = faults
        self.logger = logger
    }

    /// Starts the thread. It ends, closes `database` and opens `ended` when `queue` is closed and empty.
    static func start(
        _ database: DatabaseQueue, _ queue: RequestQueue<WriteRequest>, clock: @escaping StoreClock,
        faults: StoreFaults?, logger: Logger, ended: Latch
    ) {
        let thread = Thread {
            do {
                try database.writeWithoutTransaction { db in
                    guard let connection = db.sqliteConnection else { return }
                    let session = try WriteSession(connection: connection, clock: clock, faults: faults)
                    WriterThread(session, queue, faults, logger).run()
                }
            } catch {
                logger.critical("The store's writer could not start", metadata: ["error": "\(error)"])
            }
            queue.close()
            rejectRest(of: queue)
            do { try database.close() } catch {
                logger.error("The store did not close cleanly", metadata: ["error": "\(error)"])
            }
            ended.open()
        }
        thread.name = "store-writer"
        thread.start()
    }

    private static func rejectRest(of queue: RequestQueue<WriteRequest>) {
        while let group = queue.take(timeout: nil) {
            var answers = Answers()
            for request in group { answers.add(request.loop, request.reject(StoreError(.closed))) }
            answers.send()
        }
    }

    private func run() {
        let interval = Double(StoreLimits.sweepInterval) / 1_000
        while let group = queue.take(timeout: session.mayExpire || !session.unwritten.isEmpty ? interval : nil) {
            if group.isEmpty { tidy { session throws(SQLFailure) in try session.writeHeads() } } else { perform(group) }
            sweepIfDue()
        }
        tidy { session throws(SQLFailure) in try session.writeHeads() }
    }

    /// Work that nobody waits for and that may as well be done later.
    private func tidy(_ work: (WriteSession) throws(SQLFailure) -> Void) {
        if failing { return }
        do throws(SQLFailure) {
            try session.begin()
            try work(session)
            try session.finish(ordered: false)
        } catch {
            session.abort()
            logger.warning("The store could not tidy up", metadata: ["error": "\(error.storeError)"])
        }
    }

    private func perform(_ group: [WriteRequest]) {
        var answers = Answers()
        do throws(SQLFailure) {
            try session.begin()
            for request in group {
                switch request.work {
                case .commit(let transition, let done):
                    let result = try session.commit(transition)
                    answers.add(request.loop) { done(result) }
                case .other(let run, _):
                    answers.add(request.loop, try run(session))
                }
            }
            try session.finish()
        } catch {
            session.abort()
            reject(group, error.storeError)
            return
        }
        if failing {
            failing = false
            logger.notice("The store works again")
        }
        if let failure = faults?.failure(at: .answer) {
            reject(group, failure)
        } else {
            answers.send()
        }
    }

    private func reject(_ group: [WriteRequest], _ error: StoreError) {
        // Once per outage: while it lasts every group would say the same.
        if !failing { logger.error("The store cannot write", metadata: ["error": "\(error)"]) }
        failing = true
        var answers = Answers()
        for request in group { answers.add(request.loop, request.reject(error)) }
        answers.send()
    }

    private func sweepIfDue() {
        guard session.mayExpire, !failing else { return }
        let now = session.clock()
        guard now >= nextSweep || nextSweep - now > StoreLimits.sweepInterval else { return }
        nextSweep = now + StoreLimits.sweepInterval
        tidy { session throws(SQLFailure) in _ = try session.sweep() }
    }
}
