import Bytes
package import Host
import LuaRuntime

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The folder of site files. What stands in them is Lua's business (`Scripts/casino/sites.lua`); here they are only found. Any
/// thread, but it reads files.
package struct SiteFiles: Sendable {
    private let folder: SourceFolder

    package init(_ folder: SourceFolder) { self.folder = folder }

    /// The files by name, noted as what the unit depends on, the folder too; none when there is no folder.
    func files(_ unit: any UnitFiles) -> [SourceFile] {
        named(unit.list(SourceFile(path: folder.path, label: folder.label)) ?? [])
    }

    /// What the sites change of a game's settings: the site's id, its file with the entry's line, and the entry as JSON text. Files
    /// that are not in order are left out.
    func entries(of game: String) -> [(site: String, file: String, line: Int, settings: [UInt8])] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return named(names.sorted()).compactMap { file in
            guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
            return Self.entry(of: game, [UInt8](data)).map { ($0.site, file.label, $0.line, $0.settings) }
        }
    }

    private func named(_ names: [String]) -> [SourceFile] {
        names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.prefix(CasinoModule.sitesMax).map { folder.file($0) }
    }

    private static func entry(of game: String, _ bytes: [UInt8]) -> (site: String, line: Int, settings: [UInt8])? {
        bytes.withUnsafeBytes { text -> (site: String, line: Int, settings: [UInt8])? in
            guard let object = try? JSONObject(text), let games = object["games"], let list = games.object else { return nil }
            for index in 0..<list.count {
                let (name, value) = list.member(at: index)
                guard GameName.folded(name) == GameName.folded(game), value.kind == .object else { continue }
                let line = JSONObject.line(text, offset: games.offset + list.offset(at: index))
                return (object["id"]?.string ?? "", line, [UInt8](value.bytes))
            }
            return nil
        }
    }
}
