import LuaRuntime
import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite(.timeLimit(.minutes(1))) struct ControlReloadTests {
    @Test(arguments: [
        ("syntax", "local x = = 1\n", "Scripts/p/main.lua:1: "),
        ("half-written", "local nightjar = require \"nightjar\"\nlocal M = {}\nfunction M.on_re", "Scripts/p/main.lua:3: "),
        ("error at load", "local M = {}\nerror(\"boom\")\nreturn M", "Scripts/p/main.lua:2: "),
        ("missing module", "local M = {}\n\nlocal m = require \"nothing\"\nreturn M", "Scripts/p/main.lua:3: module 'nothing' not found: no Scripts/p/nothing.lua"),
        ("shared module that is missing", "local m = require \"lib.nothing\"\nreturn {}", "Scripts/p/main.lua:1: module 'lib.nothing' not found: no Scripts/p/lib/nothing.lua, no Scripts/lib/nothing.lua"),
        ("endless loop", "local M = {}\nwhile true do end\nreturn M", "Scripts/p/main.lua:2: "),
        ("no module", "local x = 1", "Scripts/p/main.lua: the file must end with `return M`"),
        ("global", "x = 1\nreturn {}", "Scripts/p/main.lua:1: assignment to undeclared variable 'x'"),
        ("bad setting", "return { workers = \"many\" }", "Scripts/p/main.lua: M.workers must be"),
        ("bad function", "return { on_reload = 1 }", "Scripts/p/main.lua: M.on_reload must be a function"),
        ("wait at load", "local n = require \"nightjar\"\nn.sleep(1)\nreturn {}", "Scripts/p/main.lua:2: "),
        ("on_reload raises", "local M = {}\nfunction M.on_reload()\n  error(\"late\")\nend\nreturn M", "Scripts/p/main.lua:3: late"),
        ("other package", "local m = require \"..q.main\"\nreturn {}", "Scripts/p/main.lua:1: "),
        ("empty", "", "Scripts/p/main.lua: the file must end with"),
    ])
    func aBrokenFileKeepsTheFormerGeneration(_ name: String, _ text: String, _ expected: String) async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/p") == "one")
        folder.write("Scripts/p/main.lua", text)
        let events = try await server.reload()
        #expect(events.count == 1)
        #expect(events.first?.hasPrefix("package p: " + expected) == true, "\(events)")
        #expect(try await server.get("/p") == "one")
        let status = await server.host.status()
        #expect(status.first?.generation?.number == 1)
        #expect(status.first?.error != nil)
        #expect(try await server.reload() == events, "a file that is still broken fails again")
        folder.write("Scripts/p/main.lua", answering("p", "two"))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/p") == "two")
        #expect(await server.host.status().first?.error == nil)
        await server.stop()
    }

    @Test func aDeletedMainFileIsAMistakeADeletedFolderAFarewell() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        folder.write("Scripts/p/other.lua", "")
        let server = try await TestServer(folder: folder)
        folder.remove("Scripts/p/main.lua")
        #expect(try await server.reload() == ["package p: Scripts/p/main.lua: is missing"])
        #expect(try await server.get("/p") == "one")
        folder.remove("Scripts/p")
        #expect(try await server.reload() == ["package p: unloaded"])
        #expect(try await server.get("/p").hasPrefix("404"))
        #expect(await server.host.status().isEmpty)
        folder.write("Scripts/p/main.lua", answering("p", "back"))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/p") == "back")
        await server.stop()
    }

    @Test func dependenciesAreFollowedThroughRequireAndData() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", """
            local n = require "nightjar"
            local M = {}
            local text = require("lib.shared") .. require("sub.own") .. n.data("data/words.txt")
            n.http.get("/a", function() return text .. n.data("data/words.txt") end)
            return M
            """)
        folder.write("Scripts/a/sub/own.lua", "return 'own,'")
        folder.write("Scripts/a/data/words.txt", "words")
        folder.write("Scripts/lib/shared.lua", "return 'lib,'")
        folder.write("Scripts/b/main.lua", answering("b", "b", "local s = require 'lib.shared'"))
        folder.write("Scripts/c/main.lua", answering("c", "c"))
        let server = try await TestServer(folder: folder, workers: 2)
        #expect(try await server.get("/a") == "lib,own,wordswords")
        folder.write("Scripts/a/data/words.txt", "WORDS")
        #expect(try await server.reload() == ["package a: loaded"])
        folder.write("Scripts/a/sub/own.lua", "return 'OWN,'")
        #expect(try await server.reload() == ["package a: loaded"])
        folder.write("Scripts/lib/shared.lua", "return 'LIB,'")
        #expect(try await server.reload() == ["package a: loaded", "package b: loaded"])
        #expect(try await server.get("/a") == "LIB,OWN,WORDSWORDS")
        // A file of its own now comes before the shared one.
        folder.write("Scripts/a/lib/shared.lua", "return 'MINE,'")
        #expect(try await server.reload() == ["package a: loaded"])
        #expect(try await server.get("/a") == "MINE,OWN,WORDSWORDS")
        folder.remove("Scripts/a/sub/own.lua")
        let events = try await server.reload()
        #expect(events.count == 1 && events[0].contains("Scripts/a/main.lua:3: module 'sub.own' not found"), "\(events)")
        folder.write("Scripts/a/unused.lua", "")
        folder.write("Scripts/c/main.lua", answering("c", "c"))
        #expect(try await server.reload() == events, "what is still broken, and nothing else")
        folder.write("Scripts/a/sub/own.lua", "return 'own,'")
        #expect(try await server.reload() == ["package a: loaded"])
        #expect(try await server.reload() == [])
        await server.stop()
    }

    @Test func aRouteOfAnotherPackageIsNotTaken() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", answering("same", "a"))
        folder.write("Scripts/b/main.lua", answering("b", "b"))
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/b/main.lua", answering("same", "b"))
        #expect(try await server.reload() == ["package b: Scripts/b/main.lua:4: the route GET /same on the listener \"main\" belongs to package a"])
        #expect(try await server.get("/same") == "a")
        #expect(try await server.get("/b") == "b")
        folder.write("Scripts/a/main.lua", answering("a", "a"))
        #expect(try await server.reload() == ["package a: loaded", "package b: loaded"])
        #expect(try await server.get("/same") == "b")
        #expect(try await server.get("/b").hasPrefix("404"))
        await server.stop()
    }

    @Test func stateIsCarriedAndMigratedOrNothingChanges() async throws {
        func source(_ version: Int, _ migrate: String) -> String {
            """
            local n = require "nightjar"
            local M = { version = \(version) }
            n.http.get("/p", function() return "v\(version) " .. tostring(n.state.get("x")) end)
            function M.on_ready() n.state.set("x", 1) end
            \(migrate)
            return M
            """
        }
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", source(1, ""))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/p") == "v1 1")
        folder.write("Scripts/p/main.lua", source(2, "function M.migrate(from, state)\n  error('cannot')\nend"))
        let failed = try await server.reload()
        #expect(failed.first?.contains("Scripts/p/main.lua:6: cannot") == true, "\(failed)")
        #expect(try await server.get("/p") == "v1 1")
        folder.write("Scripts/p/main.lua", source(2, "function M.migrate(from, state) state.x = state.x + from return state end"))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/p") == "v2 2")
        folder.write("Scripts/p/main.lua", source(2, "-- a comment"))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/p") == "v2 2")
        await server.stop()
    }

    @Test func anAllPackageSwapsOnEveryLoopOrOnNone() async throws {
        let folder = TestFolder()
        let all = "M.workers = \"all\""
        folder.write("Scripts/p/main.lua", answering("p", "one", all))
        let server = try await TestServer(folder: folder, workers: 3)
        func answers() async throws -> Set<String> {
            var result: Set<String> = []
            for _ in 0..<9 { result.insert(try await server.get("/p")) }
            return result
        }
        #expect(try await answers() == ["one"])
        #expect(await server.host.status().first?.workers == [0, 1, 2])
        folder.write("Scripts/p/main.lua", answering("p", "two", all + "\nfunction M.on_reload() error('no') end"))
        #expect(try await server.reload() == ["package p: Scripts/p/main.lua:4: no"])
        #expect(try await answers() == ["one"])
        folder.write("Scripts/p/main.lua", answering("p", "three", all))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await answers() == ["three"])
        folder.write("Scripts/p/main.lua", answering("p", "four"))
        #expect(try await server.reload().first?.contains("needs a restart") == true)
        #expect(try await answers() == ["three"])
        await server.stop()
    }

    @Test func namedUnitsAreLoadedAgainUnchangedAndUnknownOnesReported() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder)
        #expect(try await server.reload(["p"]) == ["package p: loaded"])
        #expect(try await server.reload(["package p"]) == ["package p: loaded"])
        #expect(try await server.reload(["q"]) == ["package q: there is no package or game q"])
        #expect(await server.host.status().first?.generation?.number == 3)
        await server.stop()
    }

    @Test func aBrokenPackageLeavesTheOthersRunningInProductionToo() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", "return 1 +")
        folder.write("Scripts/b/main.lua", answering("b", "b"))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/b") == "b")
        let status = await server.host.status()
        #expect(status.map(\.generation?.number) == [nil, 2])
        #expect(status[0].pending?.stage == "load")
        #expect(status[0].pending?.remedy == "a change of its files")
        await server.stop()
    }

    @Test func inProductionNothingThatLoadsKeepsTheServerFromStarting() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", "return 1 +")
        folder.write("Scripts/b/main.lua", "error('x')")
        do {
            let server = try await TestServer(folder: folder)
            await server.stop()
            #expect(Bool(false), "it started")
        } catch let failure as StartFailure {
            #expect(failure.problems.map { "\($0.file):\($0.line ?? 0)" } == ["Scripts/a/main.lua:1", "Scripts/b/main.lua:1"])
        }
        let server = try await TestServer(folder: folder, debug: true)
        #expect(await server.host.status().allSatisfy { $0.generation == nil && $0.error != nil })
        await server.stop()
    }

    @Test func limitsOfTheModuleHold() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", """
            local n = require "nightjar"
            local M = { limits = { memory_mb = 2, slice_ms = 500 } }
            n.http.get("/big", function() local t = {} for i = 1, 1e6 do t[i] = i end return "big" end)
            n.http.get("/slow", function() local c = os.clock() while os.clock() - c < 0.1 do end return "slow" end)
            return M
            """)
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/big").hasPrefix("500"))
        #expect(try await server.get("/slow") == "slow")
        await server.stop()
    }

    @Test func aPackageIsLoadedWithTheLimitsItHadAndOnceMoreIfTheyHaveChanged() async throws {
        func package(_ megabytes: Int, _ table: Int) -> String {
            """
            local n = require "nightjar"
            n.log.info("the files run")
            local t = {}
            for i = 1, \(table) do t[i] = i end
            n.http.get("/size", function() return #t .. "" end)
            return { limits = { memory_mb = \(megabytes) } }
            """
        }
        var options = ServerOptions()
        options.packages = ["p": package(100, 10)]
        try await withTestServer(options) { server async throws in
            func runs() -> Int { server.log.all.count { $0.description.contains("the files run") } }
            // What it wants is known only once it has run.
            #expect(runs() == 2)
            #expect(try await server.save("Scripts/p/main.lua", package(100, 11), andWaitFor: "package p") == "package p: loaded")
            #expect(runs() == 3)
            #expect(try await server.save("Scripts/p/main.lua", package(2, 12), andWaitFor: "package p") == "package p: loaded")
            #expect(runs() == 5)
            // Too much for what it had before, and not for what is usual and what it says now.
            #expect(try await server.save("Scripts/p/main.lua", package(100, 500_000), andWaitFor: "package p") == "package p: loaded")
            #expect(try await server.get("/size") == "500000")
            // Too much for what it says.
            #expect(try await server.save("Scripts/p/main.lua", package(2, 500_000), andWaitFor: "package p").contains("memory"))
        }
    }

    @Test func aListedFolderIsADependency() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", """
            local n = require "nightjar"
            local names = {}
            for _, file in ipairs(n.files("ops", ".lua")) do
              names[#names + 1] = require("ops." .. file:gsub("%.lua$", ""))
            end
            n.http.get("/a", function() return table.concat(names, ",") .. ";" .. #n.files("ops") end)
            return {}
            """)
        folder.write("Scripts/a/ops/two.lua", "return '2'")
        folder.write("Scripts/a/ops/one.lua", "return '1'")
        folder.write("Scripts/a/ops/README.md", "not a script")
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/a") == "1,2;3")
        folder.write("Scripts/a/ops/three.lua", "return '3'")
        #expect(try await server.reload() == ["package a: loaded"])
        #expect(try await server.get("/a") == "1,3,2;4")
        folder.remove("Scripts/a/ops/one.lua")
        #expect(try await server.reload() == ["package a: loaded"])
        #expect(try await server.get("/a") == "3,2;3")
        #expect(try await server.reload() == [])
        folder.remove("Scripts/a/ops")
        #expect(try await server.reload().first?.hasPrefix("package a: Scripts/a/main.lua:3: there is no folder Scripts/a/ops") == true)
        folder.write("Scripts/a/ops/new.lua", "return 'new'")
        #expect(try await server.reload() == ["package a: loaded"])
        #expect(try await server.get("/a") == "new;1")
        await server.stop()
    }

    @Test(arguments: ["../b", "/etc", "", "ops/..", "."])
    func aFolderOutsideIsRefused(_ name: String) async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", "require('nightjar').files(\"\(name)\")\nreturn {}")
        let server = try await TestServer(folder: folder, debug: true)
        #expect(await server.host.status().first?.error?.message.contains("is no path inside Scripts/a") == true)
        await server.stop()
    }

    @Test func secretsCanOnlyBeCompared() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", """
            local n = require "nightjar"
            n.http.get("/a/:name/:text", function(r)
              return tostring(n.config.matches(r.params.name, r.params.text)) .. tostring(n.config.get(r.params.name))
                .. tostring(n.config.matches(r.params.name))
            end)
            return {}
            """)
        let server = try await TestServer(folder: folder) { $0.secrets = ["a": ["token": "hush"], "b": ["other": "x"]] }
        #expect(try await server.get("/a/token/hush") == "truenilfalse")
        #expect(try await server.get("/a/token/hus") == "falsenilfalse")
        #expect(try await server.get("/a/other/x") == "nilnilnil")
        #expect(Secret("") == nil)
        #expect("\(Secret("hush")!)" == "<secret>")
        var dumped = ""
        dump(Secret("hush")!, to: &dumped)
        #expect(!dumped.contains("hush"))
        await server.stop()
    }

    @Test func packagesHearOfTheEndWhileSocketsAreOpen() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", """
            local n = require "nightjar"
            local M = {}
            local open = true
            n.http.get("/a", function() return tostring(open) end)
            function M.on_stop() open = false end
            return M
            """)
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/a") == "true")
        await server.host.announceStop()
        #expect(try await server.get("/a") == "false")
        await server.stop()
    }

    @Test func packagesHearThatTheyAreRemovedOrThatTheServerEnds() async throws {
        func text(_ name: String) -> String {
            """
            local n = require "nightjar"
            local M = {}
            function M.on_ready() n.log.info("\(name) ready") end
            function M.on_reload() n.log.info("\(name) reload") end
            function M.on_unload() n.log.info("\(name) unload") end
            return M
            """
        }
        let folder = TestFolder()
        folder.write("Scripts/gone/main.lua", text("gone"))
        folder.write("Scripts/stays/main.lua", text("stays"))
        let server = try await TestServer(folder: folder)
        func told(_ name: String) -> [String] { server.log.all.map(\.message).filter { $0.hasPrefix(name) } }
        #expect(told("gone") == ["gone reload", "gone ready"], "before the first generation too")
        folder.remove("Scripts/gone")
        try await server.reload()
        try await server.log.wait(for: "gone unload")
        folder.write("Scripts/stays/main.lua", text("stays") + "\n")
        #expect(try await server.reload() == ["package stays: loaded"])
        #expect(told("stays") == ["stays reload", "stays ready", "stays reload"], "a generation that is replaced is not removed")
        await server.stop()
        #expect(told("stays").last == "stays unload")
        #expect(told("gone") == ["gone reload", "gone ready", "gone unload"])
    }
}
