import Foundation
import NightjarTesting
import Store
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// Work on a save begins before it is known to be whole, and counts only if it was.
@Suite(.timeLimit(.minutes(1))) struct ControlHeadStartTests {
    /// A package with a module and a spec, and what loads it without a server.
    private struct Bench {
        let folder = TestFolder()
        let loader: UnitLoader
        let start: HeadStart
        let runner: SpecRunner
        let asked = Counter()

        /// - Parameter modules: Nil: what scripts can ask for, of no consequence.
        init(_ modules: [any HostModule]? = nil) {
            folder.write("p/main.lua", "local one = require 'one'\nreturn { one = one }")
            folder.write("p/one.lua", "return 1")
            folder.write("p/spec/one_spec.lua", "local one = require 'one'\nreturn { one = function() assert(one ~= 0) end }")
            loader = UnitLoader.trial(projectConfiguration(folder), modules.map { HostRegistry($0) } ?? HostRegistry(projectModules()).forTrial)
            let asked = asked
            runner = SpecRunner(loader: loader, passed: PassedSpecs()) {
                asked.number += 1
                return .zero
            }
            start = HeadStart(loader: loader, specs: runner)
        }

        var source: UnitSource { UnitSource(id: .package("p"), folder: SourceFolder(path: folder.path + "/p", label: "p")) }
        var paths: Set<String> { [folder.path + "/p/one.lua"] }

        /// Loads it as a server does whose turn it is.
        func load() -> Generation? { loader.load(source, number: GenerationNumber(number: 1), snapshot: SourceSnapshot()).generation }

        func begin() {
            let running = RunningUnit(generation: GenerationNumber(number: 1), settings: UnitSettings(), manifest: RouteManifest(), workers: [0])
            start.begin([(source, running)], start.snapshot(written: paths), next: 2)
        }

        func take(_ number: UInt64 = 2) -> Generation? {
            start.take(.package("p"), GenerationNumber(number: number), start.snapshot(written: paths))?.generation
        }
    }

    private final class Counter { var number = 0 }

    @Test func whatIsStillTheSameIsTakenAndItsSpecsAreNotRunAgain() {
        let bench = Bench()
        bench.begin()
        #expect(bench.asked.number > 2, "the spec was run")
        let snapshot = bench.start.snapshot(written: bench.paths)
        bench.asked.number = 0
        #expect(bench.runner.run(bench.source, snapshot).failures.isEmpty)
        #expect(bench.asked.number == 1, "only the time at which they must end was asked for")
        let generation = bench.take()
        #expect(generation?.phase == .loading && generation?.number.number == 2)
        #expect(bench.take() == nil, "once")
        generation?.close()
    }

    @Test(arguments: ["another text", "a text that was loaded before", "a module is gone", "a file that was looked for has come", "another number"])
    func whatHasChangedSinceIsLoadedAnew(_ change: String) {
        let bench = Bench()
        bench.begin()
        var number: UInt64 = 2
        switch change {
        case "another text": bench.folder.write("p/one.lua", "return 2")
        case "a text that was loaded before":
            bench.folder.replace("p/one.lua", "return 2")
            bench.begin()
            bench.folder.replace("p/one.lua", "return 1")
        case "a module is gone": bench.folder.remove("p/one.lua")
        // `require` looks in the package's folder first, then in lib.
        case "a file that was looked for has come":
            bench.folder.write("p/main.lua", "local ok = pcall(require, 'two')\nreturn { ok = ok }")
            bench.begin()
            bench.folder.write("p/two.lua", "return 2")
        default: number = 3
        }
        #expect(bench.take(number) == nil)
    }

    @Test func anotherSaveOfTheBatchThatConcernsNobodyKeepsIt() {
        let bench = Bench()
        bench.begin()
        bench.asked.number = 0
        bench.folder.write("p/notes.txt", "x")
        bench.begin()
        #expect(bench.asked.number == 0, "nothing was run again")
        #expect(bench.take() != nil)
    }

    @Test func whatFailsIsForgotten() {
        let bench = Bench()
        bench.folder.write("p/one.lua", "return {")
        bench.begin()
        #expect(bench.asked.number == 0, "no spec is run")
        #expect(bench.take() == nil)
        bench.folder.write("p/one.lua", "return 3")
        bench.begin()
        bench.start.end()
        #expect(bench.take() == nil)
    }

    private func script(_ text: String, for module: String = "metrics") -> String { "local m = require('nightjar').\(module)\n\(text)\nreturn {}" }

    private func shown(_ text: String) throws -> (bench: Bench, exposition: Exposition) {
        let exposition = Exposition()
        var standard = StandardModules(store: MemoryStore())
        standard.exposition = exposition
        let bench = Bench(standard.list())
        bench.folder.write("p/main.lua", text)
        try #require(bench.load()).close()
        return (bench, exposition)
    }

    @Test func whatIsCountedWhileItLoadsCountsOnceItIsTaken() throws {
        let (bench, exposition) = try shown(script("m.counter('n'):add()\nm.gauge('g'):set(1)\nm.histogram('h'):observe(1)"))
        bench.folder.replace("p/main.lua", script("m.counter('n'):add(10)\nm.gauge('g'):set(2)\nm.histogram('h'):observe(1)"))
        let before = exposition.text
        #expect(before.contains(#"n{package="p"} 1"#) && before.contains(#"g{package="p"} 1"#) && before.contains(#"h_count{package="p"} 1"#))
        bench.begin()
        bench.start.end()
        bench.begin()
        #expect(exposition.text == before, "neither of the one that is gone nor of the other")
        let generation = try #require(bench.take())
        let after = exposition.text
        #expect(after.contains(#"n{package="p"} 11"#) && after.contains(#"g{package="p"} 2"#) && after.contains(#"h_count{package="p"} 2"#))
        generation.close()
    }

    /// Names are kept for ever, and a counter that becomes a gauge is gone: that is for a version that runs.
    @Test(arguments: ["m.gauge('n'):set(5)", "m.counter('hal')", "pcall(m.counter, 'n', { kind = 'new' })", "for i = 1, 300 do m.counter('n'):add() end"])
    func whatCannotBePutOffIsNotDone(_ text: String) throws {
        let (bench, exposition) = try shown(script("m.counter('n'):add()"))
        let before = exposition.text
        bench.folder.replace("p/main.lua", script(text))
        bench.begin()
        #expect(bench.start.loads == 1)
        #expect(exposition.text == before)
        #expect(bench.take() == nil)
        try #require(bench.load()).close()
        #expect(exposition.text != before, "it is done when its turn comes")
    }

    @Test func aBookOfTokensIsMadeForWhatRuns() throws {
        let (bench, _) = try shown("return {}")
        bench.folder.replace("p/main.lua", script("m.tokens('new')", for: "auth"))
        bench.begin()
        #expect(bench.take() == nil)
        try #require(bench.load()).close()
        bench.begin()
        let generation = try #require(bench.take(), "now there is one")
        generation.close()
    }

    @Test func theManifestOfAGameIsKeptOnceItIsTaken() throws {
        let games = TestFolder()
        let folder = SourceFolder(path: games.path, label: "games")
        let bench = Bench(
            StandardModules(store: MemoryStore()).list() + [CasinoModule(sites: SiteFiles(SourceFolder(path: "/nowhere", label: "nowhere")), games: folder)])
        func load() throws -> String {
            let generation = try #require(bench.load())
            defer { generation.close() }
            return generation.settings.listener
        }
        // What the package knows of the game shows in the only thing that it says of itself.
        bench.folder.write("p/main.lua", "return { listener = require('nightjar').casino.game('dice').settings.name }")
        games.write("dice/manifest.json", #"{"id":"dice","settings":{"name":"first"}}"#)
        #expect(try load() == "first")
        games.replace("dice/manifest.json", #"{"id":"dice","settings":{"name":"half"}}"#)
        bench.begin()
        bench.start.end()
        games.replace("dice/manifest.json", "{")
        #expect(try load() == "first", "the one before never ran")
        games.replace("dice/manifest.json", #"{"id":"dice","settings":{"name":"second"}}"#)
        bench.begin()
        let generation = try #require(bench.take())
        #expect(generation.settings.listener == "second")
        generation.close()
        games.replace("dice/manifest.json", "{")
        #expect(try load() == "second")
    }

    /// Counts the states that are open at once.
    private struct States: HostModule {
        /// One thread.
        final class Seen: @unchecked Sendable {
            var generations: [Generation] = []
            var most = 0
            var specs = 0
        }
        let seen = Seen()

        func begin(_ generation: Generation) {
            guard generation.number.number > 0 else { return seen.specs += 1 }
            seen.generations.append(generation)
            seen.most = max(seen.most, seen.generations.count { $0.phase != .closed })
        }
    }

    @Test func whatIsNotTheSameIsClosedBeforeItIsLoadedAgain() {
        let states = States()
        let bench = Bench(projectModules() + [states])
        bench.begin()
        bench.folder.replace("p/one.lua", "return 2")
        bench.begin()
        #expect(bench.start.loads == 2)
        #expect(states.seen.most == 1)
        bench.start.end()
    }

    @Test func onceTheTimeIsUpNoFurtherSpecGetsAState() {
        let states = States()
        let bench = Bench(projectModules() + [states])
        for index in 0..<10 { bench.folder.write("p/spec/more\(index)_spec.lua", "return {}") }
        var time = Duration.zero
        let runner = SpecRunner(loader: bench.loader, deadline: .seconds(1)) {
            defer { time += .milliseconds(600) }
            return time
        }
        #expect(runner.run(bench.source, SourceSnapshot()).failures.count == 10, "all but the first have failed")
        #expect(states.seen.specs == 1)
    }

    /// Time stamps are as coarse as the file system's clock: what is known to have been written is read.
    @Test func aLaterSnapshotReadsWhatWasWrittenAndNothingElse() throws {
        let folder = TestFolder()
        folder.write("a", "one")
        folder.write("b", "one")
        let first = SourceSnapshot()
        let a = folder.path + "/a", b = folder.path + "/b", c = folder.path + "/c"
        for path in [a, b, c] { _ = try? first.read(path) }
        // The same size, node and time as before.
        for path in [a, b] {
            var info = stat()
            #expect(stat(path, &info) == 0)
            let file = try #require(FileHandle(forWritingAtPath: path))
            file.write(Data("two".utf8))
            try file.close()
            let times = [info.st_atim, info.st_mtim]
            #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
        }
        folder.write("c", "new")
        let second = SourceSnapshot(after: first, written: [a])
        #expect(try second.read(a) == Array("two".utf8))
        #expect(try second.read(b) == Array("one".utf8), "the stamp says that it is as it was")
        #expect(try second.read(c) == Array("new".utf8))
    }

    /// A server in which no save ever settles: only the head start sees it.
    private func server(_ folder: TestFolder) async throws -> TestServer {
        try await TestServer(folder: folder, debug: true) {
            $0.configure = {
                $0.pollMilliseconds = 3_600_000
                $0.settleTiming.quiet = 3_600_000_000_000
                $0.settleTiming.latest = 3_600_000_000_000
            }
        }
    }

    private func logging(_ text: String) -> String {
        answering("p", text, "nightjar.log.error(\"\(text) is loaded\")\nif \"\(text)\" == \"broken\" then error(\"half a file\") end")
    }

    @Test func nobodyHearsOfAHeadStartUntilItIsTaken() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", logging("one"))
        let server = try await server(folder)
        #expect(try await server.get("/p") == "one")
        folder.replace("Scripts/p/main.lua", logging("broken"))
        try await eventually("the broken one to be tried") { await server.host.supervisor.headStarts > 0 }
        let tried = await server.host.supervisor.headStarts
        folder.replace("Scripts/p/main.lua", logging("two"))
        try await eventually("the other one to be loaded") { await server.host.supervisor.headStarts > tried }
        #expect(try await server.get("/p") == "one", "nothing is swapped before the save has settled")
        #expect(server.log.all.filter { $0.message.hasSuffix("is loaded") }.map(\.message) == ["one is loaded"])
        #expect(server.reloads.texts == ["package p: loaded"])
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/p") == "two")
        let told = server.log.all.filter { $0.message.hasSuffix("is loaded") }
        #expect(told.map(\.message) == ["one is loaded", "two is loaded"], "once, and nothing of the broken one")
        #expect(told.last?.fields["generation"] == "2" && told.last?.fields["unit"] == "package p")
        await server.stop()
    }

    @Test func aSaveThatSettlesIsSwappedOnce() async throws {
        let folder = TestFolder()
        folder.write("Scripts/lib/word.lua", "return 'old'")
        for name in ["p", "q"] {
            folder.write("Scripts/\(name)/main.lua", answering(name, "x", "local word = require 'lib.word'\nnightjar.log.info(\"\(name) \" .. word .. nightjar.generation)"))
        }
        let server = try await TestServer(folder: folder, debug: true) { $0.configure = { $0.pollMilliseconds = 3_600_000 } }
        try await server.save("Scripts/lib/word.lua", "return 'new'", andWaitFor: "package q")
        #expect(server.log.all.map(\.message).filter { $0.hasPrefix("p ") || $0.hasPrefix("q ") } == ["p old1", "q old2", "p new3", "q new4"])
        await server.stop()
    }
}
