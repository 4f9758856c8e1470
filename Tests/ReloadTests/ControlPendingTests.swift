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

/// What becomes of a refused candidate until it is cured.
@Suite(.timeLimit(.minutes(1))) struct ControlPendingTests {
    private let error = ScriptError(kind: .runtime, code: "x", message: "x")

    @Test func aSecondReloadOfABrokenFileFailsAgainAndSaysWhatRuns() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        folder.write("Scripts/q/main.lua", answering("q", "one"))
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/p/main.lua", "return 1 +")
        folder.write("Scripts/r/main.lua", "return 1 +")
        for _ in 0..<3 {
            let events = try await server.reloadEvents()
            #expect(events.map(\.unit.name) == ["p", "r"])
            #expect(events.map(\.running?.number) == [1, nil])
            #expect(events[0].summary.hasPrefix("the new version did not load, generation 1 goes on: Scripts/p/main.lua:1: "))
            #expect(events[1].summary.hasPrefix("did not load, nothing of it runs: Scripts/r/main.lua:1: "))
        }
        #expect(await server.host.status().map { $0.pending?.remedy } == ["a change of its files", nil, "a change of its files"])
        await server.stop()
    }

    @Test func aRouteThatIsGivenUpInTheSameReloadIsTakenWhateverTheOrder() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", answering("a", "a"))
        folder.write("Scripts/b/main.lua", answering("same", "b"))
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/a/main.lua", answering("same", "a"))
        folder.write("Scripts/b/main.lua", answering("b", "b"))
        #expect(try await server.reload() == ["package b: loaded", "package a: loaded"])
        #expect(try await server.get("/same") == "a")
        #expect(server.reloads.texts.allSatisfy { $0.hasSuffix("loaded") }, "no error that disappears by itself")
        await server.stop()
    }

    /// Routes are set unit by unit, so of two that exchange theirs neither can be first: what to do is said, and helps.
    @Test func twoThatExchangeTheirRoutesAreToldHow() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", answering("x", "a"))
        folder.write("Scripts/b/main.lua", answering("y", "b"))
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/a/main.lua", answering("y", "a"))
        folder.write("Scripts/b/main.lua", answering("x", "b"))
        let refused = try await server.reload()
        let advice = "package a to give up the route, which waits for this one in turn: "
            + "save one of the two without what the other is to have, then as it is now"
        #expect(refused.count == 2 && refused.last?.hasSuffix("; waits for " + advice) == true, "\(refused)")
        #expect(await server.host.status()[1].pending?.remedy == advice)
        #expect(await server.host.status()[0].pending?.remedy.contains("waits for this one in turn") == true)
        #expect(try await server.get("/x") == "a")
        folder.write("Scripts/a/main.lua", answering("z", "a"))
        #expect(try await server.reload() == ["package a: loaded", "package b: loaded"])
        folder.write("Scripts/a/main.lua", answering("y", "a"))
        #expect(try await server.reload() == ["package a: loaded"])
        #expect(try await server.get("/x") == "b")
        #expect(try await server.get("/y") == "a")
        await server.stop()
    }

    @Test func aRouteIsTakenWhenItsOwnerIsUnloaded() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", answering("x/:id", "a"))
        folder.write("Scripts/b/main.lua", answering("x/:name", "b"))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/x/1") == "a")
        #expect(await server.host.status()[1].pending?.remedy == "package a to give up the route")
        folder.remove("Scripts/a")
        #expect(try await server.reload() == ["package b: loaded", "package a: unloaded"])
        #expect(try await server.get("/x/1") == "b")
        await server.stop()
    }

    @Test func aSwapThatRanOutOfTimeIsTriedAgainByItself() async throws {
        let folder = TestFolder()
        let ready = Letterbox<Void>("the first worker to be ready")
        let opened = DispatchSemaphore(value: 0)
        let all = "M.workers = \"all\""
        folder.write("Scripts/p/main.lua", answering("p", "one", all))
        let server = try await TestServer(folder: folder, workers: 2) {
            $0.configure = { $0.voteMilliseconds = 20 }
            $0.onLog = { if $0.message == "ready" { ready.put(()) } }
        }
        // The second loop does not answer until the first one, which was ready, has given up.
        server.host.withWorker(1) { _ in _ = opened.wait(timeout: .now() + 30) }
        folder.write("Scripts/p/main.lua", answering("p", "two", all + "\nfunction M.on_reload() print('ready') end"))
        async let attempt = server.reloadEvents()
        try await ready.next()
        try await eventually("the first worker to give up") {
            try await answer("whether it holds the inputs") { done in
                server.host.withWorker(0) { done(!$0.unit(.package("p")).isHeld) }
            }
        }
        opened.signal()
        let events = try await attempt
        #expect(events.map { $0.error?.code } == ["vote_timeout"])
        // On a slow machine it may have been tried again already.
        let pending = await server.host.status().first?.pending
        #expect(pending == nil || pending?.remedy == "its next try, by itself")
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "two")
        #expect(await server.host.status().first?.pending == nil)
        await server.stop()
    }

    @Test func triesByItselfGrowRareAndEnd() {
        var retries = SwapRetries()
        let unit = UnitID.package("p")
        let pauses = (0..<SwapRetries.triesMax).map { _ in retries.failed(unit) }
        #expect(pauses == [500, 1_000, 2_000, 4_000, 8_000, 16_000].map { TimeAmount.milliseconds($0) })
        #expect(retries.failed(unit) == nil)
        #expect(retries.failed(.package("q")) == .milliseconds(500))
        retries.ended(unit)
        #expect(retries.failed(unit) == .milliseconds(500))
    }

    @Test func aHeldFailureIsForgottenWhenItsUnitIsAttemptedAgain() {
        func event(_ name: String) -> ReloadEvent {
            ReloadEvent(unit: .package(name), generation: GenerationNumber(number: 1), outcome: .failed(error), running: nil)
        }
        var held = HeldFailures()
        #expect(held.isEmpty && held.take().isEmpty)
        for name in ["a", "b", "a"] { held.hold(event(name)) }
        held.forget(.package("c"))
        #expect(held.take().map(\.unit.name) == ["b", "a"])
        #expect(held.isEmpty)
        held.hold(event("a"))
        held.forget(.package("a"))
        #expect(held.take().isEmpty)
    }

    @Test func theRegistryKeepsWhatRunsAndWhyTheLastAttemptFailed() throws {
        var registry = UnitRegistry()
        let source = UnitSource(id: .package("p"), folder: SourceFolder(path: "/p", label: "p"))
        let running = RunningUnit(
            generation: GenerationNumber(number: 1), settings: UnitSettings(), manifest: RouteManifest(), workers: [0])
        let key = try RouteClaim(method: "GET", pattern: "/:a").key()
        let wanted = Claimed.route(listener: "main", key)
        let reason = PendingReason(
            error, generation: GenerationNumber(number: 2), cure: .release(of: wanted, by: "package q"), stage: "routes")
        registry.loaded(source, running)
        registry.refused(source, reason)
        #expect(registry[source.id]?.running?.generation.number == 1)
        #expect(registry.pending == [source.id])
        #expect(registry.waiting(for: [wanted]) == [source])
        #expect(registry.waiting(for: [.function("x")]).isEmpty)
        #expect(registry.status { _ in ["f"] }.first?.error == error)
        registry.loaded(source, running)
        #expect(registry.pending.isEmpty && registry.waiting(for: [wanted]).isEmpty)
    }

    @Test func theBookTellsWhatIsGivenUp() throws {
        func claims(_ routes: [String], _ functions: [String] = [], listener: String = "main") -> UnitClaims {
            UnitClaims(listener: listener, routes: routes.map { RouteClaim(method: "GET", pattern: $0) }, functions: functions)
        }
        var book = ClaimBook()
        #expect(try book.replace(owner: "a", claims(["/x/:id", "/y"], ["f"])) == [])
        #expect(book.clash(owner: "b", claims(["/x/:name"]))?.owner == "a")
        #expect(book.clash(owner: "a", claims(["/x/:name"])) == nil)
        #expect(book.clash(owner: "b", claims(["/x/:name"], listener: "other")) == nil)
        #expect(throws: RouteClash.self) { try book.replace(owner: "b", claims(["/y"])) }
        #expect(book.provider(of: "f", besides: "b") == "a")
        #expect(book.provider(of: "f", besides: "a") == nil)
        #expect(book.owners(of: claims(["/x/:other", "/z"])) == ["a"])
        let key = try RouteClaim(method: "GET", pattern: "/x/:z").key()
        #expect(try book.replace(owner: "a", claims(["/y"])) == [.route(listener: "main", key), .function("f")])
        #expect(try book.replace(owner: "a", claims(["/y"], listener: "other")).count == 1, "another listener is another route")
        #expect(try book.replace(owner: "a", nil).count == 1)
        #expect(book.clash(owner: "b", claims(["/y"])) == nil)
    }
}
