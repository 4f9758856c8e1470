import Bytes
package import Host
import LuaRuntime
import Logging
import NIOPosix

extension ScriptHost {
    /// Looks for everything that can be found wrong without running the server: folders, manifests, syntax, errors while
    /// loading, clashing routes, undeclared global variables, failing specs. Reads files and runs scripts in their sandbox on
    /// the calling thread; not on an event loop.
    ///
    /// - Parameters:
    ///   - modules: What scripts can ask for: without a network, and with a store of its own.
    ///   - further: What only others know of a unit, like the sites that offer a game. Called for each with the loaded unit, which
    ///     is closed afterwards; nil if it does not load.
    /// - Returns: What is wrong, by file and line; empty if nothing is.
    package static func check(
        _ configuration: ScriptHostConfiguration, modules: [any HostModule],
        further: (UnitID, Generation?) -> [Problem] = { _, _ in [] }
    ) -> [Problem] {
        var check = ProjectCheck(configuration, modules)
        return check.run(further)
    }
}

/// One run of `nightjar check`.
struct ProjectCheck {
    /// Time for one test of a spec. Far more than a handler gets: a test may play thousands of rounds.
    private static let specDeadline = Duration.seconds(2)
    /// Lua files that are looked at.
    private static let filesMax = 10_000

    private let layout: ProjectLayout
    private let configuredPackages: Set<String>
    private let loader: UnitLoader
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
        let services = HostServices(
            logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }, registry: HostRegistry(modules), rooms: nil,
            threadPool: NIOThreadPool(numberOfThreads: 1), limits: configuration.runtimeLimits, debug: true,
            wallClock: systemWallClock)
        names = HostNames(services.registry)
        engineFolders = ([layout.games].compactMap { $0 } + layout.scripts.map { $0.folder("engines") }).map { $0.path + "/" }
        loader = UnitLoader(
            services: services, layout: layout, limits: configuration.luaLimits, listeners: configuration.listeners)
    }

    mutating func run(_ further: (UnitID, Generation?) -> [Problem]) -> [Problem] {
        let (units, problems) = layout.discover()
        self.problems = problems
        checkFolders()
        checkConfiguredPackages(units)
        checkSyntaxAndGlobals(units)
        var owners = RouteOwners()
        for unit in units {
            if unit.id.kind == .game { checkManifest(unit) }
            checkUnit(unit, &owners, further)
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
        let (instance, context) = loader.newInstance(probe, generation: GenerationNumber(number: 0), snapshot: snapshot)
        defer { instance.close() }
        guard let state = try? loader.makeState(instance, context, loader.limits), let declared = Self.declaredNames(state) else { return }
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
            checkMembers(source, file, unit)
        }
    }

    /// What a file asks the host for: whether it is there, and whether an engine may have it.
    private mutating func checkMembers(_ source: [UInt8], _ file: SourceFile, _ unit: String?) {
        let isEngine = engineFolders.contains { file.path.hasPrefix($0) } && !file.path.contains("/spec/")
        for mistake in GlobalsFinder.mistakes(in: source, names) where !mistake.isImpure || isEngine {
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
        _ unit: UnitSource, _ owners: inout RouteOwners, _ further: (UnitID, Generation?) -> [Problem]
    ) {
        let attempt = loader.load(unit, generation: GenerationNumber(number: 0), snapshot: snapshot)
        switch attempt.result {
        case .failure(let error):
            // A syntax error was found already with the file itself.
            if error.kind != .syntax || !brokenFiles.contains(error.chunk ?? "") { report(error, unit) }
            problems += further(unit.id, nil)
        case .success(let instance):
            defer { instance.close() }
            problems += further(unit.id, instance)
            let keys = instance.registrations.manifest.keys.map {
                RouteOwners.Key(listener: instance.settings.listener, method: $0.method, pattern: $0.pattern)
            }
            if let clash = owners.clash(owner: unit.id.description, keys) {
                problems.append(Problem(
                    file: unit.entry.label, line: nil, unit: unit.id.description, code: "route_taken",
                    message: "the route \(clash.key.method) \(clash.key.pattern) belongs to \(clash.owner)"))
            } else {
                owners.replace(owner: unit.id.description, keys)
            }
        }
    }

    // MARK: Specs

    private mutating func checkSpecs(_ unit: UnitSource) {
        let folder = unit.folder.folder("spec")
        for entry in Files.entries(folder.path) where !entry.isDirectory && entry.name.hasSuffix(".lua") {
            let file = folder.file(entry.name)
            guard !brokenFiles.contains(file.label) else { continue }
            do throws(ScriptError) {
                try runSpec(unit, file)
            } catch {
                report(error, unit, file: file, code: "spec_failed")
            }
        }
    }

    /// A spec is a module of functions; one that raises has failed. Each file has a state of its own.
    private mutating func runSpec(_ unit: UnitSource, _ file: SourceFile) throws(ScriptError) {
        let (instance, context) = loader.newInstance(unit, generation: GenerationNumber(number: 0), snapshot: snapshot)
        defer { instance.close() }
        let state = try loader.makeState(instance, context, loader.limits)
        guard let source = try? snapshot.read(file.path) else { return }
        let chunk = try state.load(source, chunk: file.label)
        let tests = try state.call(chunk, deadline: Self.specDeadline) { (results: borrowing LuaResults) throws(ScriptError) in
            results.kind(0) == .table ? results.ref(0) : nil
        }
        guard let tests else {
            throw ScriptError(kind: .runtime, code: "spec_failed", message: "a spec returns a table of test functions", chunk: file.label)
        }
        let names = try Self.testNames(state, tests)
        state.isLoading = false
        instance.phase = .staged
        for name in names {
            guard let test = state.reference(field: name, of: tests) else { continue }
            do throws(ScriptError) {
                try state.call(test, deadline: Self.specDeadline)
            } catch {
                report(error, unit, file: file, code: "spec_failed", prefix: "\(name): ")
            }
            instance.effects.removeAll()
            state.release(test)
        }
    }

    private static func testNames(_ state: LuaState, _ tests: LuaRef) throws(ScriptError) -> [String] {
        let source = """
            local names = {}
            for name, test in pairs(...) do
              if type(name) == "string" and type(test) == "function" then names[#names + 1] = name end
            end
            table.sort(names)
            return table.concat(names, "\\n")
            """
        let chunk = try state.load(source, chunk: "=check")
        defer { state.release(chunk) }
        let text = try state.call(chunk, { $0.ref(tests) }) { (results: borrowing LuaResults) throws(ScriptError) in results.string(0) ?? "" }
        return text.split(separator: "\n").map(String.init)
    }
}
