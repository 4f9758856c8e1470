import NIOCore

/// Tasks that have their turns one at a time, in the order in which they came.
///
/// A turn may last longer than the call that began it: until `finish`, or until `setAside` if the task goes on in a later turn.
struct TaskQueue<Task> {
    private var waiting = CircularBuffer<Task>()
    private var isBusy = false
    private var aside = 0

    /// Nothing waits, nothing has its turn, and nothing is set aside.
    var isIdle: Bool { waiting.isEmpty && !isBusy && aside == 0 }

    /// A task waits whose turn may begin.
    var hasNext: Bool { !isBusy && !waiting.isEmpty }

    mutating func submit(_ task: Task) { waiting.append(task) }

    /// The task whose turn begins now, if one waits and none has its turn.
    mutating func next() -> Task? {
        guard !isBusy, let task = waiting.popFirst() else { return nil }
        isBusy = true
        return task
    }

    /// The task that has its turn is done.
    mutating func finish() {
        precondition(isBusy, "a turn ended twice")
        isBusy = false
    }

    /// The turn is over, the task is not: `takeUp` gives it another.
    mutating func setAside() {
        finish()
        aside += 1
    }

    /// A task that was set aside waits for its next turn, behind those that came meanwhile.
    mutating func takeUp(_ task: Task) {
        precondition(aside > 0, "no task is set aside")
        aside -= 1
        waiting.append(task)
    }
}
