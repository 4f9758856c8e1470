import Host

/// Which file a name in `require` stands for.
enum ModuleNames {
    /// The files to look for, in order: the unit's own, then the shared one of `lib.x` and `engines.x`. Never a file of
    /// another unit, because a name has no way to say so.
    static func candidates(
        _ name: String, unit: UnitSource, layout: ProjectLayout
    ) throws(FileProblem) -> [SourceFile] {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 16, parts.allSatisfy(ProjectLayout.isName) else {
            throw FileProblem("\"\(name)\" is no module name: write the path without .lua, with dots, like \"lib.template\"")
        }
        let path = parts.joined(separator: "/") + ".lua"
        var files = [unit.folder.file(path)]
        if parts.count > 1, parts[0] == "lib" || parts[0] == "engines", let scripts = layout.scripts.first {
            files.append(scripts.file(path))
        }
        return files
    }

    /// A file of the unit's folder named by a script (`nightjar.data`, `static`): relative, `/` between the parts, no way out.
    static func dataFile(_ path: String, unit: UnitSource) throws(FileProblem) -> SourceFile {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isFine = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x5C }
        }
        guard isFine, path.utf8.count <= 1_024 else {
            throw FileProblem("\"\(path)\" is no path inside \(unit.folder.label): write it like \"data/words.txt\", without a leading / and without ..")
        }
        return unit.folder.file(path)
    }
}
