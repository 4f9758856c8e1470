/// A use of a name that is no local variable.
struct GlobalUse: Hashable, Sendable {
    var name: String
    /// From 1.
    var line: Int
    var isWrite: Bool
}

/// Finds the global variables that a Lua source reads and writes.
struct GlobalsFinder: SourceVisitor {
    private var uses: [GlobalUse] = []

    /// All uses, in the order of the text.
    static func find(in source: [UInt8]) -> [GlobalUse] { SourceWalk.through(source, GlobalsFinder()).uses }

    private init() {}

    mutating func global(_ name: String, line: Int, isWrite: Bool) { uses.append(GlobalUse(name: name, line: line, isWrite: isWrite)) }
}
