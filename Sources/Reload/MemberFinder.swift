import LuaRuntime

/// A member that the host has not, or that a game's engine must not use.
struct MemberMistake: Hashable, Sendable {
    /// From 1.
    var line: Int
    var message: String
    var isImpure = false
}

/// Finds what a Lua source asks the host for that is not there, or not for engines.
///
/// Of the host it knows only what is certain without running anything: locals that are given `require "nightjar"`, its modules
/// and functions once and never changed, what these return, the parameters of handlers that are given to it, and those of the
/// functions that an engine's table must have. A handler with a name is certain only at the end: if it was given to the host,
/// always as the same, and to nobody else.
struct MemberFinder: SourceVisitor {
    let moduleFields: [HostField]
    private let names: HostNames
    private var mistakes: [MemberMistake] = []
    private var roles: [Int: Role] = [:]
    private var waiting: [(function: Int, parameter: Int, name: String, line: Int)] = []

    /// What a function of the source was given to the host as.
    private enum Role: Equatable {
        case handler([KnownValue])
        case anything
    }

    /// What a source asks for in vain, in the order of the text.
    ///
    /// - Parameter moduleFields: What the host finds in the table that the file returns.
    static func mistakes(in source: [UInt8], _ names: HostNames, moduleFields: [HostField] = []) -> [MemberMistake] {
        var finder = SourceWalk.through(source, MemberFinder(names, moduleFields))
        return finder.end()
    }

    private init(_ names: HostNames, _ moduleFields: [HostField]) {
        self.names = names
        self.moduleFields = moduleFields
    }

    func value(ofGlobal name: String) -> KnownValue {
        switch name {
        case "os", "math": .table(name)
        case "require": .function("require")
        default: .unknown
        }
    }

    mutating func member(_ name: String, of value: KnownValue, line: Int) -> KnownValue {
        if case .parameter(let function, let index) = value {
            waiting.append((function, index, name, line))
            return .unknown
        }
        if case .table(let library) = value, let message = HostNames.impurity(library: "\(library).\(name)") {
            mistakes.append(MemberMistake(line: line, message: message, isImpure: true))
        }
        let found = names.member(name, of: value)
        if let problem = found.problem { mistakes.append(MemberMistake(line: line, message: problem)) }
        if let message = names.impurity(found.value) { mistakes.append(MemberMistake(line: line, message: message, isImpure: true)) }
        return found.value
    }

    func result(of value: KnownValue, _ argument: LuaLexer.Token) -> KnownValue {
        if value == .function("require") { return argument == .string("nightjar") ? .table("nightjar") : .unknown }
        return names.result(of: value)
    }

    mutating func called(_ value: KnownValue) {
        if case .script(let function) = value { roles[function] = .anything }
    }

    mutating func given(_ value: KnownValue, as parameters: [KnownValue]) {
        guard case .script(let function) = value else { return }
        let role = parameters.isEmpty ? Role.anything : .handler(parameters)
        roles[function] = roles[function] == nil || roles[function] == role ? role : .anything
    }

    func expectation(ofArgument index: Int, of call: KnownValue) -> HostExpectation {
        guard let parameter = names.parameter(index, of: call) else { return HostExpectation() }
        return HostExpectation(parameters: names.parameters(parameter.annotation), fields: parameter.fields)
    }

    func expectation(of field: HostField) -> HostExpectation {
        HostExpectation(
            parameters: names.parameters(field.annotation), fields: field.fields, elements: names.elementParameters(field.annotation))
    }

    /// All mistakes, those of handlers with a name too.
    private mutating func end() -> [MemberMistake] {
        for use in waiting {
            guard case .handler(let parameters) = roles[use.function], parameters.indices.contains(use.parameter) else { continue }
            _ = member(use.name, of: parameters[use.parameter], line: use.line)
        }
        return mistakes.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
    }
}
