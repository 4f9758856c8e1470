import Host
import LuaRuntime

/// What is known of a value in a source without running it.
enum KnownValue: Equatable {
    /// `nightjar` or one of its modules, by name; also `os` and `math`.
    case table(String)
    /// A function of the host, by its label like "store.get".
    case function(String)
    /// An object of the host, by the name of its type.
    case object(String)
    /// A function of the script's own, by its number in the file.
    case script(Int)
    /// A parameter of it, from 0.
    case parameter(function: Int, index: Int)
    case unknown
}

/// The names that scripts can ask the host for, to be looked up by `nightjar check`. Made from the registered modules, so that
/// it knows what the running server knows.
struct HostNames {
    private var tables: [String: [String: KnownValue]] = [:]
    private var objects: [String: [String: KnownValue]] = [:]
    private var functions: [String: HostFunction] = [:]
    /// Class in annotations → object type.
    private var classes: [String: String] = [:]
    private var typeNames: [HostTypeID: String] = [:]
    /// Of the runtime itself, without a mark of their own.
    private static let pureModules: Set<String> = ["json"]

    init(_ registry: HostRegistry) {
        let all = registry.documented
        for type in all.types {
            classes["nightjar." + Annotations.className(type.name)] = type.name
            typeNames[type.id] = type.name
        }
        var root: [String: KnownValue] = [:]
        for constant in all.constants { root[constant.name] = .unknown }
        for function in all.functions {
            let label = function.module.isEmpty ? function.name : "\(function.module).\(function.name)"
            functions[label] = function
            if function.module.isEmpty {
                root[function.name] = .function(label)
            } else {
                root[function.module] = .table("nightjar." + function.module)
                tables["nightjar." + function.module, default: [:]][function.name] = .function(label)
            }
        }
        for (module, fields) in all.fields {
            for field in fields { tables["nightjar." + module, default: [:]][field.name] = .unknown }
        }
        tables["nightjar"] = root
        for type in all.types {
            var members: [String: KnownValue] = type.hasData ? ["data": .unknown] : [:]
            for property in type.properties { members[property.name] = value(ofClass: property.annotation) }
            for method in type.methods {
                members[method.name] = .function("\(type.name):\(method.name)")
                functions["\(type.name):\(method.name)"] = method
            }
            objects[type.name] = members
        }
    }

    /// A member of a known value; the text says what is wrong if there is none.
    func member(_ name: String, of value: KnownValue) -> (value: KnownValue, problem: String?) {
        let (members, owner): ([String: KnownValue]?, String)
        switch value {
        case .table(let table): (members, owner) = (tables[table], table)
        case .object(let type): (members, owner) = (objects[type], "a \(type)")
        case .function, .script, .parameter, .unknown: return (.unknown, nil)
        }
        guard let members else { return (.unknown, nil) }
        if let found = members[name] { return (found, nil) }
        return (.unknown, "\(owner) has no '\(name)'" + Suggestion.hint(name, among: members.keys.sorted()))
    }

    /// What a call of a known function gives.
    func result(of value: KnownValue) -> KnownValue {
        guard case .function(let label) = value, let types = functions[label]?.returns.first?.types.objectTypes, types.count == 1 else {
            return .unknown
        }
        return typeNames[types[0]].map { .object($0) } ?? .unknown
    }

    private func value(ofClass name: String?) -> KnownValue { name.flatMap { classes[$0] }.map { .object($0) } ?? .unknown }

    /// The parameter of a host function that an argument is for; nil beyond the last.
    func parameter(_ index: Int, of value: KnownValue) -> HostParameter? {
        guard case .function(let label) = value, let parameters = functions[label]?.parameters, parameters.indices.contains(index) else {
            return nil
        }
        return parameters[index]
    }

    /// The parameters of a function that is given to a host function, by the annotation of where it is given.
    func parameters(_ annotation: String?) -> [KnownValue] {
        guard let annotation, annotation.hasPrefix("fun("), let end = annotation.firstIndex(of: ")") else { return [] }
        let list = annotation[annotation.index(annotation.startIndex, offsetBy: 4)..<end]
        return list.split(separator: ",").map { parameter in
            let type = parameter.split(separator: ":").last.map { String($0).filter { $0 != " " } }
            return value(ofClass: type)
        }
    }

    /// The same for the functions of a table that holds nothing else, whatever their names.
    func elementParameters(_ annotation: String?) -> [KnownValue] {
        let prefix = "table<string, "
        guard let annotation, annotation.hasPrefix(prefix) else { return [] }
        return parameters(String(annotation.dropFirst(prefix.count)))
    }

    /// Why an engine must not use a value, as its state is pure; nil if it may.
    func impurity(_ value: KnownValue) -> String? {
        guard case .function(let label) = value, let function = functions[label], !label.contains(":") else { return nil }
        guard !function.isPure, !Self.pureModules.contains(function.module) else { return nil }
        return "an engine has no nightjar.\(label)" + (Self.advice[function.module] ?? Self.advice[label] ?? "; its actions depend on nothing but their arguments")
    }

    /// Why an engine must not use a function of Lua's own library.
    static func impurity(library name: String) -> String? {
        libraryAdvice[name].map { "an engine has no \(name); take \($0)" }
    }

    private static let advice = [
        "random": "; take ctx.random", "state": "; return the new state instead", "now": "; take ctx.now", "store": "; return the new state instead",
    ]
    private static let libraryAdvice = [
        "os.time": "ctx.now", "os.clock": "ctx.now", "os.date": "ctx.now", "math.random": "ctx.random", "math.randomseed": "ctx.random",
    ]
}
