/// The tokens of a Lua source one after the other, with one of them at hand. What is no valid Lua stops the reading.
struct LuaTokens {
    struct Stop: Error {}

    private var lexer: LuaLexer
    private(set) var token: LuaLexer.Token = .end
    /// Of the token at hand, from 1.
    private(set) var line = 1
    private var following: (token: LuaLexer.Token, line: Int)?

    init(_ source: [UInt8]) { lexer = LuaLexer(source) }

    /// Takes the next token; once before the first is looked at.
    mutating func advance() throws(Stop) {
        (token, line) = following ?? lexer.next()
        following = nil
        if token == .invalid { throw Stop() }
    }

    /// The token behind the one at hand.
    mutating func peek() -> LuaLexer.Token {
        if following == nil { following = lexer.next() }
        return following!.token
    }

    func at(_ symbol: String) -> Bool { token == .symbol(symbol) }

    /// Whether the symbol was at hand; it is passed then.
    mutating func take(_ symbol: String) throws(Stop) -> Bool {
        guard at(symbol) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: String) throws(Stop) {
        guard try take(symbol) else { throw Stop() }
    }

    mutating func name() throws(Stop) -> String {
        guard case .name(let name) = token else { throw Stop() }
        try advance()
        return name
    }

    /// The local variable that a file returns as its last statement; nil if it returns something else.
    static func returned(by source: [UInt8]) -> String? {
        var lexer = LuaLexer(source)
        var last: [LuaLexer.Token] = []
        while true {
            let token = lexer.next().token
            switch token {
            case .invalid: return nil
            case .end:
                guard last.count == 2, last[0] == .symbol("return"), case .name(let name) = last[1] else { return nil }
                return name
            case .symbol(";"): break
            default: last = last.suffix(1) + [token]
            }
        }
    }
}
