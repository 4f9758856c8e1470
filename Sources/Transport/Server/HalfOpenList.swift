/// Connections that have not sent a whole request yet, oldest first. Above the limit the oldest goes, so that silent
/// connections in any number keep nobody out for longer than it takes to send a request.
final class HalfOpenList {
    let limit: Int
    private(set) var count = 0
    private var first: HTTPConnection?
    // Unsafe because every member is held by `first` and the links after it, and leaves the list before it goes.
    private unowned(unsafe) var last: HTTPConnection?

    init(limit: Int) { self.limit = limit }

    /// Appends; returns the oldest if there are too many now. The caller closes it.
    func append(_ connection: HTTPConnection) -> HTTPConnection? {
        connection.halfOpenPrevious = last
        if let last { last.halfOpenNext = connection } else { first = connection }
        last = connection
        connection.isHalfOpen = true
        count += 1
        return count > limit ? first : nil
    }

    func remove(_ connection: HTTPConnection) {
        guard connection.isHalfOpen else { return }
        connection.isHalfOpen = false
        let next = connection.halfOpenNext
        let previous = connection.halfOpenPrevious
        connection.halfOpenNext = nil
        connection.halfOpenPrevious = nil
        if let next { next.halfOpenPrevious = previous } else { last = previous }
        if let previous { previous.halfOpenNext = next } else { first = next }
        count -= 1
    }
}
