import Foundation

/// One file of `Tests/MisbehaviourTests/cases`: a package (or an engine) that misbehaves, how that is brought about, and how it
/// must end.
///
///     -- What it does, in one sentence.
///     -- trigger: get /name | post /name BYTES | messages 60 /name text | sockets 20 /name text | deaf 5 /name text
///     --          | closes 50 /name | reload 5 | start | act name | wait 0.5
///     -- trigger: get /name 5 => 200 done
///     -- expect: loads | refused TEXT | error TEXT | errors TEXT | no errors | log TEXT | open
///     -- limits: memory=32 handler=1 settle=1 stop=8 growth=128 seconds=0.6 workers=2 debug=1
///     -- game
///
/// Several triggers happen one after the other, and all expectations must come true. Behind `=>` stands what the clients of the
/// trigger see: TEXT is in each answer, and each of them gets one; `A or B`: one of these; `some TEXT`: not all of them need to be
/// answered while the case is watched; `nothing`: none is. `or` works for `error` and `errors` too. Who asks by HTTP and who acts always says it, and a case whose triggers
/// say nothing has another expectation than `loads`: without an outcome a file is no case. A reload that is to be refused says so
/// in the same way: `reload 2 => TEXT`.
///
/// What begins with `--@ PATH` is another file of the project (`Scripts/other/main.lua`); what comes before the first such line is
/// the package's `main.lua`, or with `game` the game's `engine.lua`.
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
        /// Nothing, for so many seconds.
        case wait(Double)

        /// How many answers its clients are owed.
        var asked: Int {
            switch self {
            case .get(_, let times): times
            case .messages(let count, _, _), .sockets(let count, _, _): count
            case .post, .act: 1
            case .deaf, .closes, .reload, .start, .wait: 0
            }
        }
    }

    /// What the clients of a trigger see.
    enum Answer: Sendable, Equatable {
        /// The file does not say.
        case unsaid
        /// Each of them gets one of these.
        case each([String])
        /// Some get one of these, the others none.
        case some([String])
        case nothing
    }

    struct Step: Sendable {
        var trigger: Trigger
        var answer: Answer
    }

    enum Expectation: Sendable, Equatable {
        case loads
        case refused(String)
        /// There is one with one of these.
        case error([String])
        /// There are some, each with one of these.
        case errors([String])
        case noErrors
        case log(String)
        /// No client is disconnected.
        case open
    }

    struct Malformed: Error, CustomStringConvertible { let description: String }

    let name: String
    private(set) var steps: [Step] = []
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

    var isThereAtStart: Bool { steps.contains { $0.trigger == .start } }
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
        try outcome()
        if isGame { files["games/\(name)/manifest.json"] = #"{"id": "\#(name)", "settings": {"limit": 5, "list": [1, 2, 3]}}"# }
    }

    private mutating func header(_ line: String) throws {
        if line == "game" { isGame = true }
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        switch line[..<colon] {
        case "trigger": steps.append(try step(value))
        case "expect": expectations.append(try expectation(value))
        case "limits": try limits(value)
        default: return
        }
    }

    /// Somebody must see something: else a case that does not even begin would pass.
    private func outcome() throws {
        let isSaid = steps.contains { $0.answer != .unsaid } || expectations.contains { $0 != .loads }
        guard isSaid else { throw Malformed(description: "\(name): it does not say what anybody sees") }
        for step in steps where step.answer == .unsaid {
            switch step.trigger {
            case .get, .post, .act: throw Malformed(description: "\(name): \(step.trigger): what is the answer?")
            default: continue
            }
        }
    }

    private func step(_ text: String) throws -> Step {
        guard let arrow = text.range(of: " => ") else { return Step(trigger: try trigger(text), answer: .unsaid) }
        let answer = text[arrow.upperBound...]
        let trigger = try trigger(String(text[..<arrow.lowerBound]))
        func texts(_ list: Substring) -> [String] { list.components(separatedBy: " or ") }
        if answer == "nothing" { return Step(trigger: trigger, answer: .nothing) }
        guard answer.hasPrefix("some ") else { return Step(trigger: trigger, answer: .each(texts(answer))) }
        return Step(trigger: trigger, answer: .some(texts(answer.dropFirst(5))))
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
        case "wait" where parts.count > 1 && Double(parts[1]) != nil: return .wait(Double(parts[1])!)
        default: throw Malformed(description: "\(name): what is \"trigger: \(text)\"?")
        }
    }

    private func expectation(_ text: String) throws -> Expectation {
        let word = text.prefix { $0 != " " }
        let rest = text.dropFirst(word.count).trimmingCharacters(in: .whitespaces)
        switch (word, rest.isEmpty) {
        case ("loads", true): return .loads
        case ("refused", false): return .refused(rest)
        case ("error", false): return .error(rest.components(separatedBy: " or "))
        case ("errors", false): return .errors(rest.components(separatedBy: " or "))
        case ("no", false): return .noErrors
        case ("log", false): return .log(rest)
        case ("open", true): return .open
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

    /// What takes the place of the main file, and does no harm.
    var mended: String {
        guard !isGame else {
            return #"return { init = function() return { name = "mended", data = {}, actions = {} } end, actions = {} }"#
        }
        // Where a package runs cannot change while the server does.
        let place = files[mainPath]?.contains("workers = \"dedicated\"") == true ? "dedicated" : "one"
        return """
            local nightjar = require "nightjar"
            nightjar.http.get("/\(name)/mended", function() return "mended" end)
            return { version = 1000000, workers = "\(place)", migrate = function(_, state) return state end }
            """
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
