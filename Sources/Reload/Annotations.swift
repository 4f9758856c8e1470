import Host
import LuaRuntime

/// Writes the host's functions as annotations for editors (LuaCATS, the notation of the Lua language server): one file for
/// `nightjar`, one for each module, one for the objects, one for the tables. Made from the declarations that register and check
/// the functions, so the two cannot differ.
struct Annotations {
    private let functions: [HostFunction]
    private let types: [HostType]
    private let constants: [HostReturn]
    /// Plain values of modules.
    private let fields: [String: [HostReturn]]
    private let classes: [HostClass]
    private let names: [HostTypeID: String]

    /// - Parameters:
    ///   - constants: Plain values of `nightjar` itself.
    ///   - classes: Tables that are no option of a function.
    init(
        functions: [HostFunction], types: [HostType], constants: [HostReturn], fields: [String: [HostReturn]] = [:],
        classes: [HostClass] = []
    ) {
        self.fields = fields
        self.functions = functions
        self.types = types
        self.constants = constants
        self.classes = classes
        names = Dictionary(types.map { ($0.id, "nightjar." + Self.className($0.name)) }, uniquingKeysWith: { first, _ in first })
    }

    init(_ registry: HostRegistry) {
        let all = registry.documented
        self.init(functions: all.functions, types: all.types, constants: all.constants, fields: all.fields, classes: registry.classes + ModuleFields.tables)
    }

    /// File name → text.
    var files: [String: String] {
        var result = ["nightjar.lua": root, "nightjar_objects.lua": objects, "nightjar_tables.lua": tables]
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
        for constant in constants { text += field(constant.name, name(of: constant.types), constant.documentation) }
        text += "local nightjar = {}\n\n"
        for function in functions where function.module.isEmpty { text += annotation(function, prefix: "nightjar.") }
        return text + "return nightjar\n"
    }

    private func text(ofModule module: String) -> String {
        var text = Self.header + "---@class nightjar.\(module)\n"
        for constant in fields[module] ?? [] { text += field(constant.name, name(of: constant.types), constant.documentation) }
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
                text += field(property.name, property.annotation ?? name(of: property.types), property.documentation)
            }
            if type.hasData { text += "---@field data nightjar.Plain what the package keeps with it; survives a reload\n" }
            text += "local \(variable) = {}\n\n"
            for method in type.methods { text += annotation(method, prefix: variable + ":") }
        }
        return text
    }

    // MARK: Tables

    /// The tables that functions take and give, each once, by name.
    private var tables: String {
        var known: [String: HostClass] = [:]
        for table in classes { known[table.name] = table }
        for function in functions + types.flatMap(\.methods) {
            for parameter in function.parameters {
                collect(parameter.annotation, parameter.fields, "Options of \(label(function)).", &known)
            }
            for result in function.returns { collect(result.annotation, result.fields, "What \(label(function)) gives.", &known) }
        }
        return Self.header + known.values.sorted { $0.name < $1.name }.map(text).joined()
    }

    private func collect(_ annotation: String?, _ fields: [HostField], _ documentation: String, _ known: inout [String: HostClass]) {
        guard !fields.isEmpty, let annotation, let name = annotation.split(separator: "|").last.map(String.init) else { return }
        // Several functions of a kind share one table: get, post, put …
        if known[name] == nil { known[name] = HostClass(name, documentation, fields: fields) }
        for field in fields { collect(field.annotation, field.fields, field.documentation, &known) }
    }

    private func text(_ table: HostClass) -> String {
        var text = comment(table.documentation)
        text += "---@class \(table.isOpen ? "" : "(exact) ")\(table.name)\n"
        for field in table.fields {
            text += self.field(field.name + (field.isRequired ? "" : "?"), type(of: field), field.documentation)
        }
        return text + "\n"
    }

    private func type(of field: HostField) -> String {
        if let annotation = field.annotation { return annotation }
        return field.choices.isEmpty ? name(of: field.types) : field.choices.map { "\"\($0)\"" }.joined(separator: "|")
    }

    private func label(_ function: HostFunction) -> String {
        if let type = types.first(where: { $0.methods.contains { $0.name == function.name && $0.documentation == function.documentation } }) {
            return "`\(type.name):\(function.name)`"
        }
        return function.module.isEmpty ? "`nightjar.\(function.name)`" : "`nightjar.\(function.module).\(function.name)`"
    }

    // MARK: Functions

    private func annotation(_ function: HostFunction, prefix: String) -> String {
        var text = comment(function.documentation)
        if function.waits { text += "---\n---Waits; not while the script loads.\n---@async\n" }
        for parameter in function.parameters {
            let type = parameter.annotation ?? name(of: parameter.types)
            text += trimmed("---@param \(Self.identifier(parameter.name))\(parameter.isOptional ? "?" : "") \(type) \(line(parameter.documentation))")
        }
        if function.isVariadic { text += "---@param ... any\n" }
        for result in function.returns {
            let type = result.annotation ?? name(of: result.types)
            text += trimmed("---@return \(type)\(result.isOptional ? "?" : "") \(result.name) \(line(result.documentation))")
        }
        for overload in function.overloads { text += "---@overload \(overload)\n" }
        let parameters = function.parameters.map { Self.identifier($0.name) } + (function.isVariadic ? ["..."] : [])
        return text + "function \(prefix)\(function.name)(\(parameters.joined(separator: ", "))) end\n\n"
    }

    // MARK: Lines

    private func field(_ name: String, _ type: String, _ documentation: String) -> String {
        trimmed("---@field \(name) \(type) \(line(documentation))")
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
    static func className(_ name: String) -> String {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return last.prefix(1).uppercased() + last.dropFirst()
    }
}
