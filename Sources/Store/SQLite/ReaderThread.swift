import Foundation
import NIOCore

/// A thread with a connection that only reads. Every request sees what was committed before it began, so whatever
/// was acknowledged before a read was asked for is in its answer.
enum ReaderThread {
    /// Starts the thread, which owns `database` from now on. It ends, closes it and opens `ended` when `queue` is closed
    /// and empty.
    static func start(_ database: sending Database, _ queue: RequestQueue<ReadRequest>, name: String, ended: Latch) {
        // Handed over: the caller keeps nothing of it, and only the new thread touches it.
        nonisolated(unsafe) let database = database
        let thread = Thread {
            while let group = queue.take(timeout: nil) { answer(group, database) }
            database.close()
            ended.open()
        }
        thread.name = name
        thread.start()
    }

    private static func answer(_ group: [ReadRequest], _ sql: Database) {
        var answers = Answers()
        for request in group { answers.add(request.loop, request.run(sql)) }
        answers.send()
    }
}
