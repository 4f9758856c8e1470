import Host
import LuaRuntime
import Store

/// The engine of one generation of a game in one Lua state: its functions, ready to be called by an ``EngineCaller``.
/// Loop-bound.
final class GameProgram {
    /// Sites whose settings are kept as Lua tables; the oldest gives way.
    static let settingsMax = 64

    let generation: Generation
    let engine: EngineContent
    /// `M.version`, 0 if the engine does not say.
    let version: Int64
    let act: LuaRef
    let initialize: LuaRef
    let canFinish: LuaRef?
    let migrate: LuaRef?
    let timeout: LuaRef?
    let random: LuaRef
    /// May the engine know the balance? Set by the loader; a replay of what was played asks nobody.
    var readsCredits = true
    /// Whom to tell of actions that states offer and the engine lacks; nil: nobody, as in production.
    var missingActions: MissingActionNews?
    private let actions: LuaRef
    private var actionFunctions: [String: LuaRef] = [:]
    private var settings: [(site: String, fingerprint: UInt64, table: LuaRef)] = []
    /// The call that is under way.
    var run: GameRun?
    /// Its number, by which its context is known.
    var callNumber: Int64 = 0
    /// Its settings and time, for the context.
    var currentSettings: LuaRef?
    var currentNow: Int64 = 0
    /// The state a call starts from, without its id; kept to spare the memory.
    var stateText: [UInt8] = []

    /// Calls an engine's function and says whether the player may leave afterwards, in one visit to Lua. A state made by an
    /// older version is migrated first.
    private static let prelude = """
        return function(f, can_finish, state, params, ctx, migrate, from, settings)
          if migrate then state = migrate(from, state, settings) end
          local next_state, code, detail = f(state, params, ctx)
          if next_state == nil then return nil, code, detail end
          return next_state, can_finish == nil or (can_finish(next_state) and true or false)
        end
        """

    /// - Throws: ``ScriptError`` when the engine lacks what it must have.
    init(_ generation: Generation, _ engine: EngineContent) throws(ScriptError) {
        guard let state = generation.state, let module = generation.module else {
            throw ScriptError(kind: .notFound, code: "bad_engine", message: "the engine is not loaded")
        }
        self.generation = generation
        self.engine = engine
        version = generation.settings.version
        guard let initialize = state.reference(field: "init", of: module), let actions = state.reference(field: "actions", of: module) else {
            throw ScriptError(kind: .notFound, code: "bad_engine", message: "an engine returns a table with the function init and the table actions")
        }
        self.initialize = initialize
        self.actions = actions
        canFinish = state.reference(field: "can_finish", of: module)
        migrate = state.reference(field: "migrate", of: module)
        timeout = state.reference(field: "timeout", of: module)
        let chunk = try state.load(Array(Self.prelude.utf8), chunk: "=nightjar")
        let function = try state.call(chunk, { (_: inout LuaArguments) in }) { (results: borrowing LuaResults) throws(ScriptError) in results.ref(0) }
        state.release(chunk)
        guard let function else { throw ScriptError(kind: .memory, code: "memory", message: "no memory for the engine") }
        act = function
        random = try state.makeRandom()
    }

    /// The function of an action, or nil.
    func action(_ name: String) -> LuaRef? {
        if let known = actionFunctions[name] { return known }
        guard let function = generation.state.reference(field: name, of: actions) else { return nil }
        actionFunctions[name] = function
        return function
    }

    /// The names of all actions, sorted: for messages.
    func actionNames() -> [String] {
        let state: LuaState = generation.state
        guard state.kind(actions) == .table, let chunk = try? state.load("return ...", chunk: "=nightjar") else { return [] }
        defer { state.release(chunk) }
        var names: [String] = []
        try? state.call(chunk, { $0.ref(self.actions) }) { (results: borrowing LuaResults) throws(ScriptError) in
            let view = results.view
            results.forEachPair(0) { key, _ in
                if let name = view.string(key) { names.append(name) }
            }
        }
        return names.sorted()
    }

    /// The settings as a Lua table that cannot be changed: the same table for the same site and settings, so that engines may
    /// keep what they derive from it.
    func table(_ wanted: GameSettings, site: String) throws(ScriptError) -> LuaRef {
        for entry in settings where entry.fingerprint == wanted.fingerprint && entry.site == site { return entry.table }
        if let old = settings.firstIndex(where: { $0.site == site }) {
            generation.state.release(settings.remove(at: old).table)
        } else if settings.count >= Self.settingsMax {
            generation.state.release(settings.removeFirst().table)
        }
        let table = try generation.state.decodeJSON(wanted.json, readOnly: true)
        settings.append((site, wanted.fingerprint, table))
        return table
    }

    /// Keys the generator for the step that is open.
    func rekey() { run?.key.withBytes { generation.state.seedRandom(random, key: $0) } }

    /// Where a function of the engine begins: file and line.
    func definition(of function: LuaRef) -> String? {
        generation.state.definition(of: function).map { "\($0.chunk):\($0.line)" }
    }

    /// Closes a step with the engine's state and, unless it is the last one, takes a fresh key for the next.
    @discardableResult
    func closeStep(_ state: UnsafeRawBufferPointer, isLast: Bool) -> GameRun.Verdict {
        let draws = generation.state.randomDraws(random)
        guard let verdict = run?.close(state, draws: draws) else { return .raise("ctx is valid only while an action runs") }
        guard verdict == .taken, !isLast else { return verdict }
        run?.rekey()
        if let fault = run?.fault { return .raise(fault.message) }
        rekey()
        return .taken
    }
}

extension Generation {
    /// The game's engine; nil outside of games. Set by the loader.
    var program: GameProgram? {
        get { moduleStorage[ObjectIdentifier(GameProgram.self)] as? GameProgram }
        set { moduleStorage[ObjectIdentifier(GameProgram.self)] = newValue }
    }

    /// What the game's manifest says, while the game is loaded; later it is in `game`.
    var manifest: GameManifest? {
        get { moduleStorage[ObjectIdentifier(GameManifest.self)] as? GameManifest }
        set { moduleStorage[ObjectIdentifier(GameManifest.self)] = newValue }
    }

    /// What is known of the game; nil outside of games. Set by the loader.
    var game: LoadedGame? {
        get { moduleStorage[ObjectIdentifier(LoadedGame.self)] as? LoadedGame }
        set { moduleStorage[ObjectIdentifier(LoadedGame.self)] = newValue }
    }
}
