/// Why nothing new may enter Lua on a worker right now. Empty: a message may run at once.
struct Obstacles: OptionSet {
    let rawValue: UInt8

    /// A slice runs, or its effects are being applied.
    static let running = Obstacles(rawValue: 1)
    /// Units take turns: what comes meanwhile comes last.
    static let turn = Obstacles(rawValue: 2)
    /// The tick's share is spent.
    static let spent = Obstacles(rawValue: 4)
}
