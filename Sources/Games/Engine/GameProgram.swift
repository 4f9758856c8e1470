import Host
import LuaRuntime
import Store

/// The engine of one generation of a game on one worker: its functions, ready to be called. Loop-bound.
final class GameProgram {
    /// Sites whose settings are kept as Lua tables; the oldest gives way.
    static let settingsMax = 64

    let instance: Generation
    /// `M.version`, 0 if the engine does not say.
    let version: Int64
    let act: LuaRef
    let initialize: LuaRef
    let canFinish: LuaRef?
    let migrate: LuaRef?
    let timeout: LuaRef?
    let random: LuaRef
    private let actions: LuaRef
    private var actionFunctions: [String: LuaRef] = [:]
    private var settings: [(site: String, fingerprint: UInt64, table: LuaRef)] = []
    /// The call that is under way.
    var run: GameRun?
    /// Its settings and time, for the context.
    var currentSettings: LuaRef?
    var currentNow: Int64 = 0

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
    init(_ instance: Generation) throws(ScriptError) {
        guard let state = instance.state, let module = instance.module else {
            throw ScriptError(kind: .notFound, code: "bad_engine", message: "the engine is not loaded")
        }
        self.instance = instance
        version = instance.settings.version
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
        guard let function = instance.state.reference(field: name, of: actions) else { return nil }
        actionFunctions[name] = function
        return function
    }

    /// The settings as a Lua table: the same table for the same site and settings, so that engines may keep what they derive
    /// from it.
    func table(_ wanted: GameSettings, site: String) throws(ScriptError) -> LuaRef {
        for entry in settings where entry.fingerprint == wanted.fingerprint && entry.site == site { return entry.table }
        if let old = settings.firstIndex(where: { $0.site == site }) {
            instance.state.release(settings.remove(at: old).table)
        } else if settings.count >= Self.settingsMax {
            instance.state.release(settings.removeFirst().table)
        }
        let table = try instance.state.decodeJSON(wanted.json)
        settings.append((site, wanted.fingerprint, table))
        return table
    }
}

extension Generation {
    /// The game's engine, prepared at first use; nil outside of games.
    var program: GameProgram? { moduleStorage[ObjectIdentifier(GameProgram.self)] as? GameProgram }

    /// What the game's manifest says. Set by the loader.
    var manifest: GameManifest? {
        get { moduleStorage[ObjectIdentifier(GameManifest.self)] as? GameManifest }
        set { moduleStorage[ObjectIdentifier(GameManifest.self)] = newValue }
    }
}
