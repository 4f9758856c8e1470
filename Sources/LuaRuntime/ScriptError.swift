/// What went wrong in a script, or on the way into it.
public struct ScriptError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The class of the failure.
    public enum Kind: String, Sendable {
        /// The source does not compile.
        case syntax
        /// The script raised an error.
        case runtime
        /// A slice overran its deadline, or a wait was ended by the host.
        case timeout
        /// The state is over its memory limit.
        case memory
        /// What the host passed in is not acceptable (bad JSON, bad plain bytes, a closed state).
        case argument
        /// A module, reference or waiting task that is not there (any more).
        case notFound
    }

    /// Immutable, so that copies of an error cost one reference and an outcome stays small.
    private final class Contents: Sendable {
        let kind: Kind
        let code: String
        let message: String
        let chunk: String?
        let line: Int?
        let traceback: String?

        init(_ kind: Kind, _ code: String, _ message: String, _ chunk: String?, _ line: Int?, _ traceback: String?) {
            self.kind = kind
            self.code = code
            self.message = message
            self.chunk = chunk
            self.line = line
            self.traceback = traceback
        }
    }

    private let contents: Contents

    public init(
        kind: Kind, code: String, message: String, chunk: String? = nil, line: Int? = nil, traceback: String? = nil
    ) {
        contents = Contents(kind, code, message, chunk, line, traceback)
    }

    /// Mistakes of a file that were found together: the first by its line, the others with theirs behind it.
    ///
    /// - Parameter found: Not empty.
    package init(kind: Kind, code: String, found: [(line: Int, message: String)], chunk: String) {
        let sorted = found.sorted { $0.line < $1.line }
        self = ScriptError(kind: kind, code: code, message: sorted[0].message, chunk: chunk, line: sorted[0].line).adding(sorted.dropFirst())
    }

    /// The same with what else is wrong with the file.
    package func adding(_ others: some Collection<(line: Int, message: String)>) -> ScriptError {
        let shown = others.prefix(Self.othersMax).map { "; line \($0.line): \($0.message)" }.joined()
        let rest = others.count > Self.othersMax ? "; and \(others.count - Self.othersMax) more" : ""
        return ScriptError(kind: kind, code: code, message: message + shown + rest, chunk: chunk, line: line, traceback: traceback)
    }

    /// Further mistakes in one message, which is a line in a log and a notice on a page.
    private static let othersMax = 7

    public var kind: Kind { contents.kind }
    /// Stable code: `syntax`, `runtime`, `timeout`, `memory`, `argument`, `not_found` … or the string field `code` of the
    /// table a script raised.
    public var code: String { contents.code }
    /// For people; without the position.
    public var message: String { contents.message }
    /// Name of the chunk the error was raised in, as given to `LuaState.load`.
    public var chunk: String? { contents.chunk }
    /// Line in `chunk`, from 1.
    public var line: Int? { contents.line }
    /// The calls that led there, one per line. For logs only, never for clients.
    public var traceback: String? { contents.traceback }

    /// The text of an argument is JSON, but nothing that Lua can hold: a number like 1e999, lists in lists in lists. Whoever gave it is
    /// to hear so; the script has done nothing.
    public static let unreadableArgument = "unreadable_json"
    package var isUnreadableArgument: Bool { kind == .argument && code == Self.unreadableArgument }

    /// `chunk:line: message`, as far as known.
    public var description: String {
        switch (chunk, line) {
        case (let chunk?, let line?): "\(chunk):\(line): \(message)"
        case (let chunk?, nil): "\(chunk): \(message)"
        default: message
        }
    }

    public static func == (a: ScriptError, b: ScriptError) -> Bool {
        a.kind == b.kind && a.code == b.code && a.message == b.message && a.chunk == b.chunk && a.line == b.line
            && a.traceback == b.traceback
    }
}
