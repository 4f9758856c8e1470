/// Lets one thing at a time through, in the order of asking. Belongs to one actor.
struct Turnstile {
    /// Something is on its way through.
    private(set) var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    init() {}

    /// - Returns: False if the caller must wait by `append`.
    mutating func enter() -> Bool {
        if isBusy { return false }
        isBusy = true
        return true
    }

    mutating func append(_ continuation: CheckedContinuation<Void, Never>) { queue.append(continuation) }

    mutating func leave() {
        if queue.isEmpty { isBusy = false } else { queue.removeFirst().resume() }
    }
}
