import Bytes
import Host
import LuaRuntime

/// One run of `nightjar check`.
struct ProjectCheck {
    /// Lua files that are looked at.
    private static let filesMax = 10_000

    private let layout: ProjectLayout
    private let configuredPackages: Set<String>
    private let loader: UnitLoader
    private let reserved: [ReservedRoutes]
    private let snapshot = SourceSnapshot()
    private var problems: [Problem] = []
    /// Files with an error that was reported: what else is wrong with them may follow from it.
    private var brokenFiles: Set<String> = []
    private let names: HostNames
    /// Where engines lie: the state they run in is pure.
    private let engineFolders: [String]

    init(_ configuration: ScriptHostConfiguration, _ modules: [any HostModule]) {
        layout = configuration.layout
        configuredPackages = configuration.configuredPackages
        let registry = HostRegistry(modules)
        names = HostNames(registry)
        engineFolders = ([layout.games].compactMap { $0 } + layout.scripts.map { $0.folder("engines") }).map { $0.path + "/" }
        loader = UnitLoader.trial(configuration, registry)
        reserved = configuration.reservedRoutes
    }

    mutating func run(_ further: (UnitID, Generation?) -> [Problem]) -> [Problem] {
        let (units, problems) = layout.discover()
        self.problems = problems
        checkFolders()
        checkConfiguredPackages(units)
        checkSyntaxAndGlobals(units)
        var claims = ClaimBook(reserved: reserved)
        for unit in units {
            if unit.id.kind == .game { checkManifest(unit) }
            checkUnit(unit, &claims, further)
            checkSpecs(unit)
        }
        var seen: Set<Problem> = []
        return self.problems.filter { seen.insert($0).inserted }
            .sorted { ($0.file, $0.line ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.message) }
    }

    private mutating func report(_ error: ScriptError, _ unit: UnitSource, file: SourceFile? = nil, code: String? = nil, prefix: String = "") {
        let label = error.chunk ?? (file ?? unit.entry).label
        brokenFiles.insert(label)
        problems.append(Problem(
            file: label, line: error.line, unit: unit.id.description, code: code ?? error.code, message: prefix + error.message))
    }

    private mutating func checkFolders() {
        // A project may do without games.
        for folder in layout.scripts where !Files.isDirectory(folder.path) {
            problems.append(Problem(file: folder.label, line: nil, unit: nil, code: "no_folder", message: "there is no such folder"))
        }
    }

    /// Settings of a package that does not exist would silently do nothing.
    private mutating func checkConfiguredPackages(_ units: [UnitSource]) {
        let packages = units.filter { $0.id.kind == .package }.map(\.id.name).sorted()
        for name in configuredPackages.sorted() where !packages.contains(name) {
            problems.append(Problem(
                file: "configuration", line: nil, unit: nil, code: "no_package",
                message: "there is no package \"\(name)\"" + Suggestion.hint(name, among: packages)))
        }
    }

    // MARK: Files

    /// Every Lua file, used or not.
    private mutating func checkSyntaxAndGlobals(_ units: [UnitSource]) {
        let probe = UnitSource(id: .package("check"), folder: SourceFolder(path: "/", label: ""))
        let (generation, context) = loader.newGeneration(probe, number: GenerationNumber(number: 0), snapshot: snapshot)
        defer { generation.close() }
        guard let state = try? loader.makeState(generation, context, loader.limits), let declared = Self.declaredNames(state) else { return }
        let engines = Set(units.compactMap { engine(of: $0) })
        for file in luaFiles() {
            let unit = units.first { file.path.hasPrefix($0.folder.path + "/") }?.id.description
            guard let source = try? snapshot.read(file.path) else { continue }
            do throws(ScriptError) {
                state.release(try state.load(source, chunk: file.label))
            } catch {
                brokenFiles.insert(file.label)
                problems.append(Problem(file: file.label, line: error.line, unit: unit, code: error.code, message: error.message))
                continue
            }
            for use in GlobalsFinder.find(in: source) where use.isWrite || !declared.contains(use.name) {
                problems.append(Problem(
                    file: file.label, line: use.line, unit: unit, code: "undeclared_global",
                    message: use.isWrite
                        ? "assignment to the global variable '\(use.name)'; write `local` before its first use"
                        : "'\(use.name)' is not declared"))
            }
            checkMembers(source, file, unit, engines.contains(file.path) ? ModuleFields.engineFields : [])
        }
    }

    /// Path of the file with a game's engine: its own, or the one its manifest names.
    private func engine(of unit: UnitSource) -> String? {
        guard unit.id.kind == .game else { return nil }
        let own = unit.folder.file("engine.lua").path
        guard Files.stamp(own) == nil, let manifest = try? snapshot.read(unit.entry.path) else { return own }
        return manifest.withUnsafeBytes { (try? JSONObject($0))?.member("engine")?.string }.flatMap { layout.sharedEngine($0)?.path }
    }

    /// What a file asks the host for: whether it is there, and whether an engine may have it.
    private mutating func checkMembers(_ source: [UInt8], _ file: SourceFile, _ unit: String?, _ fields: [HostField]) {
        let isEngine = engineFolders.contains { file.path.hasPrefix($0) } && !file.path.contains("/spec/")
        for mistake in MemberFinder.mistakes(in: source, names, moduleFields: fields) where !mistake.isImpure || isEngine {
            problems.append(Problem(
                file: file.label, line: mistake.line, unit: unit, code: mistake.isImpure ? "impure_engine" : "unknown_member",
                message: mistake.message))
        }
    }

    /// What the sandbox itself offers.
    private static func declaredNames(_ state: LuaState) -> Set<String>? {
        let source = "local names = {} for name in pairs(_G) do names[#names + 1] = name end return table.concat(names, ' ')"
        do throws(ScriptError) {
            let chunk = try state.load(source, chunk: "=check")
            defer { state.release(chunk) }
            let names = try state.call(chunk) { (results: borrowing LuaResults) throws(ScriptError) in results.string(0) ?? "" }
            return Set(names.split(separator: " ").map(String.init))
        } catch {
            return nil
        }
    }

    private func luaFiles() -> [SourceFile] {
        var result: [SourceFile] = []
        var pending = layout.scripts + [layout.games].compactMap { $0 }
        while let folder = pending.popLast(), result.count < Self.filesMax {
            for entry in Files.entries(folder.path) {
                if entry.isDirectory {
                    if entry.name != "meta" { pending.append(folder.folder(entry.name)) }
                } else if entry.name.hasSuffix(".lua") {
                    result.append(folder.file(entry.name))
                }
            }
        }
        return result.sorted { $0.label < $1.label }
    }

    // MARK: Units

    private mutating func checkManifest(_ unit: UnitSource) {
        guard let text = try? snapshot.read(unit.entry.path) else { return }
        for (line, message) in ManifestCheck.problems(text, folder: unit.folder.path) {
            problems.append(Problem(
                file: unit.entry.label, line: line, unit: unit.id.description, code: "bad_manifest", message: message))
        }
    }

    private mutating func checkUnit(
        _ unit: UnitSource, _ claims: inout ClaimBook, _ further: (UnitID, Generation?) -> [Problem]
    ) {
        let attempt = loader.load(unit, number: GenerationNumber(number: 0), snapshot: snapshot)
        switch attempt.result {
        case .failure(let error):
            // A syntax error was found already with the file itself.
            if error.kind != .syntax || !brokenFiles.contains(error.chunk ?? "") { report(error, unit) }
            problems += further(unit.id, nil)
        case .success(let generation):
            defer { generation.close() }
            problems += further(unit.id, generation)
            let candidate = Candidate(
                source: unit, number: GenerationNumber(number: 0), former: nil, snapshot: snapshot, generation: generation,
                files: attempt.files)
            let refusals = [
                RouteGate(claims: claims).refusal(candidate), FunctionGate(claims: claims).refusal(candidate),
            ]
            for refusal in refusals.compactMap(\.self) { report(refusal.error, unit) }
            if refusals.allSatisfy({ $0 == nil }) { _ = try? claims.replace(owner: unit.id.description, candidate.claims) }
        }
    }

    // MARK: Specs

    private mutating func checkSpecs(_ unit: UnitSource) {
        let known = brokenFiles
        let result = SpecRunner(loader: loader).run(unit, snapshot) { known.contains($0.label) }
        for failure in result.failures { report(failure, unit) }
    }
}
