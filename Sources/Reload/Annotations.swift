import Host
import LuaRuntime

/// Writes the host's functions as annotations for editors (LuaCATS, the notation of the Lua language server): one file for
/// `nightjar`, one for each module, one for the objects. Made from the table that registers the functions, so the two cannot
/// differ.
struct Annotations {
    private let functions: [HostFunction]
    private let types: [HostType]
    private let constants: [HostReturn]
    /// Plain values of modules.
    private let fields: [String: [HostReturn]]
    private let names: [HostTypeID: String]

    /// - Parameter constants: Plain values of `nightjar` itself.
    init(functions: [HostFunction], types: [HostType], constants: [HostReturn], fields: [String: [HostReturn]] = [:]) {
        self.fields = fields
        self.functions = functions
        self.types = types
        self.constants = constants
        names = Dictionary(types.map { ($0.id, "nightjar." + Self.className($0.name)) }, uniquingKeysWith: { first, _ in first })
    }

    init(_ registry: HostRegistry) {
        let all = registry.documented
        self.init(functions: all.functions, types: all.types, constants: all.constants, fields: all.fields)
    }

    /// File name → text.
    var files: [String: String] {
        var result = ["nightjar.lua": root, "nightjar_objects.lua": objects]
        for module in modules { result["nightjar_\(module).lua"] = text(ofModule: module) }
        return result
    }

    private static let header = """
        ---@meta
        -- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
        -- luacheck: ignore


        """

    /// All modules by name, without those that are only used as `print`.
    private var modules: [String] { Set(functions.map(\.module)).filter { !$0.isEmpty }.sorted() }

    private var root: String {
        var text = Self.header
        text += "---What is inside may be nil, booleans, numbers, strings and tables of these.\n---@alias nightjar.Plain any\n\n"
        text += "---What scripts can ask of the server.\n---@class nightjar\n"
        for module in modules { text += "---@field \(module) nightjar.\(module)\n" }
        for constant in constants { text += "---@field \(constant.name) \(name(of: constant.types)) \(line(constant.documentation))\n" }
        text += "local nightjar = {}\n\n"
        for function in functions where function.module.isEmpty { text += annotation(function, prefix: "nightjar.") }
        return text + "return nightjar\n"
    }

    private func text(ofModule module: String) -> String {
        var text = Self.header + "---@class nightjar.\(module)\n"
        for field in fields[module] ?? [] { text += "---@field \(field.name) \(name(of: field.types)) \(line(field.documentation))\n" }
        text += "local \(module) = {}\n\n"
        for function in functions where function.module == module { text += annotation(function, prefix: module + ".") }
        return text + "return \(module)\n"
    }

    private var objects: String {
        var text = Self.header
        for type in types {
            let variable = Self.className(type.name)
            text += comment(type.documentation)
            text += "---@class nightjar.\(variable)\n"
            for property in type.properties {
                text += trimmed("---@field \(property.name) \(name(of: property.types)) \(line(property.documentation))")
            }
            if type.hasData { text += "---@field data nightjar.Plain what the package keeps with it; survives a reload\n" }
            text += "local \(variable) = {}\n\n"
            for method in type.methods { text += annotation(method, prefix: variable + ":") }
        }
        return text
    }

    private func annotation(_ function: HostFunction, prefix: String) -> String {
        var text = comment(function.documentation)
        if function.waits { text += "---\n---Waits; not while the script loads.\n---@async\n" }
        for parameter in function.parameters {
            text += trimmed("---@param \(Self.identifier(parameter.name))\(parameter.isOptional ? "?" : "") \(name(of: parameter.types)) \(line(parameter.documentation))")
        }
        if function.isVariadic { text += "---@param ... any\n" }
        for result in function.returns {
            text += trimmed("---@return \(name(of: result.types))\(result.isOptional ? "?" : "") \(result.name) \(line(result.documentation))")
        }
        let parameters = function.parameters.map { Self.identifier($0.name) } + (function.isVariadic ? ["..."] : [])
        return text + "function \(prefix)\(function.name)(\(parameters.joined(separator: ", "))) end\n\n"
    }

    private func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }

    private func comment(_ text: String) -> String {
        text.isEmpty ? "" : text.split(separator: "\n", omittingEmptySubsequences: false).map { "---\($0)\n" }.joined()
    }

    private func line(_ text: String) -> String { text.split(separator: "\n").joined(separator: " ") }

    private func name(of types: HostValueTypes) -> String {
        if types.contains(.any) { return "any" }
        if types.isSuperset(of: .plain) { return "nightjar.Plain" }
        var names: [String] = []
        let basic: [(HostValueTypes, String)] = [
            (.nil, "nil"), (.boolean, "boolean"), (.string, "string"), (.table, "table"), (.function, "function"),
        ]
        for (type, name) in basic where types.contains(type) { names.append(name) }
        if types.contains(.number) { names.append("number") } else if types.contains(.integer) { names.append("integer") }
        for type in types.objectTypes { names.append(self.names[type] ?? "userdata") }
        return names.isEmpty ? "any" : names.joined(separator: "|")
    }

    /// A parameter's name that is not a word of the language.
    private static func identifier(_ name: String) -> String { LuaLexer.keywords.contains(name) ? name + "_" : name }

    /// "connection" → "Connection", "nightjar.random" → "Random".
    private static func className(_ name: String) -> String {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return last.prefix(1).uppercased() + last.dropFirst()
    }
}
