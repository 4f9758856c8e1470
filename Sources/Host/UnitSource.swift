/// A folder with the name it has in error messages.
package struct SourceFolder: Hashable, Sendable {
    /// Absolute.
    package let path: String
    /// Relative to the project as a rule: `Scripts/casino`. Chunk names and problems are built from it.
    package let label: String

    package init(path: String, label: String) {
        self.path = path
        self.label = label
    }

    package func folder(_ name: String) -> SourceFolder { SourceFolder(path: path + "/" + name, label: label + "/" + name) }
    package func file(_ name: String) -> SourceFile { SourceFile(path: path + "/" + name, label: label + "/" + name) }
}

/// A file with the name it has in error messages.
package struct SourceFile: Hashable, Sendable {
    package let path: String
    package let label: String

    package init(path: String, label: String) {
        self.path = path
        self.label = label
    }
}

/// A unit on disk.
package struct UnitSource: Hashable, Sendable {
    package let id: UnitID
    package let folder: SourceFolder

    package init(id: UnitID, folder: SourceFolder) {
        self.id = id
        self.folder = folder
    }
    /// `main.lua` of a package, `manifest.json` of a game: what makes the folder a unit.
    package var entry: SourceFile { folder.file(id.kind == .package ? "main.lua" : "manifest.json") }
}
