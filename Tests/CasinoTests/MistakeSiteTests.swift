import NightjarTesting
import Store
import Testing
@testable import Host
@testable import HostModules
@testable import Reload
@testable import Games

/// Sites as `nightjar check` sees them, together with the games they offer.
@Suite struct MistakeSiteTests {
    private func problems(sites: [String: String], engine: String = "") throws -> [String] {
        let folder = TestFolder()
        folder.write("games/dice/manifest.json", #"{"id": "dice", "settings": {"least": 1, "most": 6}}"#)
        folder.write("games/dice/engine.lua", """
            local M = { actions = {} }
            function M.init(settings)
              \(engine)
              assert(settings.least <= settings.most, "least is above most")
              return { name = "idle", data = {}, actions = { "roll" } }
            end
            return M
            """)
        for (name, text) in sites { folder.write("sites/" + name, text) }
        let check = SiteCheck(SiteFiles(SourceFolder(path: folder.path + "/sites", label: "sites")), now: 1)
        let configuration = ScriptHostConfiguration(scriptsDirectories: [], gamesDirectory: folder.path + "/games", debug: true)
        var found: [SiteProblem] = []
        _ = ScriptHost.check(configuration, modules: StandardModules(store: MemoryStore()).list() + [EngineModule()]) { _, generation in
            if let generation { found += check.problems(of: generation) }
            return []
        }
        return found.map { $0.description.split(separator: "/").last.map(String.init) ?? "" }
    }

    @Test func aSoundSiteHasNone() throws {
        #expect(try problems(sites: ["a.json": #"{"id": "a", "games": {"dice": {"most": 20}}}"#]) == [])
    }

    @Test func settingsThatAGameDoesNotBeginWithAreTold() throws {
        let found = try problems(sites: ["a.json": #"{"id": "a", "games": {"dice": {"least": 7}}}"#, "b.json": #"{"id": "b", "games": {"dice": {}}}"#])
        #expect(found.count == 1 && found[0].contains("least is above most"), "\(found)")
    }

    @Test func aGameThatDoesNotBeginByItselfIsTold() throws {
        let found = try problems(sites: [:], engine: "error('never')")
        #expect(found.count == 1 && found[0].contains("never"), "\(found)")
    }
}
