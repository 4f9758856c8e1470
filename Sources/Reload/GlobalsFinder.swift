/// A use of a name that is no local variable.
struct GlobalUse: Hashable, Sendable {
    var name: String
    /// From 1.
    var line: Int
    var isWrite: Bool
}

/// Finds the global variables a Lua source reads and writes, by following the scopes of the language (reference manual,
/// sections 3.3 to 3.5). What is no valid Lua is left to the compiler: the search ends there.
struct GlobalsFinder {
    /// Nesting that is followed; Lua's own limit is 200.
    private static let depthMax = 200

    private struct Stop: Error {}

    private var lexer: LuaLexer
    private var token: LuaLexer.Token = .end
    private var line = 1
    private var following: (token: LuaLexer.Token, line: Int)?
    private var scopes: [Set<String>] = [[]]
    private var depth = 0
    private var uses: [GlobalUse] = []

    /// All uses, in the order of the text.
    static func find(in source: [UInt8]) -> [GlobalUse] {
        var finder = GlobalsFinder(source)
        try? finder.chunk()
        return finder.uses
    }

    private init(_ source: [UInt8]) { lexer = LuaLexer(source) }

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

    private mutating func declare(_ name: String) { scopes[scopes.count - 1].insert(name) }

    private func isLocal(_ name: String) -> Bool { scopes.contains { $0.contains(name) } }

    private mutating func use(_ name: String, _ line: Int, isWrite: Bool) {
        // With an environment of the script's own, free names are fields of that.
        if name == "_ENV" || isLocal(name) || isLocal("_ENV") { return }
        uses.append(GlobalUse(name: name, line: line, isWrite: isWrite))
    }

    private mutating func nested(_ body: (inout Self) throws(Stop) -> Void) throws(Stop) {
        depth += 1
        guard depth <= Self.depthMax else { throw Stop() }
        scopes.append([])
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
        var names: [String] = []
        repeat {
            names.append(try name())
            if try take("<") {
                _ = try name()
                try expect(">")
            }
        } while try take(",")
        if try take("=") { try expressions() }
        for name in names { declare(name) }
    }

    private mutating func functionBody(isMethod: Bool) throws(Stop) {
        try expect("(")
        try nested { finder throws(Stop) in
            if isMethod { finder.declare("self") }
            while !finder.at(")") {
                if try !finder.take("...") { finder.declare(try finder.name()) }
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
        for target in targets { use(target.name, target.line, isWrite: true) }
    }

    // MARK: Expressions

    private mutating func expressions() throws(Stop) {
        repeat { try expression() } while try take(",")
    }

    private static let unary: Set<String> = ["not", "-", "#", "~"]
    private static let binary: Set<String> = [
        "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "&", "|", "~", "<<", ">>",
    ]

    /// Precedence does not matter to names.
    private mutating func expression() throws(Stop) {
        depth += 1
        guard depth <= Self.depthMax else { throw Stop() }
        while true {
            while case .symbol(let word) = token, Self.unary.contains(word) { try advance() }
            try simple()
            guard case .symbol(let word) = token, Self.binary.contains(word) else { break }
            try advance()
        }
        depth -= 1
    }

    private mutating func simple() throws(Stop) {
        switch token {
        case .literal, .symbol("nil"), .symbol("true"), .symbol("false"), .symbol("..."): try advance()
        case .symbol("{"): try table()
        case .symbol("function"):
            try advance()
            try functionBody(isMethod: false)
        default: try suffixed()
        }
    }

    private mutating func suffixed() throws(Stop) {
        if try take("(") {
            try expression()
            try expect(")")
        } else {
            let start = line
            use(try name(), start, isWrite: false)
        }
        while true {
            switch token {
            case .symbol("."):
                try advance()
                _ = try name()
            case .symbol(":"):
                try advance()
                _ = try name()
            case .symbol("["):
                try advance()
                try expression()
                try expect("]")
            case .symbol("("):
                try advance()
                if !at(")") { try expressions() }
                try expect(")")
            case .symbol("{"): try table()
            case .literal: try advance()
            default: return
            }
        }
    }

    private mutating func table() throws(Stop) {
        try expect("{")
        while !at("}") {
            if try take("[") {
                try expression()
                try expect("]")
                try expect("=")
            } else if case .name = token, peek() == .symbol("=") {
                try advance()
                try advance()
            }
            try expression()
            if try !take(","), try !take(";") { break }
        }
        try expect("}")
    }
}
