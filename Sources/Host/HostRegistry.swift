package import LuaRuntime
import Transport

/// The modules of one server, and the table of functions and types made of them, which all its Lua states share.
/// Immutable; any thread.
package final class HostRegistry: Sendable {
    package let modules: [any HostModule]
    package let table: HostTable
    /// What pure states have of it: a function that is not pure is not even there.
    package let pureTable: HostTable
    private let byType: [ObjectIdentifier: any HostModule]

    /// Traps when a module comes twice, or two declare the same name: mistakes of the program.
    package init(_ modules: [any HostModule]) {
        self.modules = modules
        byType = Dictionary(uniqueKeysWithValues: modules.map { (ObjectIdentifier(type(of: $0)), $0) })
        let called = modules.filter { !$0.isBuiltIn }
        let functions = called.flatMap(\.functions)
        let types = Self.coreTypes + called.flatMap(\.types)
        table = HostTable(functions: functions, types: types)
        pureTable = HostTable(functions: functions.filter(\.isPure), types: types)
    }

    /// The host's own types: no server is without connections and requests.
    private static var coreTypes: [HostType] { [ConnectionAPI.hostType, RequestAPI.hostType] }

    /// Tables between scripts and the host, for documentation.
    package var classes: [HostClass] { [HTTPAnswer.table] + modules.flatMap(\.classes) }

    /// The module of this type. Its functions are in the table, so whoever runs one finds it.
    package subscript<Module: HostModule>(type: Module.Type) -> Module {
        guard let module = byType[ObjectIdentifier(type)] as? Module else { preconditionFailure("\(type) is not registered") }
        return module
    }

    /// Everything scripts see, for documentation: first what is called, then what the runtime has itself.
    package var documented: (functions: [HostFunction], types: [HostType], constants: [HostReturn], fields: [String: [HostReturn]]) {
        let builtIn = modules.filter(\.isBuiltIn)
        return (
            table.functions + builtIn.flatMap(\.functions), table.types + builtIn.flatMap(\.types), modules.flatMap(\.constants),
            modules.reduce(into: [:]) { $0.merge($1.fields) { $0 + $1 } }
        )
    }

    /// The same modules for Lua states that are thrown away.
    package var forTrial: HostRegistry { HostRegistry(modules.map(\.forTrial)) }

    /// What a failed load really is.
    package func explained(_ error: ScriptError, of generation: Generation) -> ScriptError {
        modules.lazy.compactMap { $0.explained(error, of: generation) }.first ?? error
    }

    package func shutdown() async {
        for module in modules { await module.shutdown() }
    }
}
