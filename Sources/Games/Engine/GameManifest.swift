import Bytes
import LuaRuntime

/// What `games/<id>/manifest.json` says (docs/writing-games.md). Immutable; any thread.
public final class GameManifest: Sendable {
    /// Why a manifest cannot be used.
    public struct Fault: Error, Sendable {
        /// All that is wrong, at least one: line in the file, from 1, and words.
        public let all: [(line: Int, message: String)]
        public var line: Int { all[0].line }
        public var message: String { all[0].message }
    }

    /// The canonical id, which is the folder's name.
    public let id: String
    public let title: String
    /// Names `engines/<engine>.lua`, unless the game brings its own `engine.lua`.
    public let engine: String?
    /// The `settings` object as JSON text.
    public let settings: [UInt8]
    /// What the engine may know beside state, parameters, time and chance.
    public let reads: Set<Reading>
    /// What becomes of a round that nobody finishes.
    public let unfinished: Unfinished
    /// The whole file.
    public let text: [UInt8]

    /// What an engine is blind to unless its manifest names it under `reads`.
    public enum Reading: String, Sendable, CaseIterable {
        /// The player's balance, `ctx.credits`.
        case credits
    }

    /// The manifest's `unfinished`.
    public enum Unfinished: String, Sendable, CaseIterable {
        /// The engine ends the round, and what it has won is paid.
        case pay
        /// The round is taken back and its stakes are refunded.
        case void
    }

    /// Reads a manifest strictly.
    ///
    /// - Parameters:
    ///   - text: The file's bytes.
    ///   - folder: The game folder's name, which the `id` must repeat.
    /// - Throws: ``Fault`` with the line.
    public init(parsing text: [UInt8], folder: String) throws(Fault) {
        let parts = text.withUnsafeBytes { bytes in
            Result { () throws(Fault) in try Self.parse(bytes, folder) }
        }
        self.text = text
        (id, title, engine, settings, reads, unfinished) = try parts.get()
    }

    private static func parse(
        _ text: UnsafeRawBufferPointer, _ folder: String
    ) throws(Fault) -> (
        id: String, title: String, engine: String?, settings: [UInt8], reads: Set<Reading>, unfinished: Unfinished
    ) {
        let object: JSONObject
        do { object = try JSONObject(text) } catch {
            throw Fault(all: [(JSONObject.line(text, offset: error.offset), "not a JSON object: \(error.detail)")])
        }
        var faults: [(line: Int, message: String)] = []
        func wrong(_ offset: Int, _ message: String) { faults.append((JSONObject.line(text, offset: offset), message)) }
        func string(_ name: StaticString) -> String? {
            guard let value = object[name] else { return nil }
            if let text = value.string, !text.isEmpty { return text }
            wrong(value.offset, "\"\(name)\" must be a string that is not empty")
            return nil
        }
        let id = string("id")
        if let id {
            if id != folder { wrong(object["id"]?.offset ?? 0, "\"id\" is \"\(id)\", but the folder is called \"\(folder)\"") }
        } else if object["id"] == nil {
            let slip = (0..<object.count).map { object.member(at: $0).name }.firstIndex { Suggestion.nearest($0, among: ["id"]) != nil }
            let hint = slip.map { "; did you mean it by \"\(object.member(at: $0).name)\"?" } ?? ""
            wrong(slip.map { object.offset(at: $0) } ?? 0, "the member \"id\" is missing: the name of the game's folder" + hint)
        }
        let title = string("title")
        let engine = string("engine")
        if let engine {
            let isName = engine.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            if !isName { wrong(object["engine"]?.offset ?? 0, "\"engine\" must be a name of letters, digits and _, like \"bingo\"") }
        }
        var settings = Array("{}".utf8)
        if let value = object["settings"] {
            settings = [UInt8](value.bytes)
            if value.kind != .object {
                wrong(value.offset, "\"settings\" must be an object")
            } else {
                do { _ = try WinCaps(settings) } catch { wrong(value.offset, error.text) }
            }
        }
        var reads: Set<Reading> = []
        if let value = object["reads"] {
            let known = Reading.allCases.map(\.rawValue)
            if value.kind != .array { wrong(value.offset, "\"reads\" must be a list, of \(known.joined(separator: ", "))") }
            for element in value.elements ?? [] {
                if let reading = element.string.flatMap({ Reading(rawValue: $0) }) {
                    reads.insert(reading)
                } else {
                    let hint = Suggestion.hint(element.string ?? "", among: known)
                    wrong(value.offset + element.offset, "\"reads\" has something that no engine can read\(hint); it may have \(known.joined(separator: ", "))")
                }
            }
        }
        let unfinished = string("unfinished").map { text in
            if Unfinished(rawValue: text) == nil { wrong(object["unfinished"]?.offset ?? 0, "\"unfinished\" must be \"pay\" or \"void\"") }
            return Unfinished(rawValue: text) ?? .pay
        }
        guard faults.isEmpty, let id else { throw Fault(all: faults) }
        return (id, title ?? id, engine, settings, reads, unfinished ?? .pay)
    }

    /// A member whose name is nearly `name`, so that this was probably meant, and its line; nil: there is none.
    func slip(for name: String) -> (name: String, line: Int)? {
        Self.members(text).first { Suggestion.nearest($0.name, among: [name]) != nil }
    }

    /// The line of a member, from 1; nil if it is not there.
    func line(of name: String) -> Int? { Self.members(text).first { $0.name == name }?.line }

    private static func members(_ text: [UInt8]) -> [(name: String, line: Int)] {
        text.withUnsafeBytes { bytes in
            guard let object = try? JSONObject(bytes) else { return [] }
            return (0..<object.count).map { (object.member(at: $0).name, JSONObject.line(bytes, offset: object.offset(at: $0))) }
        }
    }

    /// The settings that hold on a site: those of the manifest, overlaid key by key by the site's entry.
    ///
    /// - Parameter site: JSON text of the site's entry for the game, or nil.
    public func effectiveSettings(site: [UInt8]?) -> GameSettings {
        guard let site else { return GameSettings(json: settings) }
        let merged = settings.withUnsafeBytes { base in
            site.withUnsafeBytes { over -> [UInt8] in
                guard let base = try? JSONObject(base), let over = try? JSONObject(over) else { return settings }
                return JSONMerge.overlay(base, over)
            }
        }
        return GameSettings(json: merged)
    }
}

/// Effective settings of a game on one site. Immutable; any thread.
public final class GameSettings: Sendable {
    /// A JSON object.
    public let json: [UInt8]
    /// Tells settings apart; the same on every machine. Older journals name settings so.
    public let fingerprint: UInt64
    /// Names the settings in the journal.
    public let id: ContentID
    /// What they let a round pay; nil if they do not say.
    let caps: WinCaps?
    /// Why nobody may play with them: a cap that cannot be read is none that can be held.
    let problem: String?
    /// The levels of jackpots that the game feeds and can win; nil: none.
    let jackpots: JackpotPlan?

    public init(json: [UInt8]) {
        self.json = json
        self.fingerprint = Fingerprint.of(json)
        self.id = ContentID(of: json)
        do {
            caps = try WinCaps(json)
            problem = nil
        } catch {
            caps = nil
            problem = error.text
        }
        self.jackpots = JackpotPlan(settings: json)
    }
}
