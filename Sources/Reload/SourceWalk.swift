import LuaRuntime

/// Hears what a walk through a source finds, in the order of the text.
protocol SourceVisitor {
    /// A name that is no local variable.
    mutating func global(_ name: String, line: Int, isWrite: Bool)
    /// What a global variable holds, as far as it is certain.
    func value(ofGlobal name: String) -> KnownValue
    /// A member of a value is asked for; what it is.
    mutating func member(_ name: String, of value: KnownValue, line: Int) -> KnownValue
    /// What a call of the value gives; `argument`: the token the arguments begin with.
    func result(of value: KnownValue, _ argument: LuaLexer.Token) -> KnownValue
    /// What a call of the value takes at this place, from 0.
    func parameter(_ index: Int, of value: KnownValue) -> HostParameter?
    /// The parameters of a function of this type.
    func parameters(_ annotation: String?) -> [KnownValue]
}

extension SourceVisitor {
    mutating func global(_ name: String, line: Int, isWrite: Bool) {}
    func value(ofGlobal name: String) -> KnownValue { .unknown }
    mutating func member(_ name: String, of value: KnownValue, line: Int) -> KnownValue { .unknown }
    func result(of value: KnownValue, _ argument: LuaLexer.Token) -> KnownValue { .unknown }
    func parameter(_ index: Int, of value: KnownValue) -> HostParameter? { nil }
    func parameters(_ annotation: String?) -> [KnownValue] { [] }
}

/// Follows the scopes of the language through a source (reference manual, sections 3.3 to 3.5): which name is which variable,
/// and what is certainly known of its value without running anything, as the visitor says. What is no valid Lua is left to the
/// compiler: the walk ends there.
struct SourceWalk<Visitor: SourceVisitor> {
    /// Nesting that is followed; Lua's own limit is 200.
    private static var depthMax: Int { 200 }

    private typealias Stop = LuaTokens.Stop

    private(set) var visitor: Visitor
    private var tokens: LuaTokens
    private var scopes: [[String: KnownValue]] = [[:]]
    private var depth = 0
    /// What the next function's parameters are, because of where it is written.
    private var expectedParameters: [KnownValue] = []
    /// What the fields of the next table are, for the same reason.
    private var expectedFields: [HostField] = []

    /// The visitor after the walk.
    static func through(_ source: [UInt8], _ visitor: Visitor) -> Visitor {
        var walk = SourceWalk(source, visitor)
        try? walk.chunk()
        return walk.visitor
    }

    private init(_ source: [UInt8], _ visitor: Visitor) {
        tokens = LuaTokens(source)
        self.visitor = visitor
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
        visitor.global(name, line: line, isWrite: isWrite)
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
        try tokens.advance()
        try block()
    }

    private var isBlockEnd: Bool {
        tokens.token == .end || tokens.at("end") || tokens.at("else") || tokens.at("elseif") || tokens.at("until")
    }

    private mutating func block() throws(Stop) {
        while !isBlockEnd {
            if try tokens.take("return") {
                if !isBlockEnd, !tokens.at(";") { try expressions() }
                _ = try tokens.take(";")
                return
            }
            try statement()
        }
    }

    private mutating func innerBlock() throws(Stop) {
        try nested { walk throws(Stop) in try walk.block() }
    }

    private mutating func statement() throws(Stop) {
        guard case .symbol(let word) = tokens.token else { return try expressionStatement() }
        switch word {
        case ";", "break": try tokens.advance()
        case "::":
            try tokens.advance()
            _ = try tokens.name()
            try tokens.expect("::")
        case "goto":
            try tokens.advance()
            _ = try tokens.name()
        case "do":
            try tokens.advance()
            try innerBlock()
            try tokens.expect("end")
        case "while":
            try tokens.advance()
            try expression()
            try tokens.expect("do")
            try innerBlock()
            try tokens.expect("end")
        case "repeat":
            try tokens.advance()
            // The condition sees the block's locals.
            try nested { walk throws(Stop) in
                try walk.block()
                try walk.tokens.expect("until")
                try walk.expression()
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
            try tokens.advance()
            try expression()
            try tokens.expect("then")
            try innerBlock()
        } while tokens.at("elseif")
        if try tokens.take("else") { try innerBlock() }
        try tokens.expect("end")
    }

    private mutating func loop() throws(Stop) {
        try tokens.advance()
        var names = [try tokens.name()]
        while try tokens.take(",") { names.append(try tokens.name()) }
        if !(try tokens.take("=")) { try tokens.expect("in") }
        try expressions()
        try tokens.expect("do")
        try nested { walk throws(Stop) in
            for name in names { walk.declare(name) }
            try walk.block()
        }
        try tokens.expect("end")
    }

    private mutating func function() throws(Stop) {
        try tokens.advance()
        let start = tokens.line
        let first = try tokens.name()
        var isField = false
        var isMethod = false
        while tokens.at(".") || tokens.at(":") {
            isField = true
            isMethod = tokens.at(":")
            try tokens.advance()
            _ = try tokens.name()
            if isMethod { break }
        }
        use(first, start, isWrite: !isField)
        try functionBody(isMethod: isMethod)
    }

    private mutating func local() throws(Stop) {
        try tokens.advance()
        if try tokens.take("function") {
            declare(try tokens.name())
            return try functionBody(isMethod: false)
        }
        var values: [KnownValue] = []
        var names: [String] = []
        repeat {
            names.append(try tokens.name())
            if try tokens.take("<") {
                _ = try tokens.name()
                try tokens.expect(">")
            }
        } while try tokens.take(",")
        if try tokens.take("=") { values = try expressions() }
        for (index, name) in names.enumerated() { declare(name, index < values.count ? values[index] : .unknown) }
    }

    private mutating func functionBody(isMethod: Bool) throws(Stop) {
        let expected = expectedParameters
        expectedParameters = []
        try tokens.expect("(")
        try nested { walk throws(Stop) in
            if isMethod { walk.declare("self") }
            var index = 0
            while !walk.tokens.at(")") {
                if try !walk.tokens.take("...") { walk.declare(try walk.tokens.name(), index < expected.count ? expected[index] : .unknown) }
                index += 1
                if try !walk.tokens.take(",") { break }
            }
            try walk.tokens.expect(")")
            try walk.block()
        }
        try tokens.expect("end")
    }

    /// An assignment or a call.
    private mutating func expressionStatement() throws(Stop) {
        var targets: [(name: String, line: Int)] = []
        repeat {
            let start = tokens.line
            if case .name(let name) = tokens.token, tokens.peek() == .symbol("=") || tokens.peek() == .symbol(",") {
                try tokens.advance()
                targets.append((name, start))
            } else {
                try suffixed()
            }
        } while try tokens.take(",")
        if try tokens.take("=") { try expressions() }
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
            expect(visitor.parameter(values.count, of: call))
            values.append(try expression())
            expectNothing()
        } while try tokens.take(",")
        return values
    }

    /// The next expression is an argument for this parameter.
    private mutating func expect(_ parameter: HostParameter?) {
        expectedFields = parameter?.fields ?? []
        expectedParameters = visitor.parameters(parameter?.annotation)
    }

    private mutating func expectNothing() { (expectedFields, expectedParameters) = ([], []) }

    /// Precedence does not matter to names. The value is known only of an expression without operators.
    @discardableResult
    private mutating func expression() throws(Stop) -> KnownValue {
        depth += 1
        guard depth <= Self.depthMax else { throw Stop() }
        var value = KnownValue.unknown
        var isAlone = true
        while true {
            while case .symbol(let word) = tokens.token, LuaOperators.unary.contains(word) {
                try tokens.advance()
                isAlone = false
            }
            value = try simple()
            guard case .symbol(let word) = tokens.token, LuaOperators.binary.contains(word) else { break }
            try tokens.advance()
            isAlone = false
        }
        depth -= 1
        return isAlone ? value : .unknown
    }

    private mutating func simple() throws(Stop) -> KnownValue {
        switch tokens.token {
        case .literal, .string, .symbol("nil"), .symbol("true"), .symbol("false"), .symbol("..."): try tokens.advance()
        case .symbol("{"): try table()
        case .symbol("function"):
            try tokens.advance()
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
        if try tokens.take("(") {
            value = try expression()
            try tokens.expect(")")
        } else {
            let start = tokens.line
            let first = try tokens.name()
            use(first, start, isWrite: false)
            value = isLocal(first) ? known(first) : visitor.value(ofGlobal: first)
        }
        while true {
            switch tokens.token {
            case .symbol("."), .symbol(":"):
                try tokens.advance()
                let start = tokens.line
                value = visitor.member(try tokens.name(), of: value, line: start)
            case .symbol("["):
                try tokens.advance()
                try expression()
                try tokens.expect("]")
                value = .unknown
            case .symbol("("):
                try tokens.advance()
                let argument = tokens.token
                if !tokens.at(")") { try expressions(of: value) }
                try tokens.expect(")")
                value = visitor.result(of: value, argument)
            case .symbol("{"):
                expect(visitor.parameter(0, of: value))
                try table()
                expectNothing()
                value = visitor.result(of: value, .literal)
            case .literal, .string:
                let argument = tokens.token
                try tokens.advance()
                value = visitor.result(of: value, argument)
            default: return value
            }
        }
    }

    private mutating func table() throws(Stop) {
        let fields = expectedFields
        expectNothing()
        try tokens.expect("{")
        while !tokens.at("}") {
            if try tokens.take("[") {
                try expression()
                try tokens.expect("]")
                try tokens.expect("=")
            } else if case .name(let name) = tokens.token, tokens.peek() == .symbol("=") {
                try tokens.advance()
                try tokens.advance()
                let field = fields.first { $0.name == name }
                expectedFields = field?.fields ?? []
                expectedParameters = visitor.parameters(field?.annotation)
            }
            try expression()
            expectNothing()
            if try !tokens.take(","), try !tokens.take(";") { break }
        }
        try tokens.expect("}")
    }
}

/// What joins expressions; a generic type has no stored constants.
private enum LuaOperators {
    static let unary: Set<String> = ["not", "-", "#", "~"]
    static let binary: Set<String> = [
        "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "&", "|", "~", "<<", ">>",
    ]
}
