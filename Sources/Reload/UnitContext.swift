import Host

/// A unit's files, for the host modules of one generation. Whatever is read or looked for is noted: a change of it loads the
/// unit anew.
final class UnitContext: UnitFiles {
    let source: UnitSource
    private let layout: ProjectLayout
    /// The files of the prepare; nil once the unit runs.
    var snapshot: SourceSnapshot?
    /// What `nightjar.data` has read, by path: still there when handlers ask again.
    private var data: [String: [UInt8]] = [:]
    /// What `nightjar.files` has listed, by folder.
    private var listings: [String: [String]] = [:]
    private(set) var required: [RequiredModule] = []
    /// Text of the files that were read, by label; shares its memory with the snapshot.
    private(set) var sources: [String: [UInt8]] = [:]
    /// Every file that was read or looked for.
    private(set) var files: [String: SourceSnapshot.State] = [:]

    init(source: UnitSource, layout: ProjectLayout, snapshot: SourceSnapshot) {
        self.source = source
        self.layout = layout
        self.snapshot = snapshot
    }

    func read(_ file: SourceFile) throws(FileFailure) -> [UInt8] {
        guard let snapshot else { throw .missing }
        return try read(file, snapshot)
    }

    /// Reads a file of the prepare and notes it as a dependency.
    func read(_ file: SourceFile, _ snapshot: SourceSnapshot) throws(FileFailure) -> [UInt8] {
        defer { files[file.path] = snapshot.state(file.path) }
        let bytes = try snapshot.read(file.path)
        if file.label.hasSuffix(".lua") { sources[file.label] = bytes }
        return bytes
    }

    /// Notes that `require` has found a module.
    func noteRequired(_ module: RequiredModule) {
        if !required.contains(where: { $0.name == module.name }) { required.append(module) }
    }

    func sharedEngine(_ name: String) -> SourceFile? { layout.sharedEngine(name) }
    func sharedFolder(_ name: String) -> SourceFile? { layout.sharedFolder(name) }

    func data(_ path: String, shipped: Bool) throws(FileProblem) -> [UInt8] {
        let key = (shipped ? "shipped " : "") + path
        if let known = data[key] { return known }
        guard let snapshot else {
            throw FileProblem("nightjar.data reads files only while the script loads; \"\(path)\" was not read then")
        }
        var file = try ModuleNames.dataFile(path, unit: source)
        if !shipped, let own = layout.operatorFile(path, unit: source) {
            // Looked for, so that one that comes later is found.
            let isThere = snapshot.exists(own.path)
            files[own.path] = snapshot.state(own.path)
            if isThere { file = own }
        }
        do throws(FileFailure) {
            let bytes = try read(file, snapshot)
            data[key] = bytes
            return bytes
        } catch {
            throw FileProblem("\(file.label) \(error.sentence("is missing"))")
        }
    }

    func operatorFolder(_ folder: String) -> String? { layout.operatorFile(folder, unit: source)?.path }

    func list(_ folder: SourceFile) -> [String]? {
        guard let snapshot else { return nil }
        files[folder.path] = snapshot.listingState(folder.path)
        return snapshot.list(folder.path)
    }

    func names(in path: String) throws(FileProblem) -> [String] {
        if let known = listings[path] { return known }
        guard snapshot != nil else {
            throw FileProblem("nightjar.files lists folders only while the script loads; \"\(path)\" was not listed then")
        }
        let folder = try ModuleNames.dataFile(path, unit: source)
        guard let names = list(folder) else { throw FileProblem("there is no folder \(folder.label)") }
        listings[path] = names
        return names
    }
}
