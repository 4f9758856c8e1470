package import Host
package import LuaRuntime
import Store

/// What makes a unit a game: its engine, named by the manifest or lying beside it, and the context its functions get.
package struct EngineModule: HostModule {
    package var types: [HostType] { [GameContext.hostType] }
    private let missingActions = MissingActionNews()

    package init() {}

    package func mainFile(of generation: Generation, _ files: any UnitFiles) throws(ScriptError) -> SourceFile? {
        let source = files.source
        guard source.id.kind == .game else { return nil }
        let text = try read(source.entry, files, or: "is missing")
        let manifest: GameManifest
        do { manifest = try GameManifest(parsing: text, folder: source.id.name) } catch {
            throw ScriptError(kind: .syntax, code: "bad_manifest", found: error.all, chunk: source.entry.label)
        }
        generation.manifest = manifest
        let own = source.folder.file("engine.lua")
        do { _ = try files.read(own) } catch { if error == .missing { return try shared(manifest, files) } }
        return own
    }

    private func shared(_ manifest: GameManifest, _ files: any UnitFiles) throws(ScriptError) -> SourceFile {
        let entry = files.source.entry
        guard let engine = manifest.engine, let file = files.sharedEngine(engine) else {
            let slip = manifest.slip(for: "engine")
            throw ScriptError(
                kind: .notFound, code: "no_engine",
                message: "the game has neither an engine.lua nor the member \"engine\" in its manifest, which names one of Scripts/engines"
                    + (slip.map { "; it has \"\($0.name)\": did you mean \"engine\"?" } ?? ""),
                chunk: entry.label, line: slip?.line ?? 1)
        }
        do { _ = try files.read(file) } catch {
            guard error == .missing else { throw ScriptError(kind: .notFound, code: "no_file", message: error.sentence(""), chunk: file.label) }
            throw ScriptError(
                kind: .notFound, code: "no_engine",
                message: "there is no engine \"\(engine)\": \(file.label) is missing" + Suggestion.hint(engine, among: engines(beside: file, files)),
                chunk: entry.label, line: manifest.line(of: "engine") ?? 1)
        }
        return file
    }

    /// The names that a manifest could have given.
    private func engines(beside file: SourceFile, _ files: any UnitFiles) -> [String] {
        func folder(_ path: String) -> String { path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") }
        let names = files.list(SourceFile(path: folder(file.path), label: folder(file.label))) ?? []
        return names.filter { $0.hasSuffix(".lua") }.map { String($0.dropLast(4)) }
    }

    private func read(_ file: SourceFile, _ files: any UnitFiles, or missing: String) throws(ScriptError) -> [UInt8] {
        do { return try files.read(file) } catch {
            throw ScriptError(kind: .notFound, code: "no_file", message: error.sentence(missing), chunk: file.label)
        }
    }

    /// An engine must have all it needs, so that a broken one fails before it is live.
    package func loaded(_ generation: Generation, _ main: SourceFile) throws(ScriptError) {
        guard generation.id.kind == .game, let manifest = generation.manifest else { return }
        let content = try content(main, generation.files)
        let program: GameProgram
        do { program = try GameProgram(generation, content) } catch {
            throw error.chunk == nil ? ScriptError(kind: error.kind, code: error.code, message: error.message, chunk: main.label) : error
        }
        program.readsCredits = manifest.reads.contains(.credits)
        if generation.services.debug { program.missingActions = missingActions }
        generation.program = program
        generation.game = LoadedGame(manifest: manifest, version: program.version, migrates: program.migrate != nil, engine: content)
    }

    /// The files as they have run.
    private func content(_ main: SourceFile, _ files: any UnitFiles) throws(ScriptError) -> EngineContent {
        let modules = files.required.map { EngineContent.File(module: $0.name, chunk: $0.chunk, source: $0.source) }
        let content = EngineContent(
            main: EngineContent.File(module: "", chunk: main.label, source: try read(main, files, or: "is missing")), modules: modules)
        if let large = content.files.first(where: { $0.source.count > StoreLimits.valueBytes }) {
            throw ScriptError(
                kind: .argument, code: "bad_engine",
                message: "is larger than \(StoreLimits.valueBytes >> 20) MiB: an engine's files are kept with the journal", chunk: large.chunk)
        }
        guard content.files.count <= EngineContent.filesMax else {
            throw ScriptError(
                kind: .argument, code: "bad_engine", message: "requires more than \(EngineContent.filesMax - 1) modules", chunk: main.label)
        }
        return content
    }

    package func makeState(
        for generation: Generation, _ limits: LuaLimits, _ chunks: CompiledChunks, _ resolve: @escaping (String) -> Result<ModuleSource, ScriptError>
    ) throws(ScriptError) -> LuaState? {
        guard generation.id.kind == .game else { return nil }
        return try EngineState.make(owner: generation, limits: limits, chunks: chunks, resolve: resolve)
    }
}
