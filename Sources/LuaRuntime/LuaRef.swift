/// A value kept alive in one Lua state: a function or a table the host holds on to.
///
/// Plain numbers, so handing it around costs nothing; `LuaState.release` gives it back. Used with another state than its
/// own it traps.
public struct LuaRef: Hashable, Sendable {
    let slot: Int32
    let state: UInt32
}

/// A handler that waits in one Lua state. Stale handles (ended, cancelled) are detected.
public struct LuaTask: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
    let state: UInt32
}

/// How a slice ended.
public enum LuaOutcome: Sendable {
    /// The function returned; its results were given to the `read` closure.
    case returned
    /// A host function answered `.wait`; the handler goes on with `LuaState.resume` or `LuaState.raise`.
    case waiting(LuaTask)
    case failed(ScriptError)
}

/// Source text of a module, as the host found it.
public struct ModuleSource: Sendable {
    /// UTF-8 text; never a binary chunk.
    public var bytes: [UInt8]
    /// Name for messages and positions, a path relative to the project ("lib/template.lua").
    public var chunk: String

    public init(bytes: [UInt8], chunk: String) {
        self.bytes = bytes
        self.chunk = chunk
    }
}

/// Type of a value on Lua's side.
public enum LuaKind: Int32, Sendable, CustomStringConvertible {
    case none = -1
    case `nil` = 0
    case boolean = 1
    case lightUserdata = 2
    case number = 3
    case string = 4
    case table = 5
    case function = 6
    case userdata = 7
    case thread = 8

    /// As scripts know it; the only light userdata they see is JSON's null.
    public var description: String {
        switch self {
        case .none, .nil: "nil"
        case .boolean: "boolean"
        case .lightUserdata: "null"
        case .number: "number"
        case .string: "string"
        case .table: "table"
        case .function: "function"
        case .userdata: "userdata"
        case .thread: "thread"
        }
    }
}
