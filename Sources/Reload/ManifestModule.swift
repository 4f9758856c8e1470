import Host
import LuaRuntime

/// `require "manifest"` in a game: what its manifest says, as a table. For specs, which hold what the game promises there against
/// its engine; engines get their settings, with the site's changes, from `ctx`.
enum ManifestModule {
    static let name = "manifest"

    /// A chunk that decodes the manifest's text, whose change loads the game anew.
    static func source(of context: UnitContext, _ snapshot: SourceSnapshot) -> Result<ModuleSource, ScriptError> {
        let file = context.source.entry
        do {
            let text = try context.read(file, snapshot)
            let quote = quote(for: text)
            let chunk = Array("return require(\"nightjar\").json.decode([\(quote)[".utf8) + text + Array("]\(quote)])".utf8)
            context.noteRequired(RequiredModule(name: name, chunk: file.label, source: chunk))
            return .success(ModuleSource(bytes: chunk, chunk: file.label))
        } catch {
            return .failure(ScriptError(kind: .notFound, code: "no_module", message: "\(file.label) \(error.sentence("is missing"))"))
        }
    }

    /// As many `=` as no long bracket in the text has.
    private static func quote(for text: [UInt8]) -> String {
        var longest = 0, run = 0
        for byte in text {
            run = byte == UInt8(ascii: "=") ? run + 1 : 0
            longest = max(longest, run)
        }
        return String(repeating: "=", count: longest + 1)
    }
}
