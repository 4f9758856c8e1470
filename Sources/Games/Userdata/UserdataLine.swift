import NIOCore

/// What Lua is asked about a user's data on a site.
struct UserdataQuestion {
    enum Subject {
        /// The session starts; is it the user's first?
        case start(isFirst: Bool)
        /// A message to a component.
        case message(to: String, [UInt8])
    }

    let session: HomeSession
    let subject: Subject

    var site: String { session.site.id }
}

/// Questions about one user's data, one at a time for each site: who asks gets the data as the answer before has left them.
///
/// Not bounded here: a session has as many questions as commands, see `CasinoLimits.pendingMax`.
struct UserdataLine {
    /// By site, while a question is being asked: those behind it.
    private var waiting: [String: CircularBuffer<UserdataQuestion>] = [:]

    /// May it be asked now? Else it waits for its turn.
    mutating func enter(_ question: UserdataQuestion) -> Bool {
        if waiting[question.site]?.append(question) != nil { return false }
        waiting[question.site] = []
        return true
    }

    /// The site's question is answered and done with. The next one, which may be asked now.
    mutating func leave(_ site: String) -> UserdataQuestion? {
        precondition(waiting[site] != nil, "no question is being asked about this site")
        if let next = waiting[site]?.popFirst() { return next }
        waiting[site] = nil
        return nil
    }
}
