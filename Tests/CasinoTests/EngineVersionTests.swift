import Foundation
import Logging
import LuaRuntime
import NightjarTesting
import Store
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What whoever works on an engine is told while it runs: of actions that are not there, and of versions that do not follow each other.
@Suite(.serialized, .timeLimit(.minutes(1))) struct EngineVersionTests {
    private static let engine = """
        local M = { actions = {} }
        M.version = 2
        function M.init() return { name = "idle", data = {}, actions = { "roll", "rol" } } end
        function M.actions.roll(state, _, ctx) return state end
        function M.timeout(state) return state end
        return M
        """

    private func server(_ engine: String = EngineVersionTests.engine, debug: Bool = true) async throws -> TestServer {
        var options = ServerOptions.casino()
        options.debug = debug
        options.logLevel = .info
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = engine
        return try await TestServer(options)
    }

    private func call(_ operation: GameCall.Operation, version: Int64 = 2) -> GameCall {
        let idle = Array(#"{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","name":"idle","data":{},"actions":["roll","rol"]}"#.utf8)
        return GameCall(
            game: "probe", operation: operation, state: operation == .start ? nil : idle, stateVersion: version, site: "s",
            settings: GameSettings(json: Array("{}".utf8)), credits: 100, now: 1_700_000_000_000)
    }

    private func warnings(_ server: TestServer) -> [String] {
        server.log.all.filter { $0.level == .warning && $0.fields["code"] != nil }.map { "\($0.fields["code"] ?? "") \($0.message)" }
    }

    /// Once for the engine as it is, on however many workers; again when it was saved and still offers it.
    @Test func anActionThatIsOfferedAndNotThereIsToldOnceWhileDeveloping() async throws {
        let server = try await server()
        for worker in [0, 1, 0] {
            for operation in [GameCall.Operation.start, .action("roll", params: [])] {
                let outcome = try await answer("the outcome") { done in
                    server.host.withWorker(worker) { done(GameRunner(worker: $0).act(self.call(operation))) }
                }
                #expect(outcome.fault == nil)
            }
        }
        let told = #"no_such_action games/probe/engine.lua: the state "idle" offers the action "rol", which the engine does not have; did you mean 'roll'?"#
        #expect(warnings(server).filter { $0.contains("no_such_action") } == [told])
        _ = try await server.save("games/probe/engine.lua", Self.engine + " -- saved", andWaitFor: "game probe")
        _ = try await server.act(call(.start))
        #expect(warnings(server).filter { $0.contains("no_such_action") } == [told, told])
        await server.stop()
    }

    /// In production nobody reads each state once more.
    @Test func inProductionNothingIsLookedAt() async throws {
        let server = try await server(debug: false)
        let watched = try await answer("the program") { done in
            server.host.withWorker(0) { done($0.generation(of: .game("probe"))?.program?.missingActions != nil) }
        }
        #expect(!watched)
        await server.stop()
    }

    /// Refused with its line: the engine that knows the states goes on.
    @Test(arguments: [("M.version = 1", 2), ("", 1)])
    func aLoweredVersionIsRefused(_ line: String, _ place: Int) async throws {
        let server = try await server()
        let lowered = Self.engine.replacingOccurrences(of: "M.version = 2", with: line)
        let told = try await server.save("games/probe/engine.lua", lowered, andWaitFor: "game probe")
        #expect(told.hasPrefix("game probe: games/probe/engine.lua:\(place): M.version is \(place == 2 ? 1 : 0), the engine that runs has version 2"), "\(told)")
        #expect(told.contains("put M.version back to 2, or raise it to 3 with an M.migrate"), "\(told)")
        #expect(try await server.act(call(.action("roll", params: []))).engineVersion == 2)
        await server.stop()
    }

    @Test func aRaisedVersionWithoutAMigrationIsTakenAndTold() async throws {
        let server = try await server()
        let raised = Self.engine.replacingOccurrences(of: "M.version = 2", with: "M.version = 3")
        #expect(try await server.save("games/probe/engine.lua", raised, andWaitFor: "game probe") == "game probe: loaded")
        let told = warnings(server).filter { $0.contains("no_migrate") }
        #expect(told.count == 1 && told[0].hasPrefix("no_migrate games/probe/engine.lua:2: M.version is 3 and there is no M.migrate"), "\(told)")
        // As the message says: the state goes to the engine as it is, and is this version's afterwards.
        let outcome = try await server.act(call(.action("roll", params: []), version: 2))
        #expect(outcome.fault == nil && outcome.engineVersion == 3)
        let told4 = try await server.save("games/probe/engine.lua", raised.replacingOccurrences(
            of: "M.version = 3", with: "M.version = 4 function M.migrate(_, state) return state end"), andWaitFor: "game probe")
        #expect(told4 == "game probe: loaded")
        #expect(warnings(server).filter { $0.contains("no_migrate") }.count == 1)
        await server.stop()
    }

    /// After a restart nobody knows what ran before; the state does.
    @Test func aStateOfANewerEngineStaysAsItIs() async throws {
        let server = try await server()
        for operation in [GameCall.Operation.action("roll", params: []), .timeout] {
            let fault = try #require(try await server.act(call(operation, version: 3)).fault)
            #expect(fault.code == "older_engine" && fault.position == "games/probe/engine.lua:2", "\(fault)")
            #expect(fault.reason.contains("M.version is 2, the state was made by version 3") && fault.reason.contains("back to 3"), "\(fault)")
        }
        #expect(try await server.act(call(.void, version: 3)).fault == nil, "its stakes may be given back")
        var replayed = call(.action("roll", params: []), version: 3)
        replayed.replayed = [.init(id: .random(), key: try #require(RandomKey(bytes: Array(0..<32))))]
        #expect(try await server.act(replayed).fault == nil, "what was played is played again")
        let blob = Array(#"{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","name":"idle","data":{},"actions":[]}"#.utf8)
        func leave(openedAt: Int64) async throws -> Result<Bool, GameFault> {
            let slot = GameSlot(key: GameKey(site: "s", game: "probe"), id: .random(), engineVersion: 3, openedAt: openedAt, blob: blob)
            return try await answer("whether it may be left") { done in
                server.host.withWorker(0) { done(GameRunner(worker: $0).isFinishable(slot, settings: GameSettings(json: Array("{}".utf8)))) }
            }
        }
        guard case .failure(let fault) = try await leave(openedAt: 5) else {
            Issue.record("left")
            return
        }
        #expect(fault.code == "older_engine")
        #expect(try await leave(openedAt: 0).get(), "without a round there is nothing to lose")
        await server.stop()
    }

    @Test(arguments: [
        ("local M = { version = 1, actions = {} }", 1), ("-- version = 7\nlocal M = {}\nM.version=2", 3),
        ("local conversion = 3\nif version == 2 then end", nil), ("", nil),
    ])
    func theLineOfAVersionIsFoundInTheText(_ source: String, _ line: Int?) {
        #expect(UnitSettings.versionLine(in: Array(source.utf8)) == line)
    }

    // MARK: Manifests

    /// A misspelt name of the engine, or of its member, keeps the game from loading; what was meant is named.
    @Test(arguments: [
        ("{\"id\":\"probe\",\n\"engin\":\"bingo\"}", "manifest.json:2: ", "it has \"engin\": did you mean \"engine\"?"),
        ("{\"id\":\"probe\",\n\"engine\":\"bing\"}", "manifest.json:2: there is no engine \"bing\": ", "did you mean 'bingo'?"),
        ("{\"id\":\"probe\",\n\"engine\":\"roulette\"}", "manifest.json:2: there is no engine \"roulette\": ", "(known: bingo, slots)"),
        ("{\n\"di\":\"probe\",\"engine\":\"bingo\"}", "manifest.json:2: the member \"id\" is missing", "did you mean it by \"di\"?"),
        ("{\"id\":\"probe\",\"engine\":\"bingo\",\n\"pkc\":\"a.pck\"}", "manifest.json:2: a manifest has no member \"pkc\"", "did you mean 'pck'?"),
        // All of them at once, whoever finds them.
        (
            "{\"id\":\"probe\",\"engine\":\"bingo\",\n\"pkc\":\"a.pck\",\n\"tittle\":\"Probe\"}", "manifest.json:2: a manifest has no member \"pkc\"",
            "; line 3: a manifest has no member \"tittle\"; did you mean 'title'?"
        ),
        (
            "{\"id\":\"probe\",\"engine\":\"bingo\",\n\"reads\":[\"credit\"],\n\"unfinished\":\"keep\",\n\"tittle\":\"Probe\"}", "manifest.json:2: \"reads\" has something",
            "; line 3: \"unfinished\" must be \"pay\" or \"void\"; line 4: a manifest has no member \"tittle\"; did you mean 'title'?"
        ),
    ])
    func whatIsMisspeltInAManifestIsNamedWithWhatWasMeant(_ manifest: String, _ place: String, _ hint: String) async throws {
        var options = ServerOptions.casino()
        options.files["games/probe/manifest.json"] = manifest
        let server = try await TestServer(options)
        let told = await server.host.status().first { $0.unit == .game("probe") }?.error?.description ?? "nothing"
        #expect(told.contains(place) && told.contains(hint), "\(told)")
        await server.stop()
    }
}
