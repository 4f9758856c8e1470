import Foundation
import NightjarTesting
import Testing
@testable import HostModules
@testable import Reload
import Store

/// `lib.triggers` in the server: its specs, and what only a running package can show.
@Suite(.timeLimit(.minutes(2))) struct TriggerLibraryTests {
    private static let scripts = TestFolder.project(of: #filePath) + "/Scripts"

    /// A set over posted texts; `/ran` tells the actions that ran.
    private static let package = """
        local nightjar = require "nightjar"
        local triggers = require "lib.triggers"
        local M = { limits = { slice_ms = 100 } }
        local set = triggers.new { name = "live", events = { name = "kind", kinds = { hit = { n = "integer" } } } }
        local function note(text)
          local ran = nightjar.state.get("ran") or {}
          ran[#ran + 1] = text
          nightjar.state.set("ran", ran)
        end
        set:add { name = "first", events = { "hit" }, where = { n = { lt = 100 } }, action = function(event)
          nightjar.sleep(0)
          note("first " .. event.n)
        end }
        set:add { name = "edited", events = { "hit" }, where = { n = 5 }, action = function(event) note("edited " .. event.n) end }
        set:add { name = "loop", events = { "hit" }, where = { n = 500 }, action = function() while true do end end }
        set:add { name = "slow", events = { "hit" }, where = { n = { min = 1000 } }, action = function(event)
          if nightjar.state.get("hold") then nightjar.event.wait("go", 60) end
          note("slow " .. event.n)
        end }
        local difference = {}
        function M.on_reload()
          local changed = set:resume()
          difference = { #changed.added, #changed.kept, #changed.removed }
        end
        nightjar.http.post("/hit", function(request)
          local _, fired = set:dispatch(request.body)
          return tostring(fired)
        end)
        nightjar.http.post("/hit-and-fail", function(request)
          set:dispatch(request.body)
          error("after the event")
        end)
        nightjar.http.post("/storm", function(request)
          for i = 1, tonumber(request.body) do set:dispatch({ kind = "hit", n = 1000 + i }) end
        end)
        nightjar.http.post("/hold", function(request) nightjar.state.set("hold", request.body == "true") nightjar.event.notify("go") end)
        nightjar.http.get("/wait", function(request)
          local event, code = set:wait_for({ events = { "hit" }, where = { n = { max = 0 } } }, tonumber(request.query.seconds))
          return ("%s, %s, %d left"):format(event and event.n, code, #set:list())
        end)
        nightjar.http.get("/ran", function() return { json = nightjar.json.array(nightjar.state.get("ran") or {}) } end)
        nightjar.http.get("/difference", function() return { json = difference } end)
        nightjar.http.get("/line", function()
          local state = set:report().actions
          return ("%d running, %d waiting"):format(state.running, state.waiting)
        end)
        nightjar.http.get("/report", function(request) return { json = set:report(request.query.name) } end)
        return M
        """

    private func options() -> ServerOptions {
        var options = ServerOptions()
        options.copies = ["Scripts/lib": Self.scripts + "/lib"]
        options.packages = ["live": Self.package]
        return options
    }

    private func hit(_ server: TestServer, _ n: Int) async throws -> String {
        try await server.request("POST", "/hit", body: #"{"kind":"hit","n":"\#(n)"}"#).text
    }

    /// What is wrong with packages in a folder, in the words of `nightjar check`.
    private func problems(_ folder: TestFolder) -> [String] {
        let configuration = ScriptHostConfiguration(
            scriptsDirectories: [folder.path + "/Scripts"], gamesDirectory: folder.path + "/games", debug: false)
        return ScriptHost.check(configuration, modules: StandardModules(store: MemoryStore()).list()).map(\.description)
    }

    @Test func theSpecsOfTheLibraryPass() throws {
        let folder = TestFolder()
        try folder.copy(Self.scripts + "/lib", to: "Scripts/lib")
        try folder.copy(Self.scripts + "/lib/spec", to: "Scripts/probe/spec")
        folder.write("Scripts/probe/main.lua", "return {}")
        #expect(problems(folder) == [])
        // They are run: one that is broken is found.
        try folder.edit("Scripts/probe/spec/triggers_where_spec.lua") { $0.replacing("zone_id = 8 }) and not", with: "zone_id = 9 }) and not") }
        #expect(problems(folder).contains { $0.contains("a_plain_value_must_be_equal") })
    }

    @Test(arguments: ["run_watch", "gateway_watch"]) func theSpecsOfTheExamplesPass(_ example: String) throws {
        let folder = TestFolder()
        try folder.copy(Self.scripts + "/lib", to: "Scripts/lib")
        try folder.copy(Self.scripts + "/examples/\(example)", to: "Scripts/\(example)")
        #expect(problems(folder) == [])
    }

    /// A server begins without a trigger file that does not load; a check is told of it.
    @Test func aBrokenTriggerFileFailsTheCheck() throws {
        let folder = TestFolder()
        try folder.copy(Self.scripts + "/lib", to: "Scripts/lib")
        try folder.copy(Self.scripts + "/ps2", to: "Scripts/ps2")
        #expect(problems(folder) == [])
        folder.write("Scripts/ps2/triggers/a.lua", "local ps2 = require \"ps2\"\nps2.trigger { event = \"Death\" }")
        #expect(problems(folder).contains { $0.contains("Scripts/ps2/triggers/a.lua:2: ") && $0.contains("did you mean \"events\"?") })
    }

    /// The first Lua of a page that begins so.
    private static func block(_ page: String, _ beginning: String) throws -> String {
        let text = try String(contentsOfFile: TestFolder.project(of: #filePath) + "/" + page, encoding: .utf8)
        let blocks = text.components(separatedBy: "```lua\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
        return try #require(blocks.first { $0.hasPrefix(beginning) })
    }

    @Test(arguments: ["README.md", "docs/ps2.md"])
    func theTriggerOfThePageLoads(_ page: String) throws {
        let folder = TestFolder()
        try folder.copy(Self.scripts + "/lib", to: "Scripts/lib")
        try folder.copy(Self.scripts + "/ps2", to: "Scripts/ps2")
        folder.write("Scripts/ps2/triggers/page.lua", try Self.block(page, "local ps2 = require"))
        #expect(problems(folder) == [])
    }

    @Test func theSetOfThePageLoads() throws {
        let folder = TestFolder()
        try folder.copy(Self.scripts + "/lib", to: "Scripts/lib")
        let text = try Self.block("docs/triggers.md", "local triggers = require")
        folder.write("Scripts/door/main.lua", "local nightjar = require \"nightjar\"\nlocal M = {}\n\(text)\nreturn M\n")
        #expect(problems(folder) == [])
    }

    @Test func theExampleTellsWhoWatches() async throws {
        var options = ServerOptions()
        options.copies = ["Scripts/lib": Self.scripts + "/lib", "Scripts/run_watch": Self.scripts + "/examples/run_watch"]
        try await withTestServer(options) { server in
            let watcher = try await server.connect("/runs/watch")
            let text = #"{"kind":"boss_beaten","runner":"Kim","boss":"Hecate","seconds":"80","hits":"0"}"#
            #expect(try await server.request("POST", "/runs/events", body: text).text == #"{"fired":1}"#)
            #expect(try await watcher.receiveText() == "Kim beat Hecate without a scratch!")
            let hit = text.replacing(#""hits":"0""#, with: #""hits":"3""#)
            #expect(try await server.request("POST", "/runs/events", body: hit).text == #"{"fired":0}"#)
            #expect(try await server.get("/runs/triggers?name=flawless%20boss").contains("does not fire: hits is 3; wanted is 0"))
            #expect(try await server.request("POST", "/runs/events", body: "{}").status == 400)
        }
    }

    @Test func actionsRunInTasksOfTheirOwn() async throws {
        try await withTestServer(options()) { server in
            #expect(try await hit(server, 5) == "2")
            try await eventually("both actions") { try await server.get("/ran").contains("first 5") }
            #expect(try await server.get("/ran").contains("edited 5"))
        }
    }

    @Test func aReloadKeepsWhatWasCountedAndTellsTheDifference() async throws {
        try await withTestServer(options()) { server in
            #expect(try await server.get("/difference") == "[4,0,0]")
            _ = try await hit(server, 5)
            _ = try await hit(server, 500_000)
            try await eventually("the actions") { try await server.get("/ran").contains("slow") }
            server.save("Scripts/live/main.lua", Self.package.replacing("where = { n = 5 }", with: "where = { n = { 5, 6 } }"))
            #expect(try await server.reload() == ["package live: loaded"])
            #expect(try await server.get("/difference") == "[1,3,1]")
            let kept = try await server.get("/report?name=first")
            #expect(kept.contains(#""seen":2"#) && kept.contains(#""matched":1"#) && kept.contains(#""finished":1"#))
            #expect(try await server.get("/report?name=edited").contains(#""seen":0"#))
            #expect(try await hit(server, 6) == "2")
        }
    }

    @Test func aStormLosesNoEventAndWhatWaitsGoesThroughAReload() async throws {
        try await withTestServer(options()) { server in
            _ = try await server.request("POST", "/hold", body: "true")
            for _ in 0..<4 { _ = try await server.request("POST", "/storm", body: "300") }
            try await eventually("the first tasks") { try await server.get("/line") == "256 running, 944 waiting" }
            server.save("Scripts/live/main.lua", Self.package + "\n-- again\n")
            #expect(try await server.reload() == ["package live: loaded"])
            // Those that had begun wait in the former generation; what has waited for its turn begins in this one.
            try await eventually("the next tasks") { try await server.get("/line") == "256 running, 688 waiting" }
            for _ in 0..<4 { _ = try await server.request("POST", "/hold", body: "false") }
            try await eventually("the end of the line") { try await server.get("/line") == "0 running, 0 waiting" }
            let report = try await server.get("/report?name=slow")
            #expect(report.contains(#""seen":1200"#) && report.contains(#""matched":1200"#) && report.contains(#""finished":944"#))
            #expect(report.contains(#""started":1200"#) && report.contains(#""refused":0"#))
        }
    }

    @Test func anActionThatTakesTooLongIsEndedAndCounted() async throws {
        try await withTestServer(options(), allowsScriptErrors: true) { server in
            _ = try await hit(server, 500)
            try await eventually("the end of the loop") { server.scriptErrors.contains { $0.contains("the script took longer than") } }
            #expect(try await hit(server, 5) == "2")
            try await eventually("the other actions") { try await server.get("/ran").contains("first 5") }
            try await eventually("its place") { try await server.get("/line") == "0 running, 0 waiting" }
            #expect(try await server.get("/report?name=loop").contains(#""errors":1"#))
        }
    }

    @Test func anActionWhoseHandlerFailsLaterRunsAllTheSame() async throws {
        try await withTestServer(options(), allowsScriptErrors: true) { server in
            let failed = try await server.request("POST", "/hit-and-fail", body: #"{"kind":"hit","n":5}"#)
            #expect(failed.status == 500)
            // What the handler has asked for is dropped with it; the set asks again.
            try await eventually("the actions") { try await server.get("/ran").contains("first 5") }
        }
    }

    @Test func waitForGivesTheEventOrGivesUp() async throws {
        try await withTestServer(options()) { server in
            async let waiting = server.get("/wait?seconds=30")
            try await eventually("the trigger") { try await server.get("/report").contains(#""has_action":false"#) }
            #expect(try await hit(server, -7) == "2")
            #expect(try await waiting == "-7, nil, 4 left")
            #expect(try await server.get("/wait?seconds=0.01") == "nil, timeout, 4 left")
        }
    }
}
