import Bytes
import Foundation
import Logging
import NIOCore

/// The one thread that writes: takes what has queued up, does it in one transaction, answers.
final class WriterThread {
    private let session: WriteSession
    private let queue: RequestQueue<WriteRequest>
    private let places: FilePlaces
    private let faults: StoreFaults?
    private let logger: Logger
    /// Why the latest group was rejected; nil: it was not.
    private var failing: StoreError.Code?
    private var nextSweep: Int64 = 0

    private init(
        _ session: WriteSession, _ queue: RequestQueue<WriteRequest>, _ places: FilePlaces, _ faults: StoreFaults?, _ logger: Logger
    ) {
        self.session = session
        self.queue = queue
        self.places = places
        self.faults = faults
        self.logger = logger
    }

    /// Starts the thread, which owns `database` from now on. It ends, closes it and opens `ended` when `queue` is closed
    /// and empty.
    static func start(
        _ database: sending Database, _ queue: RequestQueue<WriteRequest>, places: FilePlaces, clock: @escaping WallClock,
        outboxMost: Int, faults: StoreFaults?, logger: Logger, ended: Latch
    ) {
        // Handed over: the caller keeps nothing of it, and only the new thread touches it.
        nonisolated(unsafe) let database = database
        let thread = Thread {
            do throws(SQLFailure) {
                let session = try WriteSession(database, clock: clock, outboxMost: outboxMost, faults: faults)
                WriterThread(session, queue, places, faults, logger).run()
            } catch {
                logger.critical("The store's writer could not start", metadata: ["error": "\(error)"])
            }
            queue.close()
            rejectRest(of: queue)
            database.close()
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
        while let group = queue.take(timeout: session.keys.mayExpire || session.ledger.hasUnwrittenHeads ? interval : nil) {
            if group.isEmpty { tidy { session throws(SQLFailure) in try session.ledger.writeHeads() } } else { perform(group) }
            sweepIfDue()
        }
        tidy { session throws(SQLFailure) in try session.ledger.writeHeads() }
    }

    /// Work that nobody waits for and that may as well be done later.
    private func tidy(_ work: (WriteSession) throws(SQLFailure) -> Void) {
        if failing != nil || places.problem() != nil { return }
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
        if let problem = places.problem() { return reject(group, problem) }
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
        // Once more: what was committed to a file that is gone must not be acknowledged.
        if let problem = places.problem() {
            session.distrust()
            return reject(group, problem)
        }
        if failing != nil {
            failing = nil
            logger.notice("The store works again")
        }
        if let failure = faults?.failure(at: .answer) {
            reject(group, failure)
        } else {
            answers.send()
        }
    }

    private func reject(_ group: [WriteRequest], _ error: StoreError) {
        // Once per outage and kind: while it lasts every group would say the same.
        if failing != error.code { logger.error("The store cannot write", metadata: ["error": "\(error)"]) }
        failing = error.code
        var answers = Answers()
        for request in group { answers.add(request.loop, request.reject(error)) }
        answers.send()
    }

    private func sweepIfDue() {
        guard session.keys.mayExpire, failing == nil else { return }
        let now = session.clock()
        guard now >= nextSweep || nextSweep - now > StoreLimits.sweepInterval else { return }
        nextSweep = now + StoreLimits.sweepInterval
        tidy { session throws(SQLFailure) in _ = try session.keys.sweep() }
    }
}
