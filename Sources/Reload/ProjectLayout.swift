import Host

extension SourceFolder {
    /// A configured path: kept as written if it is relative, shortened if it lies below the working directory, and reduced to
    /// its last part otherwise, because Lua cuts long names.
    package init(configured: String) {
        let path = Files.absolute(configured)
        let home = Files.workingDirectory
        if path.hasPrefix(home + "/") {
            self.init(path: path, label: String(path.dropFirst(home.count + 1)))
        } else if let slash = path.lastIndex(of: "/"), path.count > 1 {
            self.init(path: path, label: String(path[path.index(after: slash)...]))
        } else {
            self.init(path: path, label: path)
        }
    }
}

/// Where units and shared modules are found.
struct ProjectLayout: Sendable {
    /// Folders of a scripts folder that hold no package.
    static let sharedFolders: Set<String> = ["lib", "engines", "meta"]
    /// Units of one server; each has a Lua state at least, so thousands would not fit anyway.
    static let unitsMax = 1_000

    /// Folders with packages. The first one also holds `lib` and `engines`.
    let scripts: [SourceFolder]
    let games: SourceFolder?
    /// Folder with a folder for each package, whose files take the place of the package's own.
    let operatorFiles: SourceFolder?
    /// Folders that stand in for one in there.
    let operatorFolders: [OperatorFolder]

    /// Packages that count; nil: all.
    let packages: Set<String>?

    init(scripts: [SourceFolder], games: SourceFolder?, packages: Set<String>? = nil, operatorFiles: SourceFolder? = nil, operatorFolders: [OperatorFolder] = []) {
        self.scripts = scripts
        self.games = games
        self.operatorFiles = operatorFiles
        self.operatorFolders = operatorFolders
        self.packages = packages
    }

    /// All units, packages first, each by name, and what is wrong with their folders.
    func discover() -> (units: [UnitSource], problems: [Problem]) {
        var units: [UnitSource] = []
        var problems: [Problem] = []
        var known: [UnitID: UnitSource] = [:]
        func add(_ source: UnitSource) {
            if let other = known[source.id] {
                problems.append(Problem(
                    file: source.entry.label, line: nil, unit: source.id.description, code: "unit_twice",
                    message: "there is another \(source.id) in \(other.folder.label)"))
            } else if Self.isName(source.id.name) {
                known[source.id] = source
                units.append(source)
            } else {
                problems.append(Problem(
                    file: source.entry.label, line: nil, unit: source.id.description, code: "unit_name",
                    message: "a \(source.id.kind.rawValue)'s folder is named with letters, digits, _ and - only"))
            }
        }
        for folder in scripts {
            for entry in Files.entries(folder.path) where entry.isDirectory && !Self.sharedFolders.contains(entry.name) {
                if let packages, !packages.contains(entry.name) { continue }
                let source = UnitSource(id: .package(entry.name), folder: folder.folder(entry.name))
                if Files.stamp(source.entry.path) != nil { add(source) }
            }
        }
        if let games {
            for entry in Files.entries(games.path) where entry.isDirectory {
                let source = UnitSource(id: .game(entry.name), folder: games.folder(entry.name))
                if Files.stamp(source.entry.path) != nil { add(source) }
            }
        }
        if units.count > Self.unitsMax {
            problems.append(Problem(
                file: scripts.first?.label ?? "", line: nil, unit: nil, code: "unit_limit",
                message: "there are \(units.count) packages and games; the limit is \(Self.unitsMax)"))
            units.removeLast(units.count - Self.unitsMax)
        }
        return (units, problems)
    }

    /// Folders whose changes concern the scripts.
    var roots: [String] { (scripts.map(\.path) + [games?.path].compactMap { $0 }) }

    /// The operator's folders that are watched.
    var operatorRoots: [String] {
        (operatorFiles.map { [$0.path] } ?? []) + operatorFolders.filter(\.isWatched).map { SourceFolder(configured: $0.directory).path }
    }

    /// Where an operator's file (or folder) would be in place of one of a package; `path` is one inside the package's folder.
    func operatorFile(_ path: String, unit: UnitSource) -> SourceFile? {
        guard unit.id.kind == .package else { return nil }
        let place = unit.id.name + "/" + path
        for folder in operatorFolders where place == folder.place || place.hasPrefix(folder.place + "/") {
            let own = SourceFolder(configured: folder.directory)
            let rest = place.dropFirst(folder.place.count + 1)
            return rest.isEmpty ? SourceFile(path: own.path, label: own.label) : own.file(String(rest))
        }
        return operatorFiles?.folder(unit.id.name).file(path)
    }

    /// The engine file a game names in its manifest, unless the game's folder has its own.
    func sharedEngine(_ name: String) -> SourceFile? { scripts.first?.folder("engines").file(name + ".lua") }

    /// A folder of `lib` that packages serve.
    func sharedFolder(_ name: String) -> SourceFile? { scripts.first?.folder("lib").file(name) }

    /// Letters, digits, `_` and `-`; these names stand in paths, keys, logs and metrics.
    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F || $0 == 0x2D
            }
    }
}
