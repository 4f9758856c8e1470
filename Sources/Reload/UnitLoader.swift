import Bytes
import Host
import Logging
import LuaRuntime
import NIOPosix

/// Makes generations of units: files read, compiled and run, declarations collected. Used on the control loop only.
struct UnitLoader {
    let services: HostServices
    let layout: ProjectLayout
    let limits: LuaLimits
    let listeners: Set<String>?
    /// What has been compiled before, by any of the loaders that have these.
    var chunks = CompiledChunks()

    /// A loader for states that are thrown away: what they log, count, store or ask for reaches nobody.
    static func trial(_ configuration: ScriptHostConfiguration, _ registry: HostRegistry, chunks: CompiledChunks = CompiledChunks()) -> UnitLoader {
        let services = HostServices(
            logger: Logger(label: "trial") { _ in SwiftLogNoOpLogHandler() }, registry: registry, rooms: nil,
            threadPool: NIOThreadPool(numberOfThreads: 1), limits: configuration.runtimeLimits, debug: true, wallClock: systemWallClock)
        return UnitLoader(
            services: services, layout: configuration.layout, limits: configuration.luaLimits, listeners: configuration.listeners,
            chunks: chunks)
    }

    /// What an attempt came to, with the files it depends on in either case.
    struct Attempt {
        var result: Result<Generation, ScriptError>
        var files: [String: SourceSnapshot.State]

        /// Nil: it has failed.
        var generation: Generation? { try? result.get() }
    }

    /// Loads one generation. A unit that runs on several workers is loaded once for each, from one snapshot.
    ///
    /// - Parameters:
    ///   - likely: The limits of what the unit was before; nil: the usual ones.
    ///   - isAhead: Nobody knows yet whether it will run: what the scripts do is put off, see `Generation.doHeldActs`.
    func load(
        _ source: UnitSource, number: GenerationNumber, snapshot: SourceSnapshot, likely: LuaLimits? = nil, isAhead: Bool = false
    ) -> Attempt {
        var used = likely ?? limits
        while true {
            let attempt = attempt(source, number: number, snapshot: snapshot, limits: used, isAhead)
            switch attempt.result {
            // What the module says about its limits is known only once it has run; it then runs again within them.
            case .success(let generation) where generation.settings.limits != used:
                let said = generation.settings.limits
                generation.close()
                return self.attempt(source, number: number, snapshot: snapshot, limits: said, isAhead)
            // It may have become another one, for which those limits are too narrow.
            case .failure where used != limits: used = limits
            case .success, .failure: return attempt
            }
        }
    }

    private func attempt(
        _ source: UnitSource, number: GenerationNumber, snapshot: SourceSnapshot, limits: LuaLimits, _ isAhead: Bool
    ) -> Attempt {
        let (generation, context) = newGeneration(source, number: number, snapshot: snapshot)
        if isAhead { generation.holdActs() }
        do throws(ScriptError) {
            try run(generation, context, snapshot, limits)
            context.snapshot = nil
            if services.debug { generation.sources = context.sources }
            return Attempt(result: .success(generation), files: context.files)
        } catch {
            let explained = services.registry.explained(error, of: generation)
            generation.close()
            return Attempt(result: .failure(explained), files: context.files)
        }
    }

    /// A generation without a state.
    func newGeneration(
        _ source: UnitSource, number: GenerationNumber, snapshot: SourceSnapshot
    ) -> (generation: Generation, context: UnitContext) {
        let generation = Generation(id: source.id, number: number, services: services)
        let context = UnitContext(source: source, layout: layout, snapshot: snapshot)
        generation.files = context
        return (generation, context)
    }

    private func run(
        _ generation: Generation, _ context: UnitContext, _ snapshot: SourceSnapshot, _ limits: LuaLimits
    ) throws(ScriptError) {
        let main = try mainFile(generation, context)
        let source: [UInt8]
        do { source = try context.read(main, snapshot) } catch {
            throw ScriptError(kind: .notFound, code: "no_file", message: error.sentence("is missing"), chunk: main.label)
        }
        let state = try makeState(generation, context, limits)
        let chunk = try state.load(source, chunk: main.label)
        generation.module = try state.call(chunk, { _ in }) { (results) throws(ScriptError) -> LuaRef? in
            results.kind(0) == .table ? results.ref(0) : nil
        }
        state.release(chunk)
        guard let module = generation.module else {
            throw ScriptError(kind: .runtime, code: "no_module", message: "the file must end with `return M`, the table with the functions of the \(generation.id.kind.rawValue)", chunk: main.label)
        }
        generation.settings = try settings(generation, module, main)
        if generation.id.kind == .game {
            generation.settings.versionSite = DeclarationSite(chunk: main.label, line: UnitSettings.versionLine(in: source) ?? 1)
        }
        if generation.id.kind == .package, generation.settings.placement == .all { try state.refuseStateTable() }
        state.isLoading = false
        for module in services.registry.modules { try module.loaded(generation, main) }
    }

    /// A state with the unit's constants, ready to run files. Also for its tests.
    func makeState(_ generation: Generation, _ context: UnitContext, _ limits: LuaLimits) throws(ScriptError) -> LuaState {
        let layout = layout
        let resolve = { [unowned context] (name: String) -> Result<ModuleSource, ScriptError> in
            // The snapshot must not be kept alive by the state: it holds all files.
            guard let snapshot = context.snapshot else {
                return .failure(ScriptError(kind: .notFound, code: "no_module", message: "modules are loaded while the script loads"))
            }
            return Self.resolve(name, context, snapshot, layout)
        }
        for module in services.registry.modules {
            guard let state = try module.makeState(for: generation, limits, chunks, resolve) else { continue }
            generation.state = state
            return state
        }
        let state = try LuaState(
            name: generation.id.description, limits: limits, owner: generation, functions: services.registry.table, chunks: chunks,
            resolve: resolve)
        generation.state = state
        for module in services.registry.modules { try module.begin(generation) }
        return state
    }

    // MARK: Files

    private func mainFile(_ generation: Generation, _ context: UnitContext) throws(ScriptError) -> SourceFile {
        for module in services.registry.modules {
            if let file = try module.mainFile(of: generation, context) { return file }
        }
        return context.source.entry
    }

    private static func resolve(
        _ name: String, _ context: UnitContext, _ snapshot: SourceSnapshot, _ layout: ProjectLayout
    ) -> Result<ModuleSource, ScriptError> {
        if name == ManifestModule.name, context.source.id.kind == .game { return ManifestModule.source(of: context, snapshot) }
        let files: [SourceFile]
        do { files = try ModuleNames.candidates(name, unit: context.source, layout: layout) } catch {
            return .failure(ScriptError(kind: .argument, code: "bad_module_name", message: error.message))
        }
        for file in files {
            do {
                let source = try context.read(file, snapshot)
                context.noteRequired(RequiredModule(name: name, chunk: file.label, source: source))
                return .success(ModuleSource(bytes: source, chunk: file.label))
            } catch {
                if error == .missing { continue }
                return .failure(ScriptError(kind: .notFound, code: "no_module", message: "\(file.label) \(error.sentence(""))"))
            }
        }
        let places = files.map(\.label).joined(separator: ", no ")
        return .failure(ScriptError(kind: .notFound, code: "no_module", message: "no \(places)"))
    }

    // MARK: Settings

    /// Takes the settings out of the module table, in Lua, because only there a table is read without surprises.
    private static let settingsPrelude = """
        local m = ...
        for _, name in ipairs { "on_ready", "on_reload", "on_stop", "on_unload", "migrate" } do
          local kind = type(m[name])
          if kind ~= "nil" and kind ~= "function" then return nil, "M." .. name .. " must be a function, not a " .. kind end
        end
        local workers, listener, version = m.workers, m.listener, m.version
        if workers == nil then workers = "one" end
        if workers ~= "one" and workers ~= "all" and workers ~= "dedicated" then
          return nil, 'M.workers must be "one", "all" or "dedicated", not ' .. tostring(workers)
        end
        if listener == nil then listener = "main" end
        if type(listener) ~= "string" then return nil, "M.listener must be the name of a listener" end
        if version == nil then version = 0 end
        if math.type(version) ~= "integer" or version < 0 then return nil, "M.version must be a whole number from 0" end
        local limits = m.limits
        if limits == nil then limits = {} end
        if type(limits) ~= "table" then return nil, "M.limits must be a table" end
        local memory, slice = limits.memory_mb, limits.slice_ms
        if memory ~= nil and not (math.type(memory) == "integer" and memory >= 1 and memory <= 4096) then
          return nil, "M.limits.memory_mb must be a whole number from 1 to 4096"
        end
        if slice ~= nil and not (math.type(slice) == "integer" and slice >= 1 and slice <= 1000) then
          return nil, "M.limits.slice_ms must be a whole number from 1 to 1000"
        end
        return workers, listener, version, memory or 0, slice or 0
        """

    private func settings(_ generation: Generation, _ module: LuaRef, _ main: SourceFile) throws(ScriptError) -> UnitSettings {
        let state: LuaState = generation.state
        let prelude = try state.load(Array(Self.settingsPrelude.utf8), chunk: "=nightjar")
        defer { state.release(prelude) }
        var settings = UnitSettings()
        settings.limits = limits
        var problem: String?
        try state.call(prelude, { $0.ref(module) }) { (results) throws(ScriptError) in
            guard let workers = results.string(0), let placement = Placement(rawValue: workers) else {
                problem = results.string(1) ?? "the settings of the module cannot be read"
                return
            }
            settings.placement = placement
            settings.listener = results.string(1) ?? "main"
            settings.version = results.integer(2) ?? 0
            if let memory = results.integer(3), memory > 0 { settings.limits.memoryBytes = Int(memory) << 20 }
            if let slice = results.integer(4), slice > 0 { settings.limits.sliceDeadline = .milliseconds(slice) }
        }
        if problem == nil { problem = try ModuleFields.problem(module, generation.id.kind, in: state) }
        if problem == nil, let listeners, !listeners.contains(settings.listener) {
            problem = "there is no listener '\(settings.listener)'" + Suggestion.hint(settings.listener, among: listeners.sorted())
        }
        if let problem { throw ScriptError(kind: .runtime, code: "bad_settings", message: problem, chunk: main.label) }
        // Games are pure and needed wherever a player's home is.
        if generation.id.kind == .game { settings.placement = .all }
        return settings
    }
}
