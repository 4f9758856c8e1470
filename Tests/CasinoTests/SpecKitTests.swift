import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload
import Store

/// `lib.testing`, the kit of specs: its random generator gives what the test says, and says what no generator would do.
@Suite(.timeLimit(.minutes(1))) struct SpecKitTests {
    /// What `nightjar check` says of a game whose spec is `code`.
    private func failures(_ code: String) throws -> [String] {
        let folder = TestFolder()
        try folder.copy(TestFolder.project(of: #filePath) + "/Scripts/lib/testing.lua", to: "Scripts/lib/testing.lua")
        folder.write("games/probe/manifest.json", #"{"id": "probe"}"#)
        folder.write("games/probe/engine.lua", "local M = { actions = {} }\nfunction M.init() return {} end\nreturn M")
        folder.write("games/probe/spec/probe_spec.lua", """
            local testing = require "lib.testing"
            local fixed, equal = testing.fixed, testing.equal
            return { probe = function()
            \(code)
            end }
            """)
        let configuration = ScriptHostConfiguration(
            scriptsDirectories: [folder.path + "/Scripts"], gamesDirectory: folder.path + "/games", debug: false)
        let nowhere = SourceFolder(path: "/nowhere", label: "nowhere")
        let modules = StandardModules(store: MemoryStore()).list() + [EngineModule(), CasinoModule(sites: SiteFiles(nowhere), games: nowhere)]
        return ScriptHost.check(configuration, modules: modules).map(\.description)
    }

    @Test(arguments: [
        ("fixed({1, 2}):sample(3, 4)", "random:sample(3, 4): there are not so many numbers"),
        ("fixed({1, 2}):sample(3)", "random:sample(3): it takes the size of the pool and how many to draw"),
        ("fixed({1, 2}):sample({1, 2, 3}, 2)", "random:sample({1, 2, 3}, 2): it takes the size of the pool and how many to draw"),
        ("fixed({1, 2, 3}):sample(9, 4)", "random:sample(9, 4): value 1 of testing.fixed, {1, 2, 3}, has 3 numbers instead of 4"),
        ("fixed({1, 9}):sample(8, 2)", "random:sample(8, 2): value 1 of testing.fixed, {1, 9}, has a number 2 that is no whole number from 1 to 8"),
        ("fixed({3, 3}):sample(8, 2)", "random:sample(8, 2): value 1 of testing.fixed, {3, 3}, has the number 3 twice"),
        ("fixed(3):sample(8, 1)", "random:sample(8, 1): value 1 of testing.fixed, 3, is no list"),
        ("local r = fixed(1, 7) r:integer(6) r:integer(6)", "random:integer(6): value 2 of testing.fixed, 7, is no whole number from 1 to 6"),
        ("fixed(1.5):integer(1, 2)", "random:integer(1, 2): value 1 of testing.fixed, 1.5, is no whole number from 1 to 2"),
        ("fixed(1):integer(6, 1)", "random:integer(6, 1): there is no number in this range"),
        ("fixed(1):integer('6')", "random:integer(\"6\"): the bounds must be whole numbers"),
        ("fixed('edge'):pick {'heads', 'tails'}", "random:pick({\"heads\", \"tails\"}): value 1 of testing.fixed, \"edge\", is not in the list"),
        ("fixed(1):pick(6)", "random:pick(6): it takes a list"),
        ("fixed({1, 2}):shuffle {1, 2, 3}", "random:shuffle({1, 2, 3}): value 1 of testing.fixed, {1, 2}, is no list of 3 elements"),
        (
            "fixed({1, 1, 2}):shuffle {1, 2, 2}",
            "random:shuffle({1, 2, 2}): value 1 of testing.fixed, {1, 1, 2}, has an element 2 that the list has not, or not so often"
        ),
        ("fixed(1):number()", "random:number(): value 1 of testing.fixed, 1, is no number from 0 to below 1"),
        ("fixed(0.5):number(6)", "random:number(6): it takes no arguments"),
        ("fixed(1).integer(6)", "integer: call it with a colon, random:integer"),
        ("fixed():integer(6)", "random:integer(6): the engine asks for more random values than the test gives"),
    ])
    func whatNoGeneratorWouldBeAskedOrGiveIsSaid(_ code: String, _ message: String) throws {
        #expect(try failures(code) == ["games/probe/spec/probe_spec.lua:4: probe: \(message)"])
    }

    /// A slip in a state's `actions` fails the first spec that comes by the state, whether it is returned or closed as a step.
    @Test(arguments: [
        ("return { name = 'idle', data = {}, actions = { 'spiin', 'stop' } }", "spiin"),
        ("ctx:step { name = 'idle', data = {}, actions = { 'spinn' } } return { name = 'idle', data = {}, actions = { 'stop' } }", "spinn"),
    ])
    func aStateThatOffersWhatTheEngineHasNotFailsTheSpec(_ body: String, _ slip: String) throws {
        let found = try failures("""
            local engine = { actions = { stop = print } }
            function engine.actions.spin(_, _, ctx) \(body) end
            testing.act(engine, { actions = { "spin" } }, "spin", {}, testing.context {})
            """)
        #expect(found == [
            "games/probe/spec/probe_spec.lua:6: probe: the state \"idle\" offers the action \"\(slip)\", which the engine does not have; did you mean \"spin\"?",
        ])
    }

    @Test func theContextHoldsTheCapsAndRulesOfTheServer() throws {
        #expect(try failures("""
            local ctx = testing.context({ max_win = 20, site_max_win = 15, modes = { low = { max_win_x = 2 } } })
            equal(ctx.max_win, 15)
            ctx:debit(4)
            ctx:credit(5)
            equal(ctx.max_win, 10)
            ctx:mode("low")
            equal(ctx.max_win, 3)
            ctx:credit(4, "refund")
            ctx:mark("wild")
            equal(ctx.marks, { "wild" })
            equal(testing.context({}).max_win, nil)
            equal(testing.context({}, { credits = 7 }).credits, 7)
            local function refuses(text, f, ...)
              local ok, message = pcall(f, ...)
              assert(not ok and message:find(text, 1, true), message)
            end
            refuses("more than ctx.max_win, 3", ctx.credit, ctx, 4)
            refuses("jackpots are paid by ctx:contribute", ctx.credit, ctx, 100, "jackpot")
            for _, kind in ipairs { "win", "jackpot", "refund", "wallet", "opening" } do
              refuses("not " .. kind, ctx.debit, ctx, 100, kind)
            end
            refuses("not wallet", ctx.credit, ctx, 100, "wallet")
            refuses("no mode high", ctx.mode, ctx, "high")
            refuses("the server sets max_win itself", ctx.mark, ctx, "max_win")
            refuses("a-z, 0-9 and _", ctx.mark, ctx, "Wild")
            refuses("knows the balance only if", function() return testing.context({}).credits end)
            """) == [])
    }

    @Test func whatATestGivesIsWhatTheEngineGets() throws {
        #expect(try failures("""
            local r = fixed({3, 1}, 6, -2, "b", {suit = 1}, 0.25, {"y", "x"})
            equal(r:sample(3, 2), {3, 1})
            equal(r:integer(6), 6)
            equal(r:integer(-2, 2), -2)
            equal(r:pick {"a", "b"}, "b")
            local card = {suit = 1}
            assert(r:pick {{suit = 2}, card} == card, "the list's own element")
            equal(r:number(), 0.25)
            local list = {"x", "y"}
            assert(r:shuffle(list) == list and list[1] == "y" and list[2] == "x")
            equal(r.calls[1], "sample(3, 2)")
            equal(#r.calls, 7)
            """) == [])
    }
}
