import Host
import LuaRuntime

/// What the table that a unit's main file returns may say. Other fields are the author's own, as long as they are not so near
/// to one of these that a slip is likelier than a purpose: `M.worker` would silently do nothing.
enum ModuleFields {
    private static let limits = HostClass(
        "nightjar.Limits", "Bounds of a unit that needs others than the usual ones.",
        fields: [
            HostField("memory_mb", .integer, in: 1...4_096, about: "MiB of memory; default 64."),
            HostField("slice_ms", .integer, in: 1...1_000, about: "Milliseconds that a handler may work without waiting; default 20."),
        ])

    private static let package = HostClass(
        "nightjar.Package", open: true, "What the main file of a package returns.",
        fields: [
            HostField("workers", .string, as: "\"one\"|\"all\"|\"dedicated\"", about: "Where it runs; default \"one\"."),
            HostField("listener", .string, about: "The listener of its routes; default \"main\"."),
            HostField("version", .integer, about: "Raise it when what is in `nightjar.state` changes its shape; default 0."),
            HostField("limits", .table, as: "nightjar.Limits"),
            HostField(
                "migrate", .function, as: "fun(from: integer, state: table): table",
                about: "Gets what a generation of a lower version kept; returns what this one keeps."),
            HostField("on_ready", .function, as: "fun()", about: "Once, after the package was first loaded."),
            HostField("on_reload", .function, as: "fun()", about: "Before a generation takes over, the first one too; may come again."),
            HostField("on_stop", .function, as: "fun()", about: "The server is about to end; sockets are still open."),
            HostField("on_unload", .function, as: "fun()", about: "The package was removed, or the server ends."),
        ])

    private static let engine = HostClass(
        "nightjar.Engine", open: true, "What the engine of a game returns.",
        fields: [
            HostField(
                "init", .function, as: "fun(settings: table, ctx: nightjar.Context): nightjar.GameState", required: true,
                about: "Makes the first state; raises an error if the settings contradict each other."),
            HostField(
                "actions", .table, as: "table<string, fun(state: nightjar.GameState, params: table, ctx: nightjar.Context): nightjar.GameState?, string?, string?>",
                required: true, about: "By name; each returns the next state, or nil, a code and a text."),
            HostField("version", .integer, about: "Raise it when the state changes its shape; default 0."),
            HostField(
                "migrate", .function, as: "fun(from: integer, state: nightjar.GameState, settings: table): nightjar.GameState",
                about: "Gets a state that a lower version left; returns it in this one's shape."),
            HostField(
                "can_finish", .function, as: "fun(state: nightjar.GameState): boolean", about: "May the player leave now? Without it: always."),
            HostField(
                "timeout", .function, as: "fun(state: nightjar.GameState, ctx: nightjar.Context): nightjar.GameState",
                about: "Ends a round that has been open for too long."),
            HostField("limits", .table, as: "nightjar.Limits"),
        ])

    private static let state = HostClass(
        "nightjar.GameState", open: true, "The state of a game.",
        fields: [
            HostField("name", .string, required: true, about: "Yours to choose."),
            HostField("data", .table, required: true, about: "What the player may see, all of it."),
            HostField("actions", .table, as: "string[]", required: true, about: "Names of the actions allowed now."),
            HostField("private", .table, about: "What the engine keeps to itself: stored and handed back, never sent."),
        ])

    /// What the host finds in the table that an engine returns.
    static var engineFields: [HostField] { engine.fields }

    /// For the editor.
    static let tables = [package, engine, state, limits]

    /// Fields that are looked at; a table with more is no list of settings.
    private static let fieldsMax = 1_000

    /// Why a module table is refused; nil if nothing in it looks misspelt.
    static func problem(_ module: LuaRef, _ kind: UnitID.Kind, in state: LuaState) throws(ScriptError) -> String? {
        let known = (kind == .game ? engine : package).fields.map(\.name)
        for name in try names(of: module, in: state) where !known.contains(name) && !name.hasPrefix("_") {
            guard let meant = Suggestion.nearest(name, among: known) else { continue }
            return "unknown field 'M.\(name)'; did you mean 'M.\(meant)'? (Fields of your own need a name that is not so near, or one with _ in front.)"
        }
        guard let table = state.reference(field: "limits", of: module) else { return nil }
        defer { state.release(table) }
        for name in try names(of: table, in: state) where !limits.fields.contains(where: { $0.name == name }) {
            return "unknown field 'M.limits.\(name)'" + Suggestion.hint(name, among: limits.fields.map(\.name))
        }
        return nil
    }

    /// Sorted names of a table's fields; empty for anything else.
    private static func names(of table: LuaRef, in state: LuaState) throws(ScriptError) -> [String] {
        guard state.kind(table) == .table else { return [] }
        let source = "return ..."
        let chunk = try state.load(source, chunk: "=nightjar")
        defer { state.release(chunk) }
        return try state.call(chunk, { $0.ref(table) }) { (results: borrowing LuaResults) throws(ScriptError) in
            var names: [String] = []
            let view = results.view
            results.forEachPair(0) { key, _ in
                guard names.count < fieldsMax, view.length(key) <= 64, let name = view.string(key) else { return }
                names.append(name)
            }
            return names.sorted()
        }
    }
}
