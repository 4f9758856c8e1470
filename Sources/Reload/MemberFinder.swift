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
/// and functions once and never changed, what these return, and the parameters of handlers written where they are given.
struct MemberFinder: SourceVisitor {
    private let names: HostNames
    private var mistakes: [MemberMistake] = []

    /// What a source asks for in vain, in the order of the text.
    static func mistakes(in source: [UInt8], _ names: HostNames) -> [MemberMistake] {
        SourceWalk.through(source, MemberFinder(names)).mistakes
    }

    private init(_ names: HostNames) { self.names = names }

    func value(ofGlobal name: String) -> KnownValue {
        switch name {
        case "os", "math": .table(name)
        case "require": .function("require")
        default: .unknown
        }
    }

    mutating func member(_ name: String, of value: KnownValue, line: Int) -> KnownValue {
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

    func parameter(_ index: Int, of value: KnownValue) -> HostParameter? { names.parameter(index, of: value) }

    func parameters(_ annotation: String?) -> [KnownValue] { names.parameters(annotation) }
}
