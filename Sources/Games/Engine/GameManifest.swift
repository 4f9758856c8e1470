import Bytes
import LuaRuntime

/// What `games/<id>/manifest.json` says (webingo protocol, section 11). Immutable; any thread.
public final class GameManifest: Sendable {
    /// Why a manifest cannot be used.
    public struct Fault: Error, Sendable, Equatable {
        /// Line in the file, from 1.
        public let line: Int
        public let message: String
    }

    /// The canonical id, which is the folder's name.
    public let id: String
    public let title: String
    /// Names `engines/<engine>.lua`, unless the game brings its own `engine.lua`.
    public let engine: String?
    /// The `settings` object as JSON text.
    public let settings: [UInt8]
    /// The whole file.
    public let text: [UInt8]

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
        (id, title, engine, settings) = try parts.get()
    }

    private static func parse(
        _ text: UnsafeRawBufferPointer, _ folder: String
    ) throws(Fault) -> (id: String, title: String, engine: String?, settings: [UInt8]) {
        func fault(_ offset: Int, _ message: String) -> Fault { Fault(line: JSONObject.line(text, offset: offset), message: message) }
        let object: JSONObject
        do { object = try JSONObject(text) } catch { throw fault(error.offset, "not a JSON object: \(error.detail)") }
        func string(_ name: StaticString) throws(Fault) -> String? {
            guard let value = object[name] else { return nil }
            guard let text = value.string, !text.isEmpty else { throw fault(value.offset, "\"\(name)\" must be a string that is not empty") }
            return text
        }
        guard let id = try string("id") else { throw fault(0, "the member \"id\" is missing: the name of the game's folder") }
        guard id == folder else { throw fault(object["id"]?.offset ?? 0, "\"id\" is \"\(id)\", but the folder is called \"\(folder)\"") }
        let engine = try string("engine")
        if let engine {
            let isName = engine.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            guard isName else { throw fault(object["engine"]?.offset ?? 0, "\"engine\" must be a name of letters, digits and _, like \"bingo\"") }
        }
        var settings = Array("{}".utf8)
        if let value = object["settings"] {
            guard value.kind == .object else { throw fault(value.offset, "\"settings\" must be an object") }
            settings = [UInt8](value.bytes)
        }
        return (id, try string("title") ?? id, engine, settings)
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

    public init(json: [UInt8]) {
        self.json = json
        self.fingerprint = Fingerprint.of(json)
        self.id = ContentID(of: json)
    }
}
