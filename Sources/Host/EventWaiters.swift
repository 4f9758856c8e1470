/// The handlers that wait for one event name, in the order they began to wait.
///
/// Who stops waiting by itself is only counted, and dropped once that is half of the list, so that leaving costs the same
/// however many wait.
struct EventWaiters {
    private(set) var jobs: ContiguousArray<(job: Job, wait: UInt32)> = []
    private(set) var count = 0

    init() {}

    mutating func add(_ job: Job) {
        jobs.append((job, job.waits))
        count += 1
    }

    /// One of them does not wait for the event any more.
    mutating func left() {
        count -= 1
        guard jobs.count > 64, jobs.count > 2 * count else { return }
        jobs.removeAll { !Self.isWaiting($0) }
    }

    /// Those who still wait.
    var waiting: [Job] { jobs.filter(Self.isWaiting).map(\.job) }

    private static func isWaiting(_ entry: (job: Job, wait: UInt32)) -> Bool {
        entry.job.isWaiting && entry.job.event != nil && entry.job.waits == entry.wait
    }
}
