import Dispatch
import Logging
import LuaRuntime
import NIOCore
import NIOEmbedded
import NIOPosix
import NightjarTesting
import Testing
import Transport
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// The vote of several workers, with candidates that differ from worker to worker.
@Suite(.timeLimit(.minutes(1))) struct ControlSwapTests {
    private final class Bench: Sendable {
        let folder = TestFolder()
        let group: MultiThreadedEventLoopGroup
        let services: HostServices
        let pool = NIOThreadPool(numberOfThreads: 1)

        init(workers: Int, onLog: @escaping @Sendable (String) -> Void = { _ in }) {
            group = LoopTicks.group(numberOfThreads: workers)
            let logger = Logger(label: "test") { _ in LogBell(ring: onLog) }
            services = HostServices(
                logger: logger, registry: HostRegistry(projectModules()), rooms: nil, threadPool: pool, debug: false, wallClock: { 0 })
            for (index, loop) in group.makeIterator().enumerated() {
                _ = Worker(index: index, eventLoop: loop, context: nil, services: services)
            }
        }

        /// One candidate of the same unit per text.
        func prepared(_ generation: UInt64, _ texts: [String]) throws -> PreparedUnit {
            let folder = SourceFolder(path: folder.path + "/p", label: "p")
            let source = UnitSource(id: .package("p"), folder: folder)
            let loader = UnitLoader(
                services: services, layout: projectConfiguration(self.folder).layout, limits: LuaLimits(), listeners: nil)
            var participants: [(worker: WorkerHandle, generation: Generation)] = []
            for (worker, text) in zip(services.workers.all, texts) {
                self.folder.write("p/main.lua", "local M = { workers = 'all' }\n" + text + "\nreturn M")
                let attempt = loader.load(source, number: GenerationNumber(number: generation), snapshot: SourceSnapshot())
                participants.append((worker, try attempt.result.get()))
            }
            return PreparedUnit(
                source: source, number: GenerationNumber(number: generation), settings: participants[0].generation.settings,
                manifest: RouteManifest(), participants: participants)
        }

        /// What each worker runs; nil: nothing.
        func generations() async throws -> [UInt64?] {
            var result: [UInt64?] = []
            for worker in services.workers.all {
                result.append(try await answer("the worker's generation") { done in
                    worker.execute { done($0.generation(of: .package("p"))?.number.number) }
                })
            }
            return result
        }

        func stop() async { try? await group.shutdownGracefully() }
    }

    /// Tells that something was logged.
    private struct LogBell: LogHandler {
        let ring: @Sendable (String) -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info
        init(ring: @escaping @Sendable (String) -> Void) { self.ring = ring }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? { get { metadata[key] } set { metadata[key] = newValue } }
        func log(event: LogEvent) { ring(event.message.description) }
    }

    @Test func allSwapWhenAllAreReady() async throws {
        let bench = Bench(workers: 3)
        let error = await UnitSwap.run(try bench.prepared(1, ["", "", ""]), timer: bench.group.next(), voteMilliseconds: 5_000)
        #expect(error == nil)
        #expect(try await bench.generations() == [1, 1, 1])
        await bench.stop()
    }

    @Test(arguments: 0..<3) func noneSwapsWhenOneFails(_ broken: Int) async throws {
        let bench = Bench(workers: 3)
        _ = await UnitSwap.run(try bench.prepared(1, ["", "", ""]), timer: bench.group.next(), voteMilliseconds: 5_000)
        var texts = ["", "", ""]
        texts[broken] = "function M.on_reload() error('not me') end"
        let error = await UnitSwap.run(try bench.prepared(2, texts), timer: bench.group.next(), voteMilliseconds: 5_000)
        #expect(error?.message == "not me")
        #expect(error?.line == 2)
        #expect(try await bench.generations() == [1, 1, 1])
        let next = await UnitSwap.run(try bench.prepared(3, ["", "", ""]), timer: bench.group.next(), voteMilliseconds: 5_000)
        #expect(next == nil)
        #expect(try await bench.generations() == [3, 3, 3])
        await bench.stop()
    }

    /// The loop serves meanwhile: what a script does there has no more time than a handler.
    @Test(arguments: ["", "M.limits = { slice_ms = 3 }"]) func onReloadHasTheTimeOfAHandler(_ limits: String) async throws {
        let bench = Bench(workers: 1)
        let text = limits + " function M.on_reload() while true do end end"
        let error = await UnitSwap.run(try bench.prepared(1, [text]), timer: bench.group.next(), voteMilliseconds: 5_000)
        #expect(error?.kind == .timeout)
        #expect(error?.message.contains(limits.isEmpty ? "longer than 20 ms" : "longer than 3 ms") == true, "\(error?.message ?? "")")
        await bench.stop()
    }

    @Test(arguments: ["", "M.limits = { slice_ms = 3 }"]) func migrateHasTheTimeOfAHandler(_ limits: String) async throws {
        let bench = Bench(workers: 1)
        let text = "M.version = 1 " + limits + " function M.migrate() while true do end end"
        // On one thread, to which the candidate's state belongs: nothing is awaited before it is closed.
        let candidate = try bench.prepared(1, [text]).participants[0].generation
        let error = #expect(throws: ScriptError.self) { try StateCarrier.migrate([], from: 0, with: candidate) }
        candidate.close()
        #expect(error?.kind == .timeout)
        #expect(error?.message.contains(limits.isEmpty ? "longer than 20 ms" : "longer than 3 ms") == true, "\(error?.message ?? "")")
        await bench.stop()
    }

    @Test func aWorkerThatIsNotReadyInTimeEndsTheVote() async throws {
        let clock = NIOAsyncTestingEventLoop()
        let opened = DispatchSemaphore(value: 0)
        let ready = Letterbox<Void>("the first worker to be ready")
        let bench = Bench(workers: 2) { _ in ready.put(()) }
        _ = await UnitSwap.run(try bench.prepared(1, ["", ""]), timer: bench.group.next(), voteMilliseconds: 5_000)
        // The second worker's loop is kept busy until the vote has failed.
        bench.services.workers[1]!.execute { _ in _ = opened.wait(timeout: .now() + 30) }
        let texts = ["function M.on_reload() print('ready') end", ""]
        let prepared = try bench.prepared(2, texts)
        async let outcome = UnitSwap.run(prepared, timer: clock, voteMilliseconds: 20)
        try await ready.next()
        // The vote's timer is set in the turn in which the first worker said that it is ready.
        try await answer("the end of that turn") { done in bench.services.workers[0]!.execute { _ in done(()) } }
        await clock.advanceTime(by: .milliseconds(20))
        opened.signal()
        let error = await outcome
        #expect(error?.code == "vote_timeout")
        #expect(try await bench.generations() == [1, 1])
        await clock.shutdownGracefully()
        await bench.stop()
    }

    /// What a generation has spawned begins in it, also when its successor is there before its turn has come.
    @Test func whatWasSpawnedBeginsBeforeTheNextGenerationIsReady() async throws {
        let lines = Letterbox<String>("a line of the log")
        let bench = Bench(workers: 1) { lines.put($0) }
        try await swapInOneTurn(bench, "function M.on_reload() nightjar.spawn(function(n) print('spawned by', n) end, 'one') end", "function M.on_reload() print('two is ready') end")
        #expect(try await lines.next() == "spawned by\tone")
        #expect(try await lines.next() == "two is ready")
        await bench.stop()
    }

    /// A generation that spawns for ever does not keep its successor waiting.
    @Test func whatIsSpawnedForEverHoldsUpNoSwap() async throws {
        let lines = Letterbox<String>("a line of the log")
        let bench = Bench(workers: 1) { lines.put($0) }
        try await swapInOneTurn(bench, "local function again() nightjar.spawn(again) end\nM.on_reload = again", "function M.on_reload() print('two is ready') end")
        #expect(try await lines.next() == "two is ready")
        #expect(try await bench.generations() == [2])
        await bench.stop()
    }

    /// Two generations swapped in with nothing in between: what the first one spawns lies in the mailbox when the second comes.
    private func swapInOneTurn(_ bench: Bench, _ one: String, _ two: String) async throws {
        let head = "local nightjar = require 'nightjar'\n"
        let first = try bench.prepared(1, [head + one]), second = try bench.prepared(2, [head + two])
        let problem: (any Error)? = try await answer("the end of both swaps") { done in
            bench.services.workers[0]!.execute { worker in
                done(Result {
                    for prepared in [first, second] {
                        let swap = try StagedSwap.stage(prepared.participants[0].generation, on: worker).get()
                        try swap.complete()
                        swap.commit()
                    }
                }.failure)
            }
        }
        #expect(problem == nil)
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}

@Suite(.timeLimit(.minutes(1))) struct ControlGameTests {
    private static let engine = """
        local M = { version = 1 }
        function M.init() return { name = "idle", data = {}, actions = { "go" } } end
        M.actions = { go = function(state) return state end }
        return M
        """

    @Test func aSharedEngineReloadsAllItsGamesAndAnOwnEngineComesFirst() async throws {
        let folder = TestFolder()
        folder.write("Scripts/engines/e.lua", Self.engine)
        folder.write("games/a/manifest.json", #"{"id": "a", "engine": "e"}"#)
        folder.write("games/b/manifest.json", #"{"id": "b", "engine": "e"}"#)
        let server = try await TestServer(folder: folder, workers: 2)
        #expect(await server.host.status().map(\.workers) == [[0, 1], [0, 1]])
        folder.write("Scripts/engines/e.lua", Self.engine + " -- changed")
        #expect(try await server.reload() == ["game a: loaded", "game b: loaded"])
        folder.write("Scripts/engines/e.lua", "return {\n  init = 1 +\n}")
        #expect(try await server.reload().map { $0.prefix(33) } == ["game a: Scripts/engines/e.lua:3: ", "game b: Scripts/engines/e.lua:3: "].map { $0.prefix(33) })
        // From here on the shared engine stays broken, so the game b fails with every reload.
        func reload(_ game: String) async throws -> String? { try await server.reload().first { $0.hasPrefix("game \(game): ") } }
        folder.write("games/a/engine.lua", Self.engine)
        #expect(try await reload("a") == "game a: loaded")
        folder.write("games/a/manifest.json", "{\n\"id\": \"x\"}")
        #expect(try await reload("a")?.hasPrefix("game a: games/a/manifest.json:2: ") == true)
        folder.write("games/c/manifest.json", "{\"id\": \"c\"}")
        #expect(try await reload("c")?.hasPrefix("game c: games/c/manifest.json:1: the game has neither") == true)
        folder.write("games/c/engine.lua", "return { init = function() end }")
        #expect(try await reload("c")?.hasPrefix("game c: games/c/engine.lua: ") == true)
        folder.write("games/c/engine.lua", Self.engine)
        #expect(try await reload("c") == "game c: loaded")
        await server.stop()
    }
}
