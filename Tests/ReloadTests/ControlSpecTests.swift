import Dispatch
import LuaRuntime
import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// Specs run before every load.
@Suite(.timeLimit(.minutes(1))) struct ControlSpecTests {
    private let module = "local M = {}\nfunction M.double(x) return 2 * x end\nreturn M"
    private let spec = """
        local double = require("double").double
        local T = {}
        function T.doubles()
          assert(double(3) == 6, "expected 6, got " .. double(3))
        end
        return T
        """
    private func folder() -> TestFolder {
        let folder = TestFolder()
        folder.write("Scripts/p/double.lua", module)
        folder.write("Scripts/p/spec/double_spec.lua", spec)
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        return folder
    }

    @Test func aFailingSpecRefusesTheNewVersionWithFileLineNameAndDifference() async throws {
        let folder = folder()
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/p") == "one")
        // Only the spec requires this module: it counts all the same.
        folder.write("Scripts/p/double.lua", "local M = {}\nfunction M.double(x) return 3 * x end\nreturn M")
        #expect(try await server.reload() == ["package p: Scripts/p/spec/double_spec.lua:4: doubles: expected 6, got 9"])
        #expect(await server.host.status().first?.pending?.stage == "specs")
        #expect(await server.host.status().first?.generation?.number == 1)
        #expect(try await server.get("/p") == "one")
        folder.write("Scripts/p/double.lua", module)
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(await server.host.status().first?.pending == nil)
        await server.stop()
    }

    @Test func aChangeOfASpecAloneRunsItAndSoDoesANewOne() async throws {
        let folder = folder()
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/p/spec/double_spec.lua", "return { fails = function()\n error('no') end }")
        #expect(try await server.reload() == ["package p: Scripts/p/spec/double_spec.lua:2: fails: no"])
        folder.write("Scripts/p/spec/double_spec.lua", spec)
        #expect(try await server.reload() == ["package p: loaded"])
        folder.write("Scripts/p/spec/more_spec.lua", "return {\n\n fails = function() error('new') end }")
        #expect(try await server.reload() == ["package p: Scripts/p/spec/more_spec.lua:3: fails: new"])
        folder.remove("Scripts/p/spec/more_spec.lua")
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.reload() == [])
        await server.stop()
    }

    /// What `lib.testing` promises: where two values differ first, and chance that is no chance.
    @Test(arguments: [
        ("testing.equal({ a = 1, b = { 2, 3 } }, { a = 1, b = { 2, 4 } })", "value.b[2]: expected 4, got 3"),
        ("testing.equal('tea', 'coffee', 'drink')", "drink: expected \"coffee\", got \"tea\""),
        ("testing.equal({ 1 }, { 1, 2 }, 'list')", "list[2]: expected 2, got nil"), ("testing.equal({ more = true }, {})", "value.more: expected nil, got true"),
        ("testing.equal({}, 1)", "value: expected 1, got table"), ("local r = testing.fixed(7) r:integer(1, 9) r:integer(1, 9)", "the engine asks for more random values"),
        ("testing.equal({ 1, { b = 2 } }, { 1, { b = 2 } }) testing.equal(1, 1)", nil), ("testing.equal(testing.fixed('heads'):pick { 'heads', 'tails' }, 'heads')", nil),
        // The same in every run: written down once.
        ("local r = testing.random(1) testing.equal({ r:integer(1, 1000), r:integer(1, 1000), r:sample(9, 3) }, { 233, 260, { 4, 2, 1 } })", nil),
    ])
    func specsTellTheDifference(_ statement: String, _ difference: String?) async throws {
        let folder = TestFolder()
        try folder.copy(TestFolder.project(of: #filePath) + "/Scripts/lib", to: "Scripts/lib")
        folder.write("Scripts/p/main.lua", "return {}")
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/p/spec/p_spec.lua", "local testing = require \"lib.testing\"\nreturn { differs = function()\n  \(statement)\nend }")
        let told = try await server.reload().first ?? "nothing"
        if let difference {
            #expect(told.contains(difference), "\(told)")
            #expect(told.hasPrefix("package p: Scripts/p/spec/p_spec.lua:3: differs: ") || !difference.contains("expected"), "\(told)")
        } else {
            #expect(told == "package p: loaded")
        }
        await server.stop()
    }

    @Test func theFirstSpecOfAPackageIsSeen() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder, debug: true)
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/spec/first_spec.lua", "return { fails = function() error('first') end }")
        _ = try await server.reloads.wait { $0 == "package p: Scripts/p/spec/first_spec.lua:1: fails: first" }
        await server.stop()
    }

    @Test func inProductionAUnitWithAFailingSpecDoesNotServeAndTheOthersDo() async throws {
        let folder = folder()
        folder.write("Scripts/p/spec/double_spec.lua", "return { one = function() error('a') end, two = function() error('b') end }")
        folder.write("Scripts/q/main.lua", answering("q", "q"))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/p").hasPrefix("404"))
        #expect(try await server.get("/q") == "q")
        #expect(await server.host.status().first?.error?.description == "Scripts/p/spec/double_spec.lua:1: one: a (and 1 more)")
        #expect(ScriptHost.check(projectConfiguration(folder), modules: projectModules()).count == 2)
        await server.stop()
    }

    @Test func specsTouchNothingOfTheServer() async throws {
        let folder = folder()
        folder.write("Scripts/p/spec/effects_spec.lua", """
            local n = require "nightjar"
            local T = {}
            function T.has_no_consequences()
              n.log.error("from a spec")
              n.state.set("x", 1)
              n.metrics.counter("p_specs"):add(1)
              n.publish("topic", 1)
              n.timer.every(0.01, function() end)
              assert(n.websocket.connection(1) == nil)
              local ok = pcall(n.sleep, 1)
              assert(not ok, "waits are errors")
            end
            return T
            """)
        let server = try await TestServer(folder: folder)
        #expect(await server.host.status().first?.error == nil)
        #expect(try await server.get("/p") == "one")
        await server.stop()
    }

    @Test func aSpecIsRunAgainWhenSomethingItReadHasChanged() {
        let folder = TestFolder()
        folder.write("p/a.lua", "return 1")
        folder.write("p/b.lua", "return 1")
        folder.write("p/spec/a_spec.lua", "local a = require 'a'\nreturn { one = function() assert(a == 1) end }")
        folder.write("p/spec/b_spec.lua", "local b = require 'b'\nreturn { one = function() assert(b == 1) end }")
        // Each spec asks for the time before it is loaded and before its test.
        var asked = 0
        let runner = SpecRunner(
            loader: UnitLoader.trial(projectConfiguration(folder), HostRegistry(projectModules()).forTrial), passed: PassedSpecs()
        ) {
            asked += 1
            return .zero
        }
        let source = UnitSource(id: .package("p"), folder: SourceFolder(path: folder.path + "/p", label: "p"))
        func run() -> (specs: Int, failures: [String], files: Int) {
            asked = 0
            let report = runner.run(source, SourceSnapshot())
            return ((asked - 1) / 2, report.failures.map { $0.chunk ?? "" }, report.files.count)
        }
        let first = run()
        #expect(first.specs == 2 && first.failures.isEmpty)
        let second = run()
        #expect(second.specs == 0 && second.failures.isEmpty && second.files == first.files, "nothing has changed")
        folder.write("p/b.lua", "return 2")
        #expect(run() == (1, ["p/spec/b_spec.lua"], first.files))
        #expect(run() == (1, ["p/spec/b_spec.lua"], first.files), "what has failed is run each time")
        folder.write("p/b.lua", "return 1 -- as before")
        folder.write("p/spec/a_spec.lua", "return { two = function() error('new') end }")
        let last = run()
        #expect(last.specs == 2 && last.failures == ["p/spec/a_spec.lua"])
        #expect(run().specs == 1)
    }

    @Test func aTestThatNeverEndsIsEndedAndAllTogetherHaveABound() {
        let folder = TestFolder()
        folder.write("p/spec/a_spec.lua", "return { loops = function()\n while true do end\n end, second = function() end }")
        folder.write("p/spec/b_spec.lua", "return { never = function() end }")
        let configuration = projectConfiguration(folder)
        // A clock that goes on by two seconds whenever it is asked.
        var asked = 0
        let runner = SpecRunner(loader: UnitLoader.trial(configuration, HostRegistry(projectModules()).forTrial)) {
            asked += 1
            return .seconds(2 * (asked - 1))
        }
        let source = UnitSource(id: .package("p"), folder: SourceFolder(path: folder.path + "/p", label: "p"))
        let report = runner.run(source, SourceSnapshot())
        #expect(report.failures.map(\.code) == ["spec_failed", "spec_failed", "spec_failed"])
        #expect(report.failures[0].description.hasPrefix("p/spec/a_spec.lua:2: loops: "))
        #expect(report.failures[1].message.contains("have 5 s together"))
        #expect(report.failures[2].chunk == "p/spec/b_spec.lua")
    }

    @Test func aStopEndsTheTestThatRunsAndLeavesOutTheOthers() {
        let folder = TestFolder()
        folder.write("p/spec/a_spec.lua", "return { a = function()\n while true do end\n end, b = function() while true do end end }")
        folder.write("p/spec/b_spec.lua", "return { never = function() while true do end end }")
        let stop = LuaStop()
        // It is made before the first test begins, which is asked for the time as its file is before.
        var asked = 0
        let runner = SpecRunner(loader: UnitLoader.trial(projectConfiguration(folder), HostRegistry(projectModules()).forTrial), stop: stop) {
            asked += 1
            if asked == 3 { DispatchQueue.global().async { stop.make() } }
            return .zero
        }
        let source = UnitSource(id: .package("p"), folder: SourceFolder(path: folder.path + "/p", label: "p"))
        let report = runner.run(source, SourceSnapshot())
        #expect(report.failures.map { "\($0.chunk ?? ""): \($0.message.prefix(13))" } == [
            "p/spec/a_spec.lua: a: the script", "p/spec/a_spec.lua: the server is", "p/spec/b_spec.lua: the server is",
        ].map { String($0) })
    }

    @Test func aStopDoesNotWaitForSpecsThatAreBeingRunForASave() async throws {
        let folder = folder()
        let server = try await TestServer(folder: folder)
        let outcomes = Letterbox<ReloadEvent>("an outcome")
        await server.host.onReload { outcomes.put($0) }
        // The log has the first word of a load when its specs are about to be run.
        folder.write("Scripts/p/spec/more_spec.lua", "return { " + (0..<10).map { "t\($0) = function() while true do end end" }.joined(separator: ", ") + " }")
        folder.write("Scripts/p/main.lua", answering("p", "two", "nightjar.log.warn('the second version')"))
        let reload = Task { try await server.reload() }
        try await eventually("the load") { server.log.all.contains { $0.description.contains("the second version") } }
        await server.stop()
        #expect(try await reload.value == [], "nothing is told of a load that the stop has cut off")
        #expect(outcomes.takeAll().isEmpty)
    }
}
