/// Splits a Lua 5.4 source into tokens (reference manual, section 3.1). Only as precise as finding names needs: numbers and
/// strings with escapes lose their values.
struct LuaLexer {
    enum Token: Equatable {
        case name(String)
        /// A keyword or an operator.
        case symbol(String)
        /// A quoted string without escapes.
        case string(String)
        case literal
        case end
        /// Not Lua; the compiler says why.
        case invalid
    }

    static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not",
        "or", "repeat", "return", "then", "true", "until", "while",
    ]
    private static let operators: [[UInt8]] = [
        "...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", "..",
    ].map { Array($0.utf8) }

    private let text: [UInt8]
    private var position = 0
    private(set) var line = 1

    init(_ text: [UInt8]) {
        self.text = text
        // A first line with # is left out, as by the stand-alone interpreter.
        if text.first == UInt8(ascii: "#") { skipLine() }
    }

    mutating func next() -> (token: Token, line: Int) {
        guard skipBlank() else { return (.invalid, line) }
        let start = line
        guard let byte = peek() else { return (.end, start) }
        if Self.isNameStart(byte) { return (word(), start) }
        if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && Self.isDigit(peek(1))) { return (number(), start) }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return (string(byte), start) }
        if byte == UInt8(ascii: "["), let level = longBracketLevel() { return (longBracket(level) ? .literal : .invalid, start) }
        for symbol in Self.operators where text[position...].starts(with: symbol) {
            position += symbol.count
            return (.symbol(String(decoding: symbol, as: UTF8.self)), start)
        }
        guard "+-*/%^#&~|<>=(){}[];:,.".utf8.contains(byte) else { return (.invalid, start) }
        position += 1
        return (.symbol(String(UnicodeScalar(byte))), start)
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < text.count ? text[position + offset] : nil
    }

    private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    private static func isNameStart(_ byte: UInt8?) -> Bool {
        byte.map { (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F } ?? false
    }

    private mutating func advance() {
        if text[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func skipLine() {
        while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
    }

    /// False: a comment without an end.
    private mutating func skipBlank() -> Bool {
        while let byte = peek() {
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                advance()
            } else if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                position += 2
                if peek() == UInt8(ascii: "["), let level = longBracketLevel() {
                    guard longBracket(level) else { return false }
                } else {
                    skipLine()
                }
            } else {
                break
            }
        }
        return true
    }

    private mutating func word() -> Token {
        let start = position
        while Self.isNameStart(peek()) || Self.isDigit(peek()) { position += 1 }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        return Self.keywords.contains(word) ? .symbol(word) : .name(word)
    }

    private mutating func number() -> Token {
        let isHex = peek() == UInt8(ascii: "0") && (peek(1) ?? 0) | 0x20 == UInt8(ascii: "x")
        let exponent = UInt8(ascii: isHex ? "p" : "e")
        while let byte = peek() {
            if byte | 0x20 == exponent, peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") {
                position += 2
            } else if Self.isDigit(byte) || Self.isNameStart(byte) || byte == UInt8(ascii: ".") {
                position += 1
            } else {
                break
            }
        }
        return .literal
    }

    private mutating func string(_ quote: UInt8) -> Token {
        position += 1
        let start = position
        var isPlain = true
        while let byte = peek() {
            switch byte {
            case quote:
                position += 1
                return isPlain ? .string(String(decoding: text[start..<position - 1], as: UTF8.self)) : .literal
            case UInt8(ascii: "\\"):
                isPlain = false
                position += 1
                guard let escaped = peek() else { return .invalid }
                advance()
                // \z skips all white space, line ends included.
                if escaped == UInt8(ascii: "z") {
                    while let space = peek(), space == 0x20 || (0x09...0x0D).contains(space) { advance() }
                }
            case UInt8(ascii: "\n"):
                return .invalid
            default:
                position += 1
            }
        }
        return .invalid
    }

    /// The number of `=` of a long bracket that opens here, or nil.
    private func longBracketLevel() -> Int? {
        var level = 0
        while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
        return peek(1 + level) == UInt8(ascii: "[") ? level : nil
    }

    private mutating func longBracket(_ level: Int) -> Bool {
        position += level + 2
        while let byte = peek() {
            if byte == UInt8(ascii: "]") {
                var count = 0
                while peek(1 + count) == UInt8(ascii: "=") { count += 1 }
                if count == level, peek(1 + count) == UInt8(ascii: "]") {
                    position += level + 2
                    return true
                }
            }
            advance()
        }
        return false
    }
}
