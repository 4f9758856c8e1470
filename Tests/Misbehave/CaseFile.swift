import Foundation

/// One file of `Tests/MisbehaviourTests/cases`: a package (or an engine) that misbehaves, how that is brought about, and how it
/// must end.
///
///     -- What it does, in one sentence.
///     -- trigger: get /name | post /name BYTES | messages 60 /name text | sockets 20 /name text | deaf 5 /name text
///     --          | closes 50 /name | reload 5 | start | act name
///     -- expect: loads | refused TEXT | error TEXT | no errors | reply TEXT | log TEXT | open
///     -- limits: memory=32 handler=1 settle=1 stop=8 growth=128 seconds=0.6 workers=2 debug=1
///     -- game
///
/// Several triggers happen one after the other, and all expectations must come true. What begins with `--@ PATH` is another file
/// of the project (`Scripts/other/main.lua`); what comes before the first such line is the package's `main.lua`, or with `game`
/// the game's `engine.lua`.
struct CaseFile: Sendable {
    enum Trigger: Sendable, Equatable {
        /// GET, so often at once.
        case get(String, times: Int)
        case post(String, bytes: Int)
        /// One client sends so many messages with one write and reads the answers.
        case messages(Int, String, text: String)
        /// So many clients send a message each.
        case sockets(Int, String, text: String)
        /// So many clients send a message each and never read.
        case deaf(Int, String, text: String)
        /// So many clients come and all leave at once.
        case closes(Int, String)
        /// Saved again and taken over, so often.
        case reload(Int)
        /// It is there when the server starts.
        case start
        /// An action of a game.
        case act(String)
    }

    enum Expectation: Sendable, Equatable {
        case loads
        case refused(String)
        case error(String)
        case noErrors
        case reply(String)
        case log(String)
        /// No client is disconnected.
        case open
    }

    struct Malformed: Error, CustomStringConvertible { let description: String }

    let name: String
    private(set) var triggers: [Trigger] = []
    private(set) var expectations: [Expectation] = []
    private(set) var isGame = false
    /// Memory limit of a Lua state, MiB.
    private(set) var luaMiB = 32
    /// How much the process may grow, MiB: two generations, and what may lie in queues.
    private(set) var growthMiB = 128
    /// Wall time of a handler, seconds. Shorter than outside of tests, so that an old generation is seen to end.
    private(set) var handlerSeconds: Int64 = 30
    /// How long it is watched, seconds.
    private(set) var seconds = 0.6
    /// How long is waited after the mending until memory is compared, seconds.
    private(set) var settleSeconds = 0.1
    /// How long the server may take to stop, seconds.
    private(set) var stopSeconds = 8.0
    private(set) var workers = 1
    private(set) var isDebug = false
    /// Path below the project → text.
    private(set) var files: [String: String] = [:]

    var unit: String { isGame ? "game \(name)" : "package \(name)" }
    var mainPath: String { isGame ? "games/\(name)/engine.lua" : "Scripts/\(name)/main.lua" }

    init(name: String, text: String) throws {
        self.name = name
        var isHeader = true
        var path: String?
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if isHeader, line.hasPrefix("--"), !line.hasPrefix("--@") {
                try header(line.dropFirst(2).trimmingCharacters(in: .whitespaces))
            } else {
                isHeader = false
            }
            if line.hasPrefix("--@ ") {
                files[path ?? mainPath] = current
                path = line.dropFirst(4).trimmingCharacters(in: .whitespaces)
                current = ""
            } else {
                current += line + "\n"
            }
        }
        files[path ?? mainPath] = current
        if expectations.isEmpty { expectations = [.loads] }
        if isGame { files["games/\(name)/manifest.json"] = #"{"id": "\#(name)", "settings": {"limit": 5, "list": [1, 2, 3]}}"# }
    }

    private mutating func header(_ line: String) throws {
        if line == "game" { isGame = true }
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        switch line[..<colon] {
        case "trigger": triggers.append(try trigger(value))
        case "expect": expectations.append(try expectation(value))
        case "limits": try limits(value)
        default: return
        }
    }

    private func trigger(_ text: String) throws -> Trigger {
        let parts = text.split(separator: " ").map(String.init)
        func number(_ index: Int) throws -> Int {
            guard parts.count > index, let value = Int(parts[index]) else { throw Malformed(description: "\(name): \(text)") }
            return value
        }
        func path(_ index: Int) throws -> String {
            guard parts.count > index, parts[index].hasPrefix("/") else { throw Malformed(description: "\(name): \(text)") }
            return parts[index]
        }
        let rest = parts.dropFirst(3).joined(separator: " ")
        switch parts.first {
        case "get": return .get(try path(1), times: parts.count > 2 ? try number(2) : 1)
        case "post": return .post(try path(1), bytes: try number(2))
        case "messages": return .messages(try number(1), try path(2), text: rest)
        case "sockets": return .sockets(try number(1), try path(2), text: rest)
        case "deaf": return .deaf(try number(1), try path(2), text: rest)
        case "closes": return .closes(try number(1), try path(2))
        case "reload": return .reload(try number(1))
        case "start": return .start
        case "act" where parts.count > 1: return .act(parts[1])
        default: throw Malformed(description: "\(name): what is \"trigger: \(text)\"?")
        }
    }

    private func expectation(_ text: String) throws -> Expectation {
        let word = text.prefix { $0 != " " }
        let rest = text.dropFirst(word.count).trimmingCharacters(in: .whitespaces)
        switch word {
        case "loads": return .loads
        case "refused": return .refused(rest)
        case "error": return .error(rest)
        case "no": return .noErrors
        case "reply": return .reply(rest)
        case "log": return .log(rest)
        case "open": return .open
        default: throw Malformed(description: "\(name): what is \"expect: \(text)\"?")
        }
    }

    private mutating func limits(_ text: String) throws {
        for part in text.split(separator: " ") {
            let pair = part.split(separator: "=")
            guard pair.count == 2, let value = Double(pair[1]) else { throw Malformed(description: "\(name): \(part)") }
            switch pair[0] {
            case "memory": luaMiB = Int(value)
            case "growth": growthMiB = Int(value)
            case "handler": handlerSeconds = Int64(value)
            case "seconds": seconds = value
            case "settle": settleSeconds = value
            case "stop": stopSeconds = value
            case "workers": workers = Int(value)
            case "debug": isDebug = value != 0
            default: throw Malformed(description: "\(name): what is \(part)?")
            }
        }
    }

    /// Where the cases are.
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("MisbehaviourTests/cases")

    static func all() throws -> [CaseFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasSuffix(".lua") }.sorted().map { try CaseFile(named: String($0.dropLast(4))) }
    }

    init(named name: String) throws {
        try self.init(name: name, text: String(contentsOf: Self.folder.appendingPathComponent(name + ".lua"), encoding: .utf8))
    }
}
