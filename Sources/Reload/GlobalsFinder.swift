import LuaRuntime

/// A use of a name that is no local variable.
struct GlobalUse: Hashable, Sendable {
    var name: String
    /// From 1.
    var line: Int
    var isWrite: Bool
}

/// A member that the host has not, or that a game's engine must not use.
struct MemberMistake: Hashable, Sendable {
    /// From 1.
    var line: Int
    var message: String
    var isImpure = false
}

/// Finds the global variables a Lua source reads and writes, by following the scopes of the language (reference manual,
/// sections 3.3 to 3.5), and what it asks the host for that is not there. What is no valid Lua is left to the compiler: the
/// search ends there.
///
/// Of the host it knows only what is certain without running anything: locals that are given `require "nightjar"`, its modules
/// and functions once and never changed, what these return, and the parameters of handlers written where they are given.
struct GlobalsFinder {
    /// Nesting that is followed; Lua's own limit is 200.
    private static let depthMax = 200

    private struct Stop: Error {}

    private var lexer: LuaLexer
    private var token: LuaLexer.Token = .end
    private var line = 1
    private var following: (token: LuaLexer.Token, line: Int)?
    private var scopes: [[String: KnownValue]] = [[:]]
    private var depth = 0
    private var uses: [GlobalUse] = []
    private var mistakes: [MemberMistake] = []
    private let names: HostNames?
    /// What the next function's parameters are, because of where it is written.
    private var expectedParameters: [KnownValue] = []
    /// What the fields of the next table are, for the same reason.
    private var expectedFields: [HostField] = []

    /// All uses, in the order of the text.
    static func find(in source: [UInt8]) -> [GlobalUse] {
        var finder = GlobalsFinder(source, nil)
        try? finder.chunk()
        return finder.uses
    }

    /// What a source asks the host for in vain, in the order of the text.
    static func mistakes(in source: [UInt8], _ names: HostNames) -> [MemberMistake] {
        var finder = GlobalsFinder(source, names)
        try? finder.chunk()
        return finder.mistakes
    }

    private init(_ source: [UInt8], _ names: HostNames?) {
        lexer = LuaLexer(source)
        self.names = names
    }

    // MARK: Tokens

    private mutating func advance() throws(Stop) {
        (token, line) = following ?? lexer.next()
        following = nil
        if token == .invalid { throw Stop() }
    }

    private mutating func peek() -> LuaLexer.Token {
        if following == nil { following = lexer.next() }
        return following!.token
    }

    private func at(_ symbol: String) -> Bool { token == .symbol(symbol) }

    private mutating func take(_ symbol: String) throws(Stop) -> Bool {
        guard at(symbol) else { return false }
        try advance()
        return true
    }

    private mutating func expect(_ symbol: String) throws(Stop) {
        guard try take(symbol) else { throw Stop() }
    }

    private mutating func name() throws(Stop) -> String {
        guard case .name(let name) = token else { throw Stop() }
        try advance()
        return name
    }

    // MARK: Scopes

    private mutating func declare(_ name: String, _ value: KnownValue = .unknown) { scopes[scopes.count - 1][name] = value }

    private func isLocal(_ name: String) -> Bool { scopes.contains { $0[name] != nil } }

    private func known(_ name: String) -> KnownValue { scopes.last { $0[name] != nil }?[name] ?? .unknown }

    /// A local that is given another value is not known any more, nor was it surely before: loops come back.
    private mutating func forget(_ name: String) {
        if let index = scopes.lastIndex(where: { $0[name] != nil }) { scopes[index][name] = .unknown }
    }

    private mutating func use(_ name: String, _ line: Int, isWrite: Bool) {
        // With an environment of the script's own, free names are fields of that.
        if name == "_ENV" || isLocal(name) || isLocal("_ENV") { return }
        uses.append(GlobalUse(name: name, line: line, isWrite: isWrite))
    }

    private mutating func nested(_ body: (inout Self) throws(Stop) -> Void) throws(Stop) {
        depth += 1
        guard depth <= Self.depthMax else { throw Stop() }
        scopes.append([:])
        try body(&self)
        scopes.removeLast()
        depth -= 1
    }

    // MARK: Statements

    private mutating func chunk() throws(Stop) {
        try advance()
        try block()
    }

    private var isBlockEnd: Bool {
        token == .end || at("end") || at("else") || at("elseif") || at("until")
    }

    private mutating func block() throws(Stop) {
        while !isBlockEnd {
            if try take("return") {
                if !isBlockEnd, !at(";") { try expressions() }
                _ = try take(";")
                return
            }
            try statement()
        }
    }

    private mutating func innerBlock() throws(Stop) {
        try nested { finder throws(Stop) in try finder.block() }
    }

    private mutating func statement() throws(Stop) {
        guard case .symbol(let word) = token else { return try expressionStatement() }
        switch word {
        case ";", "break": try advance()
        case "::":
            try advance()
            _ = try name()
            try expect("::")
        case "goto":
            try advance()
            _ = try name()
        case "do":
            try advance()
            try innerBlock()
            try expect("end")
        case "while":
            try advance()
            try expression()
            try expect("do")
            try innerBlock()
            try expect("end")
        case "repeat":
            try advance()
            // The condition sees the block's locals.
            try nested { finder throws(Stop) in
                try finder.block()
                try finder.expect("until")
                try finder.expression()
            }
        case "if": try conditional()
        case "for": try loop()
        case "function": try function()
        case "local": try local()
        default: try expressionStatement()
        }
    }

    private mutating func conditional() throws(Stop) {
        repeat {
            try advance()
            try expression()
            try expect("then")
            try innerBlock()
        } while at("elseif")
        if try take("else") { try innerBlock() }
        try expect("end")
    }

    private mutating func loop() throws(Stop) {
        try advance()
        var names = [try name()]
        while try take(",") { names.append(try name()) }
        if !(try take("=")) { try expect("in") }
        try expressions()
        try expect("do")
        try nested { finder throws(Stop) in
            for name in names { finder.declare(name) }
            try finder.block()
        }
        try expect("end")
    }

    private mutating func function() throws(Stop) {
        try advance()
        let start = line
        let first = try name()
        var isField = false
        var isMethod = false
        while at(".") || at(":") {
            isField = true
            isMethod = at(":")
            try advance()
            _ = try name()
            if isMethod { break }
        }
        use(first, start, isWrite: !isField)
        try functionBody(isMethod: isMethod)
    }

    private mutating func local() throws(Stop) {
        try advance()
        if try take("function") {
            declare(try name())
            return try functionBody(isMethod: false)
        }
        var values: [KnownValue] = []
        var names: [String] = []
        repeat {
            names.append(try name())
            if try take("<") {
                _ = try name()
                try expect(">")
            }
        } while try take(",")
        if try take("=") { values = try expressions() }
        for (index, name) in names.enumerated() { declare(name, index < values.count ? values[index] : .unknown) }
    }

    private mutating func functionBody(isMethod: Bool) throws(Stop) {
        let expected = expectedParameters
        expectedParameters = []
        try expect("(")
        try nested { finder throws(Stop) in
            if isMethod { finder.declare("self") }
            var index = 0
            while !finder.at(")") {
                if try !finder.take("...") { finder.declare(try finder.name(), index < expected.count ? expected[index] : .unknown) }
                index += 1
                if try !finder.take(",") { break }
            }
            try finder.expect(")")
            try finder.block()
        }
        try expect("end")
    }

    /// An assignment or a call.
    private mutating func expressionStatement() throws(Stop) {
        var targets: [(name: String, line: Int)] = []
        repeat {
            let start = line
            if case .name(let name) = token, peek() == .symbol("=") || peek() == .symbol(",") {
                try advance()
                targets.append((name, start))
            } else {
                try suffixed()
            }
        } while try take(",")
        if try take("=") { try expressions() }
        for target in targets {
            use(target.name, target.line, isWrite: true)
            forget(target.name)
        }
    }

    // MARK: Expressions

    /// - Parameter call: the host function that the expressions are the arguments of.
    @discardableResult
    private mutating func expressions(of call: KnownValue = .unknown) throws(Stop) -> [KnownValue] {
        var values: [KnownValue] = []
        repeat {
            expect(names?.parameter(values.count, of: call))
            values.append(try expression())
            expectNothing()
        } while try take(",")
        return values
    }

    /// The next expression is an argument for this parameter.
    private mutating func expect(_ parameter: HostParameter?) {
        expectedFields = parameter?.fields ?? []
        expectedParameters = names?.parameters(parameter?.annotation) ?? []
    }

    private mutating func expectNothing() { (expectedFields, expectedParameters) = ([], []) }

    private static let unary: Set<String> = ["not", "-", "#", "~"]
    private static let binary: Set<String> = [
        "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "&", "|", "~", "<<", ">>",
    ]

    /// Precedence does not matter to names. The value is known only of an expression without operators.
    @discardableResult
    private mutating func expression() throws(Stop) -> KnownValue {
        depth += 1
        guard depth <= Self.depthMax else { throw Stop() }
        var value = KnownValue.unknown
        var isAlone = true
        while true {
            while case .symbol(let word) = token, Self.unary.contains(word) {
                try advance()
                isAlone = false
            }
            value = try simple()
            guard case .symbol(let word) = token, Self.binary.contains(word) else { break }
            try advance()
            isAlone = false
        }
        depth -= 1
        return isAlone ? value : .unknown
    }

    private mutating func simple() throws(Stop) -> KnownValue {
        switch token {
        case .literal, .string, .symbol("nil"), .symbol("true"), .symbol("false"), .symbol("..."): try advance()
        case .symbol("{"): try table()
        case .symbol("function"):
            try advance()
            try functionBody(isMethod: false)
        default:
            expectNothing()
            return try suffixed()
        }
        return .unknown
    }

    @discardableResult
    private mutating func suffixed() throws(Stop) -> KnownValue {
        var value = KnownValue.unknown
        if try take("(") {
            value = try expression()
            try expect(")")
        } else {
            let start = line
            let first = try name()
            use(first, start, isWrite: false)
            value = isLocal(first) ? known(first) : Self.library(first)
        }
        while true {
            switch token {
            case .symbol("."), .symbol(":"):
                try advance()
                let start = line
                value = member(try name(), of: value, start)
            case .symbol("["):
                try advance()
                try expression()
                try expect("]")
                value = .unknown
            case .symbol("("):
                try advance()
                let argument = token
                if !at(")") { try expressions(of: value) }
                try expect(")")
                value = result(of: value, argument)
            case .symbol("{"):
                expect(names?.parameter(0, of: value))
                try table()
                expectNothing()
                value = result(of: value, .literal)
            case .literal, .string:
                let argument = token
                try advance()
                value = result(of: value, argument)
            default: return value
            }
        }
    }

    // MARK: The host

    /// Globals of whose members something is known.
    private static func library(_ name: String) -> KnownValue {
        switch name {
        case "os", "math": .table(name)
        case "require": .function("require")
        default: .unknown
        }
    }

    private mutating func member(_ name: String, of value: KnownValue, _ line: Int) -> KnownValue {
        guard let names else { return .unknown }
        if case .table(let library) = value, let message = HostNames.impurity(library: "\(library).\(name)") {
            mistakes.append(MemberMistake(line: line, message: message, isImpure: true))
        }
        let found = names.member(name, of: value)
        if let problem = found.problem { mistakes.append(MemberMistake(line: line, message: problem)) }
        if let message = names.impurity(found.value) { mistakes.append(MemberMistake(line: line, message: message, isImpure: true)) }
        return found.value
    }

    private func result(of value: KnownValue, _ argument: LuaLexer.Token) -> KnownValue {
        if value == .function("require") { return argument == .string("nightjar") ? .table("nightjar") : .unknown }
        return names?.result(of: value) ?? .unknown
    }

    private mutating func table() throws(Stop) {
        let fields = expectedFields
        expectNothing()
        try expect("{")
        while !at("}") {
            if try take("[") {
                try expression()
                try expect("]")
                try expect("=")
            } else if case .name(let name) = token, peek() == .symbol("=") {
                try advance()
                try advance()
                let field = fields.first { $0.name == name }
                expectedFields = field?.fields ?? []
                expectedParameters = names?.parameters(field?.annotation) ?? []
            }
            try expression()
            expectNothing()
            if try !take(","), try !take(";") { break }
        }
        try expect("}")
    }
}
