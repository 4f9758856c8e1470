/// Something that is wrong with a script, a manifest or a folder, for a person to mend.
public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// As seen from the project's folder: `Scripts/casino/main.lua`.
    public var file: String
    /// From 1; nil: the file or folder as a whole.
    public var line: Int?
    /// `package casino`, `game joker_bingo`; nil: no particular one.
    public var unit: String?
    /// Stable, for programs.
    public var code: String
    public var message: String

    public init(file: String, line: Int?, unit: String?, code: String, message: String) {
        self.file = file
        self.line = line
        self.unit = unit
        self.code = code
        self.message = message
    }

    /// `file:line: message`, as editors and compilers write it.
    public var description: String {
        line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
    }
}
