import NightjarTesting
import Store
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What the scripts of a folder are, for tests that need no server.
func projectConfiguration(_ folder: TestFolder) -> ScriptHostConfiguration {
    ScriptHostConfiguration(scriptsDirectories: [folder.path + "/Scripts"], gamesDirectory: folder.path + "/games", debug: false)
}

/// Everything scripts can ask for in a whole server.
func projectModules() -> [any HostModule] {
    let nowhere = SourceFolder(path: "/nowhere", label: "nowhere")
    return StandardModules(store: MemoryStore()).list() + [EngineModule(), CasinoModule(sites: SiteFiles(nowhere), games: nowhere)]
}

/// A package that answers `/NAME` with a text.
func answering(_ name: String, _ text: String, _ more: String = "") -> String {
    """
    local nightjar = require "nightjar"
    local M = {}
    \(more)
    nightjar.http.get("/\(name)", function() return "\(text)" end)
    return M
    """
}
