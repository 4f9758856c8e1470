import Store

/// What the back office knows a session by (docs/casino-backoffice.md). Ids are the back office's own texts, up to
/// ``nameBytesMax`` each.
struct Registration: Sendable, Equatable {
    /// Longest id of a session or a player that is taken: they go into keys and reports.
    static let nameBytesMax = 200

    var session: String
    var player: String
}
