import NightjarTesting
import Store
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What `nightjar check` finds in a source without running it.
@Suite struct MistakeCheckTests {
    private static let names = HostNames(HostRegistry(projectModules()))

    private func found(_ source: String, engine: Bool = false) -> [String] {
        MemberFinder.mistakes(in: Array(source.utf8), Self.names).filter { engine || !$0.isImpure }.map { "\($0.line): \($0.message)" }
    }

    @Test(arguments: [
        ("local n = require \"nightjar\"\nn.storre.get('a')", "2: nightjar has no 'storre'; did you mean 'store'?"),
        ("local n = require('nightjar')\nn.http.gett('/a', print)", "2: nightjar.http has no 'gett'; did you mean 'get'?"),
        ("local n = require 'nightjar'\nlocal store = n.store\nlocal function f() return store.gte('a') end", "3: nightjar.store has no 'gte'; did you mean 'get'?"),
        ("require('nightjar').slep(1)", "1: nightjar has no 'slep'; did you mean 'sleep'?"),
        ("local n = require 'nightjar'\nn.room('r'):sned('x')", "2: a room has no 'sned'; did you mean 'send'?"),
        ("local n = require 'nightjar'\nlocal room = n.room 'r'\nroom:joyn(1)", "3: a room has no 'joyn'; did you mean 'join'?"),
        (
            "local n = require 'nightjar'\nn.websocket.endpoint('/e', { message = function(conn, text)\n  conn:sned(text)\nend })",
            "3: a connection has no 'sned'; did you mean 'send'?"
        ),
        ("local n = require 'nightjar'\nn.http.get('/e', function(request)\n  return request.boddy\nend)", "3: a request has no 'boddy'; did you mean 'body'?"),
        ("local n = require 'nightjar'\nn.json.encodes({})", "2: nightjar.json has no 'encodes'; did you mean 'encode'?"),
        ("local n = require 'nightjar'\nlocal t = n.timer.after(1, print)\nt:cancl()", "3: a timer has no 'cancl'; did you mean 'cancel'?"),
        ("local n = require 'nightjar'\npcall(n.store.gets, 'a')", "2: nightjar.store has no 'gets'; did you mean 'get'?"),
    ])
    func whatTheHostHasNotIsFound(_ source: String, _ message: String) {
        #expect(found(source) == [message])
    }

    @Test(arguments: [
        "local n = require 'nightjar'\nlocal x = { n = { storre = 1 } }\nreturn x.n.storre",
        "local n = require 'other'\nreturn n.storre", "local n = require 'nightjar'\nn = {}\nreturn n.storre",
        "local n = require 'nightjar'\nlocal function f(n) return n.storre end", "local n = require 'nightjar'\nlocal s = n.store or {}\nreturn s.any",
        "local n = require 'nightjar'\nfor _, n in ipairs {} do print(n.storre) end", "local n = require 'nightjar'\nreturn n[\"storre\"], n.state.get('x').any",
        "local n = require 'nightjar'\nn.websocket.endpoint('/e', { message = function(conn) conn.data.any = conn.id end, open = function(c, r) return r:header('x') end })",
        "local n = require 'nightjar'\nlocal r = n.http.fetch { url = 'http://x' }\nreturn r.status, n.json.null, n.debug, n.package",
        "local require = print\nrequire('nightjar').any()",
    ])
    func whatIsNotCertainIsNoMistake(_ source: String) {
        #expect(found(source) == [])
    }

    /// Who gives a function to the host by its name is told as well.
    @Test(arguments: [
        (
            "local n = require 'nightjar'\nlocal function message(conn, text)\n  conn:sned(text)\nend\nn.websocket.endpoint('/e', { message = message })",
            "3: a connection has no 'sned'; did you mean 'send'?"
        ),
        (
            "local n = require 'nightjar'\nlocal open = function(conn, request) conn:send(request.boddy) end\nn.websocket.endpoint('/e', { open = open })",
            "2: a request has no 'boddy'; did you mean 'body'?"
        ),
        (
            "local n = require 'nightjar'\nlocal function page(request) return request:headr 'x' end\nn.http.get('/a', page)\nn.http.post('/a', page)",
            "2: a request has no 'headr'; did you mean 'header'?"
        ),
    ])
    func aHandlerWithANameIsLookedAtToo(_ source: String, _ message: String) {
        #expect(found(source) == [message])
    }

    @Test(arguments: [
        // Called by the script itself, too; stored somewhere; another variable of the name; given as two things; changed.
        "local function f(c) return c.any end\nf {}\nn.websocket.endpoint('/e', { open = f })",
        "local function f(c) return c.any end\nlocal t = { f }\nn.websocket.endpoint('/e', { open = f })",
        "local function f(c) return c.any end\nlocal function g(f) n.websocket.endpoint('/e', { open = f }) end",
        "local function f(c) return c.remote or c.any end\nn.websocket.endpoint('/e', { open = f })\nn.http.get('/e', f)",
        "local function f(c) c = {} return c.any end\nn.websocket.endpoint('/e', { open = f })",
        "local function f(c) return c.any end\nf = print\nn.websocket.endpoint('/e', { open = f })",
        "local M = {}\nlocal function f(c) return c.any end\nM.open = f\nn.websocket.endpoint('/e', { open = f })\nreturn M",
    ])
    func whatAHandlerWithANameGetsMustBeCertain(_ source: String) {
        #expect(found("local n = require 'nightjar'\n" + source) == [])
    }

    @Test(arguments: [
        "local M = { actions = {} }\nfunction M.actions.bet(state, params, ctx) ctx:debti(1) end\nreturn M",
        "local M = {}\nM.actions = { bet = function(state, params, ctx) ctx:debti(1) end }\nreturn M",
        "local M = { actions = {} }\nM.actions.bet = function(_, _, ctx) ctx:debti(1) end return M",
        "local M = {\nactions = { bet = function(_, _, ctx) ctx:debti(1) end } }\nreturn M",
        "return { init = print,\nactions = { bet = function(_, _, ctx) ctx:debti(1) end } }",
        "local M = { actions = {} }\nlocal function bet(s, p, ctx) ctx:debti(1) end\nM.actions.bet = bet\nreturn M",
        "local M = {}\nfunction M.init(settings, ctx) ctx:debti(1) end\nreturn M",
        "local M = {}\nfunction M.timeout(state, ctx) ctx:debti(1) end\nreturn M",
    ])
    func whatAContextHasNotIsFoundInAnEngine(_ source: String) {
        let mistakes = MemberFinder.mistakes(in: Array(source.utf8), Self.names, moduleFields: ModuleFields.engineFields)
        #expect(mistakes.map { "\($0.line): \($0.message)" } == ["2: a game.context has no 'debti'; did you mean 'debit'?"])
        #expect(found(source) == [], "no engine")
    }

    @Test(arguments: [
        "local M = { actions = {} }\nfunction M.actions.bet(state, params, ctx) ctx:debit(params.any) return state.any, ctx.random:integer(1, 6), ctx.now end\nreturn M",
        "local M, N = {}, { actions = {} }\nfunction N.actions.bet(_, _, ctx) return ctx.any end\nfunction M.helper(a, b, c) return c.any end\nreturn M",
        "local M = { actions = {} }\nfunction M.actions.bet(_, _, ctx) ctx = {} return ctx.any end\nfunction M.can_finish(state, ctx) return ctx.any end\nreturn M",
    ])
    func whatIsRightInAnEngineIsNoMistake(_ source: String) {
        #expect(MemberFinder.mistakes(in: Array(source.utf8), Self.names, moduleFields: ModuleFields.engineFields) == [])
    }

    @Test func enginesThatAskForClockChanceOrTheHostAreFound() {
        let source = """
            local nightjar = require "nightjar"
            local t = os.time()
            local r = math.random(6) + math.floor(2.5)
            nightjar.store.get("a")
            local s = nightjar.json.encode {}
            local d = nightjar.random.integer(1, 6)
            """
        #expect(found(source) == [])
        #expect(found(source, engine: true) == [
            "2: an engine has no os.time; take ctx.now", "3: an engine has no math.random; take ctx.random",
            "4: an engine has no nightjar.store.get; return the new state instead", "6: an engine has no nightjar.random.integer; take ctx.random",
        ])
    }

    @Test func checkTellsThemWithFileAndLine() {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", "local n = require \"nightjar\"\nlocal M = {}\nfunction M.later() n.storre.get('a') end\nlocal t = os.time()\nreturn M")
        folder.write("games/g/manifest.json", #"{"id": "g"}"#)
        folder.write("games/g/engine.lua", "local M = { actions = {} }\nfunction M.init(_, ctx) return { name = \"a\", data = { at = os.time() }, actions = {} }, ctx.nwo end\nreturn M")
        let problems = ScriptHost.check(projectConfiguration(folder), modules: projectModules()).map { "\($0.code) \($0)" }
        #expect(problems.contains("unknown_member Scripts/p/main.lua:3: nightjar has no 'storre'; did you mean 'store'?"), "\(problems)")
        #expect(problems.contains("impure_engine games/g/engine.lua:2: an engine has no os.time; take ctx.now"), "\(problems)")
        #expect(problems.contains("unknown_member games/g/engine.lua:2: a game.context has no 'nwo'; did you mean 'now'?"), "\(problems)")
        #expect(!problems.contains { $0.contains("main.lua:4") })
    }

    @Test func theShippedScriptsHaveNone() throws {
        let root = Files.absolute(#filePath + "/../../..")
        var folders = ["/Scripts", "/games", "/Benchmarks"].map { root + $0 }
        var looked = 0
        while let folder = folders.popLast() {
            for entry in Files.entries(folder) {
                let path = folder + "/" + entry.name
                if entry.isDirectory {
                    if entry.name != "meta" { folders.append(path) }
                } else if entry.name.hasSuffix(".lua") {
                    looked += 1
                    let isEngine = path.contains("/games/") || path.contains("/engines/")
                    let text = try Files.read(path, limit: 1 << 20)
                    let mistakes = MemberFinder.mistakes(in: text.bytes, Self.names)
                        .filter { !$0.isImpure || isEngine && !path.contains("/spec/") }
                    #expect(mistakes == [], "\(path)")
                }
            }
        }
        #expect(looked > 80)
    }
}

@Suite(.timeLimit(.minutes(1))) struct MistakeSettingTests {
    private static let main = """
        local settings = require("lib.settings").read {
          polling = { type = "boolean", default = false },
          timeout_ms = { type = "integer", min = 1, max = 100, default = 5 },
          share = { type = "number", min = 0, default = 0.5 },
          mode = { type = "string", values = { "fast", "safe" }, default = "safe" },
        }
        local nightjar = require "nightjar"
        nightjar.http.get("/", function() return tostring(settings.timeout_ms) .. " " .. settings.mode end)
        return {}
        """

    private func loading(_ settings: String) async throws -> String {
        let folder = TestFolder()
        let root = Files.absolute(#filePath + "/../../..")
        folder.write("Scripts/lib/settings.lua", String(decoding: try Files.read(root + "/Scripts/lib/settings.lua", limit: 1 << 20).bytes, as: UTF8.self))
        folder.write("Scripts/p/main.lua", "return { all = require('nightjar').config.all() }")
        let server = try await TestServer(folder: folder) { $0.settings["p"] = settings }
        folder.replace("Scripts/p/main.lua", Self.main)
        let told = try await server.reload().first ?? "nothing"
        let answer = told == "package p: loaded" ? try await server.get("/") : told
        await server.stop()
        return answer
    }

    @Test(arguments: [
        ("{}", "5 safe"), (#"{"timeout_ms": 100, "mode": "fast", "polling": null, "share": 1}"#, "100 fast"),
        (#"{"poling": true}"#, #"configuration: packages.p.poling: there is no such setting; did you mean "polling"?"#),
        (#"{"colour": true}"#, "known are mode, polling, share, timeout_ms"),
        (#"{"polling": "yes"}"#, #"configuration: packages.p.polling: true or false expected"#),
        (#"{"timeout_ms": 0}"#, #"configuration: packages.p.timeout_ms: a whole number from 1 to 100 expected"#),
        (#"{"timeout_ms": 1.5}"#, "a whole number from 1 to 100 expected"), (#"{"share": -1}"#, "a number from 0 expected"),
        (#"{"mode": "faster"}"#, "one of fast, safe expected"),
    ])
    func settingsAreCheckedAgainstTheirDeclaration(_ settings: String, _ expected: String) async throws {
        let answer = try await loading(settings)
        #expect(answer.contains(expected), "\(answer)")
    }

    /// What a package finds wrong by itself, and where the operator has written it: the file's line, or a variable.
    @Test func aMistakeNamesThePlaceThatTheOperatorKnows() {
        var modules = StandardModules(store: MemoryStore())
        modules.settings["p"] = Array(#"{"url": "nowhere", "other": 1}"#.utf8)
        func found(_ place: SettingPlace?) -> [String] {
            let folder = TestFolder()
            folder.write("Scripts/p/main.lua", """
                local nightjar = require "nightjar"
                local url = nightjar.config.all().url
                if url == "nowhere" then nightjar.config.mistake("url", "an address expected") end
                nightjar.http.get(url, print)
                return {}
                """)
            folder.write("Scripts/p/spec/p_spec.lua", "require 'main' return {}")
            modules.settingPlaces["p"] = place.map { ["url": $0] }
            return ScriptHost.check(projectConfiguration(folder), modules: modules.list()).map { "\($0.code) \($0)" }
        }
        #expect(found(SettingPlace(file: "config.json", line: 7, path: "packages.p.url")) == ["bad_settings config.json:7: packages.p.url: an address expected"])
        #expect(found(SettingPlace(file: "environment", path: "P_URL")) == ["bad_settings environment: P_URL: an address expected"])
        #expect(found(nil) == ["bad_settings configuration: packages.p.url: an address expected"])
    }

    /// Without a declaration there are only the names that the package asks for.
    @Test(arguments: [
        (#"{"limit": 3}"#, nil), (#"{"limt": 3}"#, #"configuration: packages.p.limt: the package asks for no such setting; did you mean 'limit'?"#),
        (#"{"later": 3}"#, nil), (#"{"colour": 3}"#, #"configuration: packages.p.colour: the package asks for no such setting (known: limit)"#),
    ])
    func aSettingThatNobodyAsksForIsNamed(_ settings: String, _ problem: String?) async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", "return { all = require('nightjar').config.all() }")
        let server = try await TestServer(folder: folder) { $0.settings["p"] = settings }
        folder.replace("Scripts/p/main.lua", """
            local n = require "nightjar"
            local limit = n.config.get("limit", 1)
            n.http.get("/", function() return tostring(limit) .. n.config.get("later", 1) end)
            return {}
            """)
        let told = try await server.reload().first ?? "nothing"
        #expect(told.contains(problem ?? "package p: loaded"), "\(told)")
        await server.stop()
    }

    @Test func theShippedPackagesTakeNoSettingThatTheyHaveNot() {
        let packages = ["casino", "logs", "sync", "gateway"]
        var modules = StandardModules(store: MemoryStore())
        for package in packages { modules.settings[package] = Array(#"{"colour": 1}"#.utf8) }
        let root = Files.absolute(#filePath + "/../../..")
        let nowhere = SourceFolder(path: "/nowhere", label: "nowhere")
        let configuration = ScriptHostConfiguration(scriptsDirectories: [root + "/Scripts"], gamesDirectory: nil, debug: false)
        let problems = ScriptHost.check(
            configuration, modules: modules.list() + [EngineModule(), CasinoModule(sites: SiteFiles(nowhere), games: nowhere)]
        ).map { "\($0)" }
        for package in packages {
            // Once, and not for each of its specs that read the settings, too.
            #expect(problems.count { $0.contains("packages.\(package).colour: ") && $0.contains("no such setting") } == 1, "\(problems)")
        }
    }

    @Test func settingsOfAPackageThatDoesNotExistAreFoundByCheck() {
        let folder = TestFolder()
        folder.write("Scripts/votes/main.lua", "return {}")
        var configuration = projectConfiguration(folder)
        configuration.configuredPackages = ["votes", "vote"]
        let problems = ScriptHost.check(configuration, modules: projectModules()).map { "\($0.code) \($0)" }
        #expect(problems == ["no_package configuration: there is no package \"vote\"; did you mean 'votes'?"])
    }

    @Test func membersOfAManifestThatDoNotExistAreFoundByCheck() {
        let text = "{\"id\": \"g\",\n\"tittle\": \"G\",\n\"actions\": {\"bet\": {\"parms\": {},\n\"params\": {\"a\": {\"type\": \"integer\", \"mim\": 1}}}}}"
        let found = ManifestCheck.problems(Array(text.utf8), folder: "/").map { "\($0.line): \($0.message)" }
        #expect(found == [
            "2: a manifest has no member \"tittle\"; did you mean 'title'?", "3: the action \"bet\" has no member \"parms\"; did you mean 'params'?",
            "4: the rule of \"bet.a\" has no member \"mim\"; did you mean 'min'?",
        ])
    }

    /// What a game says it pays back is a share of what is staked; a page of its own is there.
    @Test(arguments: [
        ("0.958", true), ("1", true), ("1.0", true), ("1.01", false), ("95.8", false), ("0", false), ("-0.5", false), ("\"0.9\"", false), ("null", false),
        ("[0.74, 0.89]", true), ("[0.9, 0.9]", true), ("[0.89, 0.74]", false), ("[0.9]", false), ("[0.5, 0.7, 0.9]", false), ("[0.9, 1.1]", false), ("[]", false),
    ])
    func aManifestDeclaresItsReturnAsAShare(_ value: String, _ isFine: Bool) {
        let text = "{\"id\": \"g\",\n\"return\": \(value)}"
        let found = ManifestCheck.problems(Array(text.utf8), folder: "/").map { "\($0.line): \($0.message)" }
        #expect(found == (isFine ? [] : [
            "2: \"return\" is what the game pays back of what is staked: a number above 0 and at most 1, like 0.95, or a list of the lowest and the highest",
        ]))
    }

    @Test func theViewThatAManifestNamesMustBeThere() {
        let folder = TestFolder()
        let text = Array("{\"id\": \"g\",\n\"view\": \"view.js\"}".utf8)
        #expect(ManifestCheck.problems(text, folder: folder.path).map(\.message) == ["the file client/view.js is missing"])
        folder.write("client/view.js", "")
        #expect(ManifestCheck.problems(text, folder: folder.path).isEmpty)
    }
}
