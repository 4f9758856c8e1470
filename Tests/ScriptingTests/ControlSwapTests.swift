import Dispatch
import Logging
import LuaRuntime
import NIOCore
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
        let loader: UnitLoader
        let pool = NIOThreadPool(numberOfThreads: 1)

        init(workers: Int, onLog: @escaping @Sendable () -> Void = {}) {
            group = LoopTicks.group(numberOfThreads: workers)
            let logger = Logger(label: "test") { _ in LogBell(ring: onLog) }
            services = HostServices(
                logger: logger, registry: HostRegistry(projectModules()), rooms: nil, threadPool: pool, debug: false, wallClock: { 0 })
            for (index, loop) in group.makeIterator().enumerated() {
                _ = Worker(index: index, eventLoop: loop, context: nil, services: services)
            }
            let configuration = projectConfiguration(folder)
            loader = UnitLoader(services: services, layout: configuration.layout, limits: LuaLimits(), listeners: nil)
        }

        /// One candidate of the same unit per text.
        func prepared(_ generation: UInt64, _ texts: [String]) throws -> PreparedUnit {
            let folder = SourceFolder(path: folder.path + "/p", label: "p")
            let source = UnitSource(id: .package("p"), folder: folder)
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
        func generations() async -> [UInt64?] {
            var result: [UInt64?] = []
            for worker in services.workers.all {
                result.append(await withCheckedContinuation { continuation in
                    worker.execute { continuation.resume(returning: $0.generation(of: .package("p"))?.number.number) }
                })
            }
            return result
        }

        func stop() async { try? await group.shutdownGracefully() }
    }

    /// Tells that something was logged.
    private struct LogBell: LogHandler {
        let ring: @Sendable () -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info
        init(ring: @escaping @Sendable () -> Void) { self.ring = ring }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? { get { metadata[key] } set { metadata[key] = newValue } }
        func log(event: LogEvent) { ring() }
    }

    @Test func allSwapWhenAllAreReady() async throws {
        let bench = Bench(workers: 3)
        let error = await UnitSwap.run(try bench.prepared(1, ["", "", ""]), timer: bench.group.next(), voteMilliseconds: 5_000)
        #expect(error == nil)
        #expect(await bench.generations() == [1, 1, 1])
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
        #expect(await bench.generations() == [1, 1, 1])
        let next = await UnitSwap.run(try bench.prepared(3, ["", "", ""]), timer: bench.group.next(), voteMilliseconds: 5_000)
        #expect(next == nil)
        #expect(await bench.generations() == [3, 3, 3])
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
        let control = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let opened = DispatchSemaphore(value: 0)
        // The vote's timer is set when the first worker is ready, right after it has said so.
        let bench = Bench(workers: 2) { control.next().scheduleTask(in: .milliseconds(500)) { opened.signal() } }
        _ = await UnitSwap.run(try bench.prepared(1, ["", ""]), timer: bench.group.next(), voteMilliseconds: 5_000)
        // The second worker's loop is kept busy until the vote has failed.
        bench.services.workers[1]!.execute { _ in opened.wait() }
        let texts = ["function M.on_reload() print('ready') end", ""]
        let error = await UnitSwap.run(try bench.prepared(2, texts), timer: control.next(), voteMilliseconds: 20)
        #expect(error?.code == "vote_timeout")
        #expect(await bench.generations() == [1, 1])
        try? await control.shutdownGracefully()
        await bench.stop()
    }
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
        #expect(await server.reload() == ["game a: loaded", "game b: loaded"])
        folder.write("Scripts/engines/e.lua", "return {\n  init = 1 +\n}")
        #expect(await server.reload().map { $0.prefix(33) } == ["game a: Scripts/engines/e.lua:3: ", "game b: Scripts/engines/e.lua:3: "].map { $0.prefix(33) })
        // From here on the shared engine stays broken, so the game b fails with every reload.
        func reload(_ game: String) async -> String? { await server.reload().first { $0.hasPrefix("game \(game): ") } }
        folder.write("games/a/engine.lua", Self.engine)
        #expect(await reload("a") == "game a: loaded")
        folder.write("games/a/manifest.json", "{\n\"id\": \"x\"}")
        #expect(await reload("a")?.hasPrefix("game a: games/a/manifest.json:2: ") == true)
        folder.write("games/c/manifest.json", "{\"id\": \"c\"}")
        #expect(await reload("c")?.hasPrefix("game c: games/c/manifest.json:1: the game has neither") == true)
        folder.write("games/c/engine.lua", "return { init = function() end }")
        #expect(await reload("c")?.hasPrefix("game c: games/c/engine.lua: ") == true)
        folder.write("games/c/engine.lua", Self.engine)
        #expect(await reload("c") == "game c: loaded")
        await server.stop()
    }
}
