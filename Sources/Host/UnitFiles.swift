/// The files of a unit, as host modules see them. Kept with the generation, used where the generation is.
package protocol UnitFiles: AnyObject {
    var source: UnitSource { get }

    /// A file of the unit's folder named by a script, or the operator's that takes its place; read while the unit is loaded, kept
    /// for later.
    ///
    /// - Parameter shipped: Only the one of the unit's folder counts.
    func data(_ path: String, shipped: Bool) throws(FileProblem) -> [UInt8]
    /// Absolute path of the operator's folder whose files are served in place of those of a folder of the unit's; it need not be there.
    func operatorFolder(_ folder: String) -> String?
    /// Names of the files in a folder of the unit's, sorted; listed while the unit is loaded, kept for later.
    func names(in folder: String) throws(FileProblem) -> [String]

    /// Reads a file while the unit is loaded, and notes that the unit depends on it.
    func read(_ file: SourceFile) throws(FileFailure) -> [UInt8]
    /// Names of the files directly in a folder, sorted, while the unit is loaded, and notes that the unit depends on it; nil:
    /// there is no such folder.
    func list(_ folder: SourceFile) -> [String]?
    /// The modules that `require` has found while the unit was loaded, each once, in the order of their first use.
    var required: [RequiredModule] { get }
    /// The file `engines/NAME.lua` that games may share; nil: there are no such folders.
    func sharedEngine(_ name: String) -> SourceFile?
    /// A folder in `lib`, which all packages share; it need not be there. nil: there are no such folders.
    func sharedFolder(_ name: String) -> SourceFile?
}

/// A module as `require` has found it.
package struct RequiredModule: Sendable {
    /// The name it is required by.
    package let name: String
    /// The file's name in messages.
    package let chunk: String
    package let source: [UInt8]

    package init(name: String, chunk: String, source: [UInt8]) {
        self.name = name
        self.chunk = chunk
        self.source = source
    }
}

/// What is wrong with a file a script has named, as a sentence for its author.
package struct FileProblem: Error {
    package var message: String

    package init(_ message: String) { self.message = message }
}

/// Why a file was not read.
package enum FileFailure: Error, Equatable {
    case missing
    case tooLarge(limit: Int)
    case unreadable(String)

    /// What is wrong with a file, following its name.
    package func sentence(_ missing: String) -> String {
        switch self {
        case .missing: missing
        case .tooLarge(let limit): "is larger than \(limit >> 20) MiB"
        case .unreadable(let reason): "cannot be read: \(reason)"
        }
    }
}
