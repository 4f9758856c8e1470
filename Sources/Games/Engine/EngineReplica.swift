package import Host
import Logging
import LuaRuntime
import NIOPosix
package import Store

/// An engine put together from stored contents, apart from all units and workers: runs the rounds of its time again. Used on the
/// thread that made it, and closed there.
package final class EngineReplica {
    /// Time for one call. A replay answers nobody, and may run on a slower machine than the one that played.
    private static let deadline = Duration.seconds(2)

    let generation: Generation
    private let caller: EngineCaller

    /// - Parameter registry: What engines find; of it only what is pure is there.
    /// - Throws: ``GameFault`` when the files do not load as an engine.
    package init(_ content: EngineContent, game: String, registry: HostRegistry) throws(GameFault) {
        let services = HostServices(
            logger: Logger(label: "replay") { _ in SwiftLogNoOpLogHandler() }, registry: registry, rooms: nil,
            threadPool: NIOThreadPool(numberOfThreads: 1), debug: false, wallClock: { 0 })
        generation = Generation(id: .game(game), number: GenerationNumber(number: 0), services: services)
        do {
            caller = EngineCaller(try Self.load(content, generation), game: game)
        } catch {
            generation.close()
            throw GameFault(error, game: game, operation: "loading", definition: nil)
        }
    }

    /// Runs a journalled call again.
    package func act(_ call: GameCall) -> ActionOutcome { caller.act(call) }

    /// Brings a state into this engine's form again, see ``EngineCaller/migrated(_:settings:)``.
    package func migrated(_ slot: GameSlot, settings: GameSettings) throws(GameFault) -> GameSlot? {
        try caller.migrated(slot, settings: settings)
    }

    /// File and line in which the function for an operation begins.
    package func definition(of operation: GameCall.Operation) -> String? { caller.definition(of: operation) }

    /// Nothing may be called afterwards.
    package func close() { generation.close() }

    private static func load(_ content: EngineContent, _ generation: Generation) throws(ScriptError) -> GameProgram {
        var limits = LuaLimits()
        limits.sliceDeadline = deadline
        limits.loadDeadline = deadline
        let state = try EngineState.make(owner: generation, limits: limits) { name in
            guard let file = content.module(name) else {
                return .failure(ScriptError(kind: .notFound, code: "no_module", message: "the engine did not have it"))
            }
            return .success(ModuleSource(bytes: file.source, chunk: file.chunk))
        }
        generation.state = state
        let main = content.files[0]
        let chunk = try state.load(main.source, chunk: main.chunk)
        generation.module = try state.call(chunk) { (results: borrowing LuaResults) throws(ScriptError) in results.ref(0) }
        state.release(chunk)
        generation.settings.version = try version(generation.module, in: state)
        state.isLoading = false
        let program = try GameProgram(generation, content)
        generation.program = program
        return program
    }

    private static func version(_ module: LuaRef?, in state: LuaState) throws(ScriptError) -> Int64 {
        guard let module else { throw ScriptError(kind: .runtime, code: "bad_engine", message: "the file returns no engine") }
        let chunk = try state.load("return (...).version", chunk: "=nightjar")
        defer { state.release(chunk) }
        return try state.call(chunk, { $0.ref(module) }) { (results: borrowing LuaResults) throws(ScriptError) in results.integer(0) ?? 0 }
    }
}
