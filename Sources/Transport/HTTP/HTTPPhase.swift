/// What a connection that speaks HTTP is about.
enum HTTPPhase {
    /// Between requests.
    case idle
    /// A request's head is known, its body comes in.
    case receiving
    /// A responder has the request.
    case answering
    /// A long body goes out.
    case streaming
    /// The last answer went out; input is dropped until the connection ends.
    case ending
    /// Handed over to a WebSocket.
    case upgraded
    case closed

    /// What the client sends is decoded now.
    var takesInput: Bool { self == .idle || self == .receiving }

    /// An answer is due or under way.
    var isAnswering: Bool { self == .answering || self == .streaming }

    /// What the client sends is of no use any more.
    var isOver: Bool { !takesInput && !isAnswering }
}
