import LuaRuntime

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
    /// What is known of the next function or table because of where it is written.
    private var expected = HostExpectation()
    private var functionCount = 0
    /// The local variable whose table the file returns; nil if that is not looked at.
    private let module: String?
    /// The fields that led to the last name, from the module's table on; nil: from something else.
    private var path: [String]?

    /// The visitor after the walk.
    static func through(_ source: [UInt8], _ visitor: Visitor) -> Visitor {
        var walk = SourceWalk(source, visitor)
        try? walk.chunk()
        return walk.visitor
    }

    private init(_ source: [UInt8], _ visitor: Visitor) {
        tokens = LuaTokens(source)
        self.visitor = visitor
        module = visitor.moduleFields.isEmpty ? nil : LuaTokens.returned(by: source)
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
                let module = scopes.count == 1 ? HostExpectation(fields: visitor.moduleFields) : HostExpectation()
                if !isBlockEnd, !tokens.at(";") { try expressions(first: module) }
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
        var fields: [String] = []
        var isMethod = false
        while tokens.at(".") || tokens.at(":") {
            isMethod = tokens.at(":")
            try tokens.advance()
            fields.append(try tokens.name())
            if isMethod { break }
        }
        use(first, start, isWrite: fields.isEmpty)
        if !isMethod, isModule(first) { expected = expectation(ofField: fields) }
        try functionBody(isMethod: isMethod)
    }

    /// Is it the variable whose table the file returns?
    private func isModule(_ name: String) -> Bool { name == module && scopes.dropFirst().allSatisfy { $0[name] == nil } }

    /// What is to be in a field of the table that the file returns, named by its path.
    private func expectation(ofField path: [String]) -> HostExpectation {
        guard let field = visitor.moduleFields.first(where: { $0.name == path.first }) else { return HostExpectation() }
        let wanted = visitor.expectation(of: field)
        return path.count == 1 ? wanted : HostExpectation(parameters: path.count == 2 ? wanted.elements : [])
    }

    private mutating func local() throws(Stop) {
        try tokens.advance()
        if try tokens.take("function") {
            // Its body sees its name.
            declare(try tokens.name(), .script(functionCount))
            try functionBody(isMethod: false)
            return
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
        if try tokens.take("=") {
            let isModule = scopes.count == 1 && names[0] == module
            values = try expressions(first: isModule ? HostExpectation(fields: visitor.moduleFields) : HostExpectation(), isGiven: false)
        }
        for (index, name) in names.enumerated() { declare(name, index < values.count ? values[index] : .unknown) }
    }

    @discardableResult
    private mutating func functionBody(isMethod: Bool) throws(Stop) -> KnownValue {
        let parameters = expected.parameters
        expected = HostExpectation()
        let number = functionCount
        functionCount += 1
        try tokens.expect("(")
        try nested { walk throws(Stop) in
            if isMethod { walk.declare("self") }
            var index = 0
            while !walk.tokens.at(")") {
                if try !walk.tokens.take("...") {
                    walk.declare(
                        try walk.tokens.name(), index < parameters.count ? parameters[index] : .parameter(function: number, index: index))
                }
                index += 1
                if try !walk.tokens.take(",") { break }
            }
            try walk.tokens.expect(")")
            try walk.block()
        }
        try tokens.expect("end")
        return .script(number)
    }

    /// An assignment or a call.
    private mutating func expressionStatement() throws(Stop) {
        var targets: [(name: String, line: Int)] = []
        var first = HostExpectation()
        repeat {
            let start = tokens.line
            if case .name(let name) = tokens.token, tokens.peek() == .symbol("=") || tokens.peek() == .symbol(",") {
                try tokens.advance()
                targets.append((name, start))
            } else {
                path = nil
                try suffixed()
                if targets.isEmpty, let path { first = expectation(ofField: path) }
            }
        } while try tokens.take(",")
        if try tokens.take("=") { try expressions(first: first) }
        for target in targets {
            use(target.name, target.line, isWrite: true)
            forget(target.name)
        }
    }

    // MARK: Expressions

    /// - Parameters:
    ///   - call: The host function that the expressions are the arguments of; nil: they are no arguments.
    ///   - first: What is known of the first one's place.
    ///   - isGiven: What they are goes to somebody else; not so the values of local variables, which are followed.
    @discardableResult
    private mutating func expressions(
        of call: KnownValue? = nil, first: HostExpectation = HostExpectation(), isGiven: Bool = true
    ) throws(Stop) -> [KnownValue] {
        var values: [KnownValue] = []
        repeat {
            expected = values.isEmpty ? first : HostExpectation()
            if let call { expected = visitor.expectation(ofArgument: values.count, of: call) }
            let parameters = expected.parameters
            let value = try expression()
            if isGiven { visitor.given(value, as: parameters) }
            values.append(value)
            expected = HostExpectation()
        } while try tokens.take(",")
        return values
    }

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
            return try functionBody(isMethod: false)
        default:
            expected = HostExpectation()
            return try suffixed()
        }
        return .unknown
    }

    @discardableResult
    private mutating func suffixed() throws(Stop) -> KnownValue {
        var value = KnownValue.unknown
        path = nil
        if try tokens.take("(") {
            value = try expression()
            path = nil
            try tokens.expect(")")
        } else {
            let start = tokens.line
            let first = try tokens.name()
            use(first, start, isWrite: false)
            value = isLocal(first) ? known(first) : visitor.value(ofGlobal: first)
            if isModule(first) { path = [] }
        }
        while true {
            switch tokens.token {
            case .symbol("."), .symbol(":"):
                try tokens.advance()
                let start = tokens.line
                let name = try tokens.name()
                value = visitor.member(name, of: value, line: start)
                path?.append(name)
            case .symbol("["):
                try tokens.advance()
                try expression()
                try tokens.expect("]")
                (value, path) = (.unknown, nil)
            case .symbol("("):
                try tokens.advance()
                let argument = tokens.token
                visitor.called(value)
                if !tokens.at(")") { try expressions(of: value) }
                try tokens.expect(")")
                value = result(of: value, argument)
            case .symbol("{"):
                visitor.called(value)
                expected = visitor.expectation(ofArgument: 0, of: value)
                try table()
                value = result(of: value, .literal)
            case .literal, .string:
                let argument = tokens.token
                visitor.called(value)
                try tokens.advance()
                value = result(of: value, argument)
            default: return value
            }
        }
    }

    private mutating func result(of value: KnownValue, _ argument: LuaLexer.Token) -> KnownValue {
        path = nil
        return visitor.result(of: value, argument)
    }

    private mutating func table() throws(Stop) {
        let wanted = expected
        try tokens.expect("{")
        while !tokens.at("}") {
            expected = HostExpectation()
            if try tokens.take("[") {
                try expression()
                try tokens.expect("]")
                try tokens.expect("=")
                expected = HostExpectation()
            } else if case .name(let name) = tokens.token, tokens.peek() == .symbol("=") {
                try tokens.advance()
                try tokens.advance()
                expected = HostExpectation(parameters: wanted.elements)
                if let field = wanted.fields.first(where: { $0.name == name }) { expected = visitor.expectation(of: field) }
            }
            let parameters = expected.parameters
            let value = try expression()
            visitor.given(value, as: parameters)
            if try !tokens.take(","), try !tokens.take(";") { break }
        }
        expected = HostExpectation()
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
