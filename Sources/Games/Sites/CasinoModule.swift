import Bytes
import Synchronization
package import Host
package import LuaRuntime
package import NIOCore
package import Store
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `nightjar.casino`: what the package `casino` learns of the server's folders, where it says what it has found wrong in them, and
/// what its components may do (``ComponentFunctions``).
///
/// The rules themselves are Lua (`Scripts/casino`); here are only files.
package final class CasinoModule: HostModule, AccountHolder {
    /// Site files of one server: each is read into Lua as a whole, within the time a package has to load.
    static let sitesMax = 2_000

    private let sites: SiteFiles
    private let games: SourceFolder
    /// `nightjar check`: everything that is found is wanted, and nothing is refused for it.
    private let isCheck: Bool
    /// Leads to the casino, once there is one.
    let link: CasinoLink
    private let collected = Lock<[SiteProblem]>([])
    /// The manifests that could be read last, by game: as many as there are folders.
    private let latest = Lock<[String: GameManifest]>([:])

    /// - Parameters:
    ///   - sites: Where the site files are.
    ///   - games: The folder with one folder per game.
    ///   - isExpected: A ``Casino`` will start with these modules: changes of accounts wait for it.
    package init(sites: SiteFiles, games: SourceFolder, isCheck: Bool = false, isExpected: Bool = false) {
        link = CasinoLink(isExpected: isExpected)
        self.sites = sites
        self.games = games
        self.isCheck = isCheck
    }

    /// What `nightjar check` has found, in the order of its finding, each once.
    package var problems: [SiteProblem] {
        var seen: Set<SiteProblem> = []
        return collected.withLock { $0 }.filter { seen.insert($0).inserted }
    }

    /// Changes of players' accounts go through the players' homes, once there are any.
    package func adjust(
        _ change: Adjustment, on loop: any EventLoop, _ done: @escaping @Sendable (Result<Adjusted, AdjustFailure>) -> Void
    ) -> Bool { link.adjust(change, on: loop, done) }

    package func ledger(of account: AccountKey, asking package: String) throws(StoreError) -> (any Ledger)? {
        try link.ledger(of: account, asking: package)
    }

    package func whenReady(_ body: @escaping @Sendable () -> Void) -> Bool { link.whenReady(body) }

    package let functions = [siteFiles, game, gameNames, mistake, warning, putSite] + ComponentFunctions.all + JackpotFunctions.all

    /// Mistakes refuse a package, with the first of them as the reason.
    package func loaded(_ generation: Generation, _ main: SourceFile) throws(ScriptError) {
        guard let mistakes = generation.moduleStorage[ObjectIdentifier(Mistakes.self)] as? Mistakes, let first = mistakes.list.first else { return }
        guard !isCheck else { return collected.withLock { $0 += mistakes.list } }
        let more = mistakes.list.count == 1 ? "" : " (and \(mistakes.list.count - 1) more; nightjar check shows them)"
        throw ScriptError(kind: .runtime, code: "bad_site", message: first.message + more, chunk: first.file, line: first.line)
    }

    /// What one generation has reported.
    private final class Mistakes {
        var list: [SiteProblem] = []
    }

    // MARK: Functions

    private static let siteFiles = HostFunction(
        module: "casino", "site_files",
        returns: [HostReturn("files", .table, "List of {file = name for messages, text = the file's bytes}.")],
        "Reads the site files while the script loads; a change of one of them loads the package anew."
    ) { call in
        let module = call.generation.module(CasinoModule.self)
        guard call.generation.isLoading else { return .raise("nightjar.casino.site_files reads files only while the script loads") }
        var text = Array("[".utf8)
        for file in module.sites.files(call.generation.files) {
            guard let bytes = try? call.generation.files.read(file) else { continue }
            if text.count > 1 { text.append(text: ",") }
            text.append(text: "{\"file\":")
            text.append(jsonString: file.label)
            text.append(text: ",\"text\":")
            text.append(jsonString: String(decoding: bytes, as: UTF8.self))
            text.append(text: "}")
        }
        text.append(text: "]")
        call.returnJSON(text)
        return .values
    }

    /// Bytes of a manifest; it is told twice, with its settings by themselves.
    private static let manifestBytesMax = 256 << 10

    private static let game = HostFunction(
        module: "casino", "game", [HostParameter("name", .string, "As a site writes it; `-` and `_` are the same.")],
        returns: [HostReturn("game", .table, optional: true, "{id = …, settings = the manifest's, manifest = all of it}; nil when there is no such game.")],
        "Looks for a game while the script loads; when it comes, goes or changes its manifest, the package is loaded anew."
    ) { call in
        let module = call.generation.module(CasinoModule.self)
        guard call.generation.isLoading else { return .raise("nightjar.casino.game reads files only while the script loads") }
        let name = call.string(0) ?? ""
        let folders = module.folders
        let id = folders.contains(name) ? name : folders.first { GameName.folded($0) == GameName.folded(name) } ?? name
        guard isName(id), let bytes = try? call.generation.files.read(module.games.folder(id).file("manifest.json")) else {
            call.returnNil()
            return .values
        }
        // A manifest with mistakes is the game's own affair, and so is one that is too large to be told: what was there before it goes on.
        let good = bytes.count <= manifestBytesMax ? try? GameManifest(parsing: bytes, folder: id) : nil
        let manifest = good ?? module.latest.withLock { $0[id] }
        if let good {
            let keep = { module.latest.withLock { $0[id] = good } }
            if call.generation.isAhead { call.generation.putOff(keep) } else { keep() }
        }
        let nothing = Array("{}".utf8)
        var text = Array("{\"id\":".utf8)
        text.append(jsonString: id)
        text.append(text: ",\"settings\":")
        text.append(contentsOf: manifest?.settings ?? nothing)
        text.append(text: ",\"manifest\":")
        text.append(contentsOf: manifest?.text ?? nothing)
        text.append(text: "}")
        call.returnJSON(text)
        return .values
    }

    private static let gameNames = HostFunction(
        module: "casino", "game_names", returns: [HostReturn("names", .table, "Sorted list.")], "Names all games there are, while the script loads."
    ) { call in
        guard call.generation.isLoading else { return .raise("nightjar.casino.game_names reads files only while the script loads") }
        var text = Array("[".utf8)
        for (index, name) in call.generation.module(CasinoModule.self).folders.enumerated() {
            if index > 0 { text.append(text: ",") }
            text.append(jsonString: name)
        }
        text.append(text: "]")
        call.returnJSON(text)
        return .values
    }

    private static let putSite = HostFunction(
        module: "casino", "put_site",
        [HostParameter("site", .table, "As `casino.sites` describes it.", as: "table")],
        returns: [
            HostReturn("done", .boolean, optional: true),
            HostReturn("code", .string, optional: true, "With nil: `unavailable`, `bad_site`, `full`, or why the store has not taken the values of its jackpots."),
            HostReturn("detail", .string, optional: true),
        ], waits: true,
        "Takes over a site, or its newer settings, while sessions go on. Those that `casino.sites` tells after a reload take its place."
    ) { call in
        let text: [UInt8]
        do throws(ScriptError) { text = try call.json(0) } catch { return .raise("bad argument #1 to 'casino.put_site' (\(error.message))") }
        call.generation.pendingWait = .operation { worker, token in
            guard let loop = worker.storage[ObjectIdentifier(CasinoLoop.self)] as? CasinoLoop else {
                return token.finish(.failure(code: "unavailable", detail: "this server has no sessions"))
            }
            let shared = loop.shared
            func refuse(_ refusal: SiteDirectory.Refusal) { token.finish(.failure(code: refusal.rawValue, detail: refusal.detail)) }
            guard let site = shared.sites.read(site: text) else { return refuse(.bad) }
            if let refusal = shared.sites.refusal(of: site) { return refuse(refusal) }
            shared.commitments.make(for: [site], on: shared.wallets.platforms, of: shared, loop: worker.eventLoop) { error in
                if let error { return token.finish(.failure(code: error.code.rawValue, detail: error.detail)) }
                do throws(SiteDirectory.Refusal) {
                    try shared.sites.put(site)
                    token.finish(.values([.boolean(true)]))
                } catch { refuse(error) }
            }
        }
        return .wait
    }

    private static let place = [
        HostParameter("file", .string, "As in `site_files`."), HostParameter("line", .integer), HostParameter("message", .string),
    ]

    private static let mistake = HostFunction(
        module: "casino", "mistake", place,
        "Says what is wrong with a file, while the script loads: the package is then not taken over, and the one before goes on."
    ) { call in
        guard call.generation.isLoading else { return .raise("nightjar.casino.mistake is for a script that loads") }
        let key = ObjectIdentifier(Mistakes.self)
        let mistakes = call.generation.moduleStorage[key] as? Mistakes ?? Mistakes()
        mistakes.list.append(finding(call))
        call.generation.moduleStorage[key] = mistakes
        return .none
    }

    private static let warning = HostFunction(
        module: "casino", "warning", place,
        "Says what is odd about a file without keeping anybody from using it: a line in the log, a mistake for `nightjar check`."
    ) { call in
        let module = call.generation.module(CasinoModule.self)
        let finding = finding(call)
        if module.isCheck {
            module.collected.withLock { $0.append(finding) }
        } else {
            call.generation.log(.warning, finding.message, ["file": "\(finding.file)", "line": "\(finding.line)"])
        }
        return .none
    }

    private static func finding(_ call: borrowing HostCall) -> SiteProblem {
        SiteProblem(file: call.string(0) ?? "", line: Int(clamping: call.integer(1) ?? 1), message: call.string(2) ?? "")
    }

    private var folders: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: games.path)) ?? []
        return names.filter { Self.isName($0) && FileManager.default.fileExists(atPath: games.path + "/" + $0 + "/manifest.json") }.sorted()
    }

    private static func isName(_ name: String) -> Bool { !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") && !name.utf8.contains(0) }
}
