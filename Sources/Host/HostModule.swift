package import LuaRuntime

/// A part of what scripts can ask of the server, like `nightjar.store`: its functions, its object types, and what it
/// keeps. The host knows none of them by name: whoever starts a server hands it the list.
///
///     struct DiceAPI: HostModule {
///         var functions: [HostFunction] { [Self.roll] }
///
///         private static let roll = HostFunction(module: "dice", "roll", returns: [HostReturn("eyes", .integer)], "…") { call in
///             call.returnInteger(Int64.random(in: 1...6))
///             return .values
///         }
///     }
///
/// What all generations share (a store, a client) are the module's own properties; a function finds them by
/// `call.generation.module(DiceAPI.self)`. What one generation keeps lies in its `moduleStorage`, put there by `begin` or at
/// first use, and ends with it. One value serves all workers, so it is immutable or safe from any thread.
package protocol HostModule: Sendable {
    /// Functions, for `nightjar` or for modules of it. Read once.
    var functions: [HostFunction] { get }
    /// Object types; their numbers are from `ObjectTypes.register`. Read once.
    var types: [HostType] { get }
    /// Plain values of `nightjar` itself that `begin` defines, for the documentation.
    var constants: [HostReturn] { get }
    /// Plain values of modules, by module, for the documentation.
    var fields: [String: [HostReturn]] { get }
    /// Tables between scripts and the host that are no options of a function, for the documentation.
    var classes: [HostClass] { get }
    /// The Lua runtime itself has what is declared here: it is only described, for editors.
    var isBuiltIn: Bool { get }

    /// The state of a unit that gets less than the others, ready to run its files; nil: another module's concern. Same caller
    /// as `begin`, which is left out then.
    func makeState(
        for generation: Generation, _ limits: LuaLimits, _ chunks: CompiledChunks, _ resolve: @escaping (String) -> Result<ModuleSource, ScriptError>
    ) throws(ScriptError) -> LuaState?
    /// The module for Lua states that are thrown away (specs, a trial of `migrate`): nothing done with it may reach anybody.
    /// Waits and effects are out of their reach already; a module that acts at once gives a copy without consequences.
    var forTrial: any HostModule { get }

    /// A generation has its state; none of its files has run. Whoever loads the unit (the control loop, or `nightjar check`).
    func begin(_ generation: Generation) throws(ScriptError)
    /// The file to be run for a unit that is more than a `main.lua`; nil: another module's concern. Same caller as `begin`,
    /// and before it.
    func mainFile(of generation: Generation, _ files: any UnitFiles) throws(ScriptError) -> SourceFile?
    /// The files have run and the generation's `module` and `settings` are there: the last chance to refuse it.
    func loaded(_ generation: Generation, _ main: SourceFile) throws(ScriptError)
    /// What a failed load really is, for a module that knows better than the line of the script that raised; nil: it is what `error`
    /// says. Same caller as `begin`; also for the specs of a unit.
    func explained(_ error: ScriptError, of generation: Generation) -> ScriptError?
    /// The server ends; no unit runs any more.
    func shutdown() async
}

extension HostModule {
    package var functions: [HostFunction] { [] }
    package var types: [HostType] { [] }
    package var constants: [HostReturn] { [] }
    package var fields: [String: [HostReturn]] { [:] }
    package var classes: [HostClass] { [] }
    package var isBuiltIn: Bool { false }
    package func makeState(
        for generation: Generation, _ limits: LuaLimits, _ chunks: CompiledChunks, _ resolve: @escaping (String) -> Result<ModuleSource, ScriptError>
    ) throws(ScriptError) -> LuaState? { nil }
    package var forTrial: any HostModule { self }
    package func begin(_ generation: Generation) throws(ScriptError) {}
    package func mainFile(of generation: Generation, _ files: any UnitFiles) throws(ScriptError) -> SourceFile? { nil }
    package func loaded(_ generation: Generation, _ main: SourceFile) throws(ScriptError) {}
    package func explained(_ error: ScriptError, of generation: Generation) -> ScriptError? { nil }
    package func shutdown() async {}
}
