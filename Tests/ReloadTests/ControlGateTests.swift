import LuaRuntime
import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
import Transport
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What a candidate must pass, seen from outside: the former generation serves, the error says where, a cure lets it in.
@Suite(.timeLimit(.minutes(1))) struct ControlGateTests {
    // MARK: Routes

    @Test(arguments: [
        ("n.http.get(\"/a/*/b\", f)", "* stands at the end only"),
        ("n.http.get(\"/:x/:x\", f)", "the parameter :x is there twice"),
        ("n.http.get(\"/a*\", f)", "* stands alone between slashes"),
        ("n.http.get(\"/a/:\", f)", "a parameter is written like :name"),
        ("n.http.get(\"/a?b\", f)", "a path has neither ? nor #"),
        ("n.http.get(\"\(String(repeating: "/a", count: 33))\", f)", "at most 32 parts"),
        ("n.websocket.endpoint(\"/a/*/b\", { open = f })", "* stands at the end only"),
        ("n.http.static(\"/*/b\", \"public\")", "* stands at the end only"),
    ])
    func aPatternThatContradictsItselfIsAnErrorOfItsLine(_ line: String, _ reason: String) async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/p/main.lua", "local n = require \"nightjar\"\nlocal function f() end\nn.http.get(\"/p\", f)\n\(line)\nreturn {}")
        let events = try await server.reload()
        #expect(events.first?.hasPrefix("package p: Scripts/p/main.lua:4: ") == true, "\(events)")
        #expect(events.first?.contains(reason) == true, "\(events)")
        #expect(try await server.get("/p") == "one")
        await server.stop()
    }

    @Test(arguments: [
        ("n.http.get(\"/a/:x\", f)\nn.http.get(\"/a/:y\", f)", "the route GET /a/:y is declared already as /a/:x at Scripts/p/main.lua:3"),
        ("n.http.get(\"/a\", f)\nn.http.get(\"/a\", f)", "the route GET /a is declared already at Scripts/p/main.lua:3"),
        ("n.http.get(\"/a/*\", f)\nn.http.static(\"/a\", \"public\")", "the route GET /a/* is declared already at Scripts/p/main.lua:3"),
        ("n.websocket.endpoint(\"/:a\", { open = f })\nn.websocket.endpoint(\"/:b\", { open = f })", "the route websocket /:b is declared already as /:a"),
    ])
    func twoRoutesOfOnePackageThatAreTheSameAreAnErrorOfTheSecond(_ lines: String, _ expected: String) async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", "local n = require \"nightjar\"\nlocal function f() end\n\(lines)\nreturn {}")
        let server = try await TestServer(folder: folder, debug: true)
        let error = await server.host.status().first?.error
        #expect(error?.line == 4)
        #expect(error?.message.contains(expected) == true, "\(String(describing: error))")
        await server.stop()
    }

    @Test func aReservedRouteIsNoPackages() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        folder.write("Scripts/q/main.lua", """
            local n = require "nightjar"
            n.http.get("/q", function() return "q" end)
            n.http.get("/native/:anything", function() return "mine" end)
            return {}
            """)
        let reserved = ReservedRoutes(owner: "the host", listener: "main", routes: [RouteClaim(method: "GET", pattern: "/native/:name")])
        let server = try await TestServer(folder: folder) { $0.configure = { $0.reservedRoutes = [reserved] } }
        let status = await server.host.status()
        let expected = "Scripts/q/main.lua:3: the route GET /native/:anything on the listener \"main\" belongs to the host, as /native/:name"
        #expect(status.last?.error?.description == expected)
        #expect(status.last?.pending?.stage == "routes")
        #expect(status.last?.pending?.remedy == "the host to give up the route")
        #expect(try await server.get("/q").hasPrefix("404"), "all or none")
        var configuration = projectConfiguration(folder)
        configuration.reservedRoutes = [reserved]
        #expect(ScriptHost.check(configuration, modules: projectModules()).map(\.description) == [expected])
        await server.stop()
    }

    @Test func aNativeRouteThatComesLaterTakesItsPlace() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "script"))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/p") == "script")
        await server.host.native(owner: "the host") { _ in [.get("/p", Native())] }
        #expect(try await server.get("/p") == "native")
        let status = await server.host.status()
        #expect(status.first?.generation == nil)
        #expect(status.first?.error?.description == "Scripts/p/main.lua: the route GET /p on the listener \"main\" belongs to the host")
        folder.write("Scripts/p/main.lua", answering("q", "script"))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/q") == "script")
        #expect(try await server.get("/p") == "native")
        await server.stop()
    }

    private final class Native: HTTPResponder {
        let options = HTTPOptions()
        func respond(_ request: HTTPRequest, _ reply: HTTPReply) { reply.send(status: 200, headers: [:], body: ByteBuffer(string: "native")) }
    }

    // MARK: Functions

    private func providing(_ name: String, _ answer: String) -> String {
        answering(answer, answer, "nightjar.provide(\"\(name)\", function() return \"\(answer)\" end)")
    }

    @Test func aFunctionOfAnotherPackageIsNotTakenAndTakenWhenItIsFree() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", providing("name", "a"))
        folder.write("Scripts/c/main.lua", """
            local n = require "nightjar"
            n.http.get("/ask", function() return n.call("name") end)
            return {}
            """)
        let server = try await TestServer(folder: folder, workers: 2)
        folder.write("Scripts/b/main.lua", providing("name", "b"))
        #expect(try await server.reload() == ["package b: Scripts/b/main.lua:3: the function \"name\" is provided by package a"])
        #expect(await server.host.status()[1].pending?.remedy == "package a to give up the function name")
        #expect(try await server.get("/ask") == "a")
        #expect(try await server.get("/b").hasPrefix("404"))
        folder.remove("Scripts/a")
        #expect(try await server.reload() == ["package b: loaded", "package a: unloaded"])
        #expect(try await server.get("/ask") == "b")
        #expect(ScriptHost.check(projectConfiguration(folder), modules: projectModules()) == [])
        folder.write("Scripts/a/main.lua", providing("name", "a"))
        #expect(ScriptHost.check(projectConfiguration(folder), modules: projectModules()).map(\.description) == [
            "Scripts/b/main.lua:3: the function \"name\" is provided by package a",
        ])
        await server.stop()
    }

    // MARK: Manifest

    @Test func aManifestThatSaysSomethingUntrueIsRefused() async throws {
        let folder = TestFolder()
        let engine = "local M = {}\nfunction M.init() return { name = 'idle', data = {}, actions = {} } end\nM.actions = {}\nreturn M"
        folder.write("games/g/engine.lua", engine)
        folder.write("games/g/manifest.json", "{\n \"id\": \"g\",\n \"cover\": \"c.svg\"\n}")
        let server = try await TestServer(folder: folder, debug: true)
        #expect(await server.host.status().first?.error?.description == "games/g/manifest.json:3: the file client/c.svg is missing")
        folder.write("games/g/client/c.svg", "<svg/>")
        _ = try await server.reloads.wait { $0 == "game g: loaded" }
        await server.stop()
    }

    // MARK: Migration

    private func versioned(_ version: Int, _ migrate: String) -> String {
        """
        local n = require "nightjar"
        local M = { version = \(version) }
        local tries = 0
        n.http.get("/p", function() return "v\(version) " .. tostring(n.state.get("x")) .. " " .. tries end)
        function M.on_ready() n.state.set("x", 1) end
        \(migrate)
        return M
        """
    }

    @Test func aMigrateThatReturnsNothingIsAnErrorOfItsLine() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", versioned(1, ""))
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/p/main.lua", versioned(2, "function M.migrate(from, state)\n  state.x = 2\nend"))
        let events = try await server.reload()
        #expect(events.first?.hasPrefix("package p: Scripts/p/main.lua:6: M.migrate(from, state) must end with `return state`") == true, "\(events)")
        #expect(await server.host.status().first?.pending?.stage == "migrate")
        #expect(try await server.get("/p") == "v1 1 0")
        await server.stop()
    }

    @Test func migrateIsTriedWhereTheCandidateDoesNotNoticeIt() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", versioned(1, ""))
        let server = try await TestServer(folder: folder)
        folder.write("Scripts/p/main.lua", versioned(2, "function M.migrate(from, state) tries = tries + 1 state.x = state.x + 1 return state end"))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/p") == "v2 2 1", "once in the generation that runs")
        await server.stop()
    }

    // MARK: Placement

    @Test func anotherPlacementNeedsARestart() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder, workers: 2)
        folder.write("Scripts/p/main.lua", answering("p", "two", "M.workers = \"all\""))
        #expect(try await server.reload().first?.contains("needs a restart") == true)
        #expect(await server.host.status().first?.pending?.remedy == "a restart of the server")
        #expect(try await server.get("/p") == "one")
        await server.stop()
    }
}
