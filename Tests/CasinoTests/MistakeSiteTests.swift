import NightjarTesting
import Store
import Testing
@testable import Host
@testable import HostModules
@testable import Reload
@testable import Games

/// Sites as `nightjar check` sees them, together with the games they offer.
@Suite struct MistakeSiteTests {
    /// - Parameters:
    ///   - engine: The first line of its `init`.
    ///   - offers: What its first state offers.
    ///   - module: What is in its table.
    private func problems(sites: [String: String], engine: String = "", offers: String = "'roll'", module: String = "") throws -> [String] {
        let folder = TestFolder()
        folder.write("games/dice/manifest.json", #"{"id": "dice", "settings": {"least": 1, "most": 6}}"#)
        folder.write("games/dice/engine.lua", """
            local M = { actions = { roll = print, double = print }, \(module) }
            function M.init(settings)
              \(engine)
              assert(settings.least <= settings.most, "least is above most")
              return { name = "idle", data = {}, actions = { \(offers) } }
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

    /// A player would hear `action_not_allowed` and nothing more. Once for the game, however many sites begin with that state.
    @Test(arguments: [
        ("'rol', 'double'", "rol", "; did you mean 'roll'?"), ("'roll', 'surrender'", "surrender", " (known: double, roll)"),
    ])
    func aStateThatOffersWhatTheEngineHasNotIsTold(_ offers: String, _ slip: String, _ hint: String) throws {
        let found = try problems(sites: ["a.json": #"{"id": "a", "games": {"dice": {}}}"#], offers: offers)
        #expect(found == [#"engine.lua:2: the state "idle" offers the action "\#(slip)", which the engine does not have\#(hint)"#])
    }

    /// What becomes of the states of the version before is to be said, and be it that they stay as they are.
    @Test func aVersionAfterTheFirstWithoutAMigrationIsTold() throws {
        let found = try problems(sites: [:], module: "\n  version = 2,\n")
        #expect(found.count == 1 && found[0].hasPrefix("engine.lua:2: M.version is 2 and there is no M.migrate"), "\(found)")
        #expect(try problems(sites: [:], module: "version = 2, migrate = function(_, state) return state end") == [])
        #expect(try problems(sites: [:], module: "version = 1") == [])
    }
}
