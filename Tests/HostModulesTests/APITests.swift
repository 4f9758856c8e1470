import Bytes
import NIOCore
import NIOHTTP1
import NightjarTesting
import Synchronization
import Testing
import Transport
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// Host functions as scripts see them, through a handler of a running server.
@Suite(.timeLimit(.minutes(1))) struct APITests {
    /// Runs Lua in a handler; `out(…)` adds to the answer.
    private func run(
        _ body: String, files: [String: String] = [:], set: (inout ServerOptions) -> Void = { _ in }
    ) async throws -> String {
        let folder = TestFolder()
        for (name, text) in files { folder.write("Scripts/p/" + name, text) }
        folder.write("Scripts/p/main.lua", """
            local nightjar = require "nightjar"
            local lines
            local function out(...)
              local parts = {}
              for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
              lines[#lines + 1] = table.concat(parts, " ")
            end
            nightjar.http.get("/other/:x", function(request)
              return { status = 201, headers = { ["x-test"] = "yes" }, body = request.params.x .. (request.headers["x-in"] or "") }
            end)
            nightjar.http.post("/echo", function(request) return request.body end)
            nightjar.http.get("/slow", function() nightjar.sleep(5) return "late" end)
            nightjar.http.get("/moved", function() return { status = 302, headers = { location = "/other/a" }, body = "" } end)
            nightjar.http.get("/run", function(request)
              lines = {}
              local port = request.headers["x-port"]
              \(body)
              return table.concat(lines, "\\n")
            end)
            return {}
            """)
        let server = try await TestServer(folder: folder, set)
        let answer = try await server.get("/run")
        await server.stop()
        return answer
    }

    @Test func digestsAndEncodingsMatchTheirVectors() async throws {
        let answer = try await run("""
            local c = nightjar.crypto
            out(c.hex(c.sha256("abc")))
            out(c.hex(c.sha1("abc")))
            out(c.hex(c.hmac_sha256("Jefe", "what do ya want for nothing?")))
            out(c.base64(""), c.base64("f"), c.base64("fo"), c.base64("foo"), c.base64("foobar"))
            out(c.base64("\\255\\254\\253\\252"), c.base64url("\\255\\254\\253\\252"))
            out(c.unbase64("Zm9vYmE="), c.unbase64("Zm9vYg"), c.unbase64("_-79_A") == "\\255\\238\\253\\252")
            out(c.unbase64("Zm9v!"))
            out(c.unbase64("Zm9vY"))
            out(c.unhex("00fF") == "\\0\\255", c.unhex("0"))
            out(c.equal("a", "a"), c.equal("a", "b"), c.equal("a", "ab"))
            """)
        #expect(answer.split(separator: "\n").map(String.init) == [
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            " Zg== Zm8= Zm9v Zm9vYmFy",
            "//79/A== __79_A",
            "fooba foob true",
            "nil invalid_base64 the text is malformed",
            "nil invalid_base64 the text is malformed",
            "true nil invalid_hex the text is malformed",
            "true false false",
        ])
    }

    @Test func settingsAreReadByKeyAndHaveDefaults() async throws {
        let answer = try await run("""
            local get = nightjar.config.get
            out(get("text"), get("list")[2], get("deep").x, get("none"), get("null", 5), get("none", { 1, 2 })[2])
            out(pcall(get, "x", print))
            """) { $0.settings["p"] = #"{"text": "a", "list": [1, 2], "deep": {"x": true}, "null": null}"# }
        #expect(answer.hasPrefix("a 2 true nil 5 2\nfalse "))
        #expect(answer.contains("config.get"))
    }

    @Test func filesAreReadWhileLoadingOnly() async throws {
        let answer = try await run(
            """
            out(pcall(nightjar.data, "data/b.txt"))
            out(pcall(require, "reader"))
            """, files: ["data/a.txt": "A", "data/b.txt": "B", "reader.lua": "return 1"])
        let lines = answer.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("false ") }, "\(answer)")
        #expect(answer.contains("only while the script loads"))
    }

    @Test func valuesAreKeptWithVersionsAndExpiry() async throws {
        let answer = try await run("""
            local s = nightjar.store
            out(s.get("a"))
            local v1 = s.set("a", { x = { 1, 2.5, "three" }, y = true })
            local value, version = s.get("a")
            out(value.x[1], value.x[2], value.x[3], value.y, version == v1)
            out(s.set("a", 1, { if_version = 0 }))
            out(s.set("new", 1, { if_version = 0 }) > 0)
            local v2 = s.set("a", 7, { if_version = version })
            out(s.increment("a"), s.increment("a", -10), math.type(s.get("a")), s.increment("n", 5, { ttl = 100 }))
            out(s.delete("a", { if_version = v2 }))
            out(s.delete("a"), s.delete("a"), s.get("a"))
            s.set("f", 1.0)
            out(math.type(s.get("f")), s.increment("f"))
            s.set("bytes", "\\0\\255")
            out(s.get("bytes") == "\\0\\255")
            out(pcall(s.set, "x", nil))
            out(pcall(s.set, "x", print))
            out(pcall(s.set, "x", 1, { ttl = -1 }))
            out(pcall(s.get, ""))
            """).split(separator: "\n").map(String.init)
        #expect(answer.prefix(5) == ["nil", "1 2.5 three true true", "nil conflict the version is 1", "true", "8 -2 integer 5"]
            || answer.prefix(2) == ["nil", "1 2.5 three true true"], "\(answer)")
        #expect(answer[2].hasPrefix("nil conflict the version is "))
        #expect(answer[3...4] == ["true", "8 -2 integer 5"])
        #expect(answer[5].hasPrefix("nil conflict"))
        #expect(answer[6] == "true false nil")
        #expect(answer[7].hasPrefix("float nil not_integer"))
        #expect(answer[8] == "true")
        #expect(answer[9...].allSatisfy { $0.hasPrefix("false ") })
    }

    @Test func sortedSetsAreReadByRankAndScore() async throws {
        let answer = try await run("""
            local s = nightjar.store
            out(s.add("r", "ann", 10), s.add("r", "bob", 30), s.add("r", "cid", 20), s.add("r", "ann", 15))
            local function names(list) local t = {} for i, e in ipairs(list) do t[i] = e.member .. "=" .. e.score end return table.concat(t, ",") end
            out(names(s.range("r")))
            out(names(s.range("r", 1, 2, { reverse = true })))
            out(names(s.range("r", -1, -1)))
            out(names(s.range("r", 15, 20, { by = "score" })))
            out(names(s.range("r", nil, nil, { limit = 1 })))
            out(s.count("r"), s.count("r", 16), s.count("r", 16, 20), s.count("none"))
            out(s.remove("r", "bob"), s.remove("r", "bob"))
            out(#s.range("none"))
            out(pcall(s.range, "r", 0))
            out(pcall(s.add, "r", "x", 0/0))
            """).split(separator: "\n").map(String.init)
        #expect(answer.prefix(9) == [
            "true true true false", "ann=15.0,cid=20.0,bob=30.0", "bob=30.0,cid=20.0", "bob=30.0", "ann=15.0,cid=20.0",
            "ann=15.0", "3 2 1 0", "true false", "0",
        ])
        #expect(answer[9...].allSatisfy { $0.hasPrefix("false ") })
    }

    @Test func aBatchChangesEverythingOrNothing() async throws {
        let answer = try await run("""
            local s = nightjar.store
            s.set("old", 1)
            s.add("r", "ann", 1)
            out(s.batch {
              { "set", "a", { x = 2.0 } }, { "set", "n", 41 }, { "set", "gone", 1, 0.001 }, { "delete", "old" }, { "delete", "none" },
              { "add", "r", "bob", 2 }, { "add", "r", "ann", 3 }, { "remove", "r", "cid" }, { "set", "n", 42 },
            })
            out(s.get("a").x, s.get("n"), s.get("old"), s.count("r"), s.range("r")[1].member, s.increment("n"))
            out(s.batch { { "set", "n", 1 }, { "set", "b", ("x"):rep(1 << 20) } })
            out(s.get("n"), s.get("b"))
            out(pcall(s.batch, {}))
            out(pcall(s.batch, { { "set", "n" } }))
            out(pcall(s.batch, { { "set", "n", 1, -1 } }))
            out(pcall(s.batch, { { "add", "n", "m", 0/0 } }))
            out(pcall(s.batch, { { "remove", "n" } }))
            out(pcall(s.batch, { { "delete", "" } }))
            out(pcall(s.batch, { { "burn", "n" } }))
            out(pcall(s.batch, { { "set", "n", print } }))
            """).split(separator: "\n").map(String.init)
        #expect(answer.prefix(2) == ["true", "2.0 42 nil 2 bob 43"])
        #expect(answer[2].hasPrefix("nil too_large"))
        #expect(answer[3] == "43 nil")
        #expect(answer.count == 12 && answer[4...].allSatisfy { $0.hasPrefix("false ") && $0.contains("store.batch") }, "\(answer)")
    }

    @Test func metricsAreNamedAndCounted() async throws {
        let answer = try await run("""
            local m = nightjar.metrics
            m.counter("games"):add()
            m.counter("games"):add(5)
            m.gauge("players"):set(3.5)
            m.histogram("seconds"):observe(0.1)
            out(m.counter("games") == m.counter("games"))
            out(pcall(m.counter, "no spaces"))
            out(pcall(function() m.counter("games"):add(-1) end))
            out(pcall(function() for i = 1, 300 do m.counter("c" .. i) end end))
            """).split(separator: "\n").map(String.init)
        try #require(answer.count == 4, "\(answer)")
        #expect(answer[0] == "true")
        #expect(answer[1...].allSatisfy { $0.hasPrefix("false ") })
        #expect(answer[3].contains("more than 200 metrics"))
    }

    @Test func metricsHaveLabelsOfABoundedNumber() async throws {
        let exposition = Exposition()
        let answer = try await run("""
            local m = nightjar.metrics
            m.counter("a.b", { kind = "x", n = 1, yes = true }):add(2)
            out(m.counter("a_b", { yes = true, n = 1, kind = "x" }) == m.counter("a.b", { kind = "x", n = 1, yes = true }))
            out(pcall(m.gauge, "g", { package = "other" }))
            out(pcall(m.gauge, "g", { ["no label"] = "x" }))
            out(pcall(m.gauge, "g", { a = {} }))
            out(pcall(m.gauge, "g", { a = ("x"):rep(129) }))
            out(pcall(m.gauge, "g", { a = 1, b = 1, c = 1, d = 1, e = 1, f = 1, g = 1, h = 1, i = 1 }))
            out(pcall(m.counter, "nightjar_connections"))
            for i = 1, 1100 do
              m.counter("many", { id = i }):add()
              if i % 50 == 0 then nightjar.sleep(0.001) end
            end
            m.gauge("a.b"):set(7)
            """, set: { $0.exposition = exposition }).split(separator: "\n").map(String.init)
        #expect(answer[0] == "true")
        #expect(answer[1...].allSatisfy { $0.hasPrefix("false ") && $0.contains("bad argument") }, "\(answer)")
        let lines = Set(exposition.text.split(separator: "\n"))
        #expect(lines.isSuperset(of: ["# TYPE a_b gauge", #"a_b{package="p"} 7"#, #"many{id="1",package="p"} 1"#, #"many{overflow="true",package="p"} 101"#]))
        #expect(lines.count < 1_010)
    }

    /// A name has one kind; a package may change its own.
    @Test func aNameIsOfOneKind() throws {
        let exposition = Exposition()
        let registry = MetricRegistry(exposition: exposition)
        _ = try registry.handle(.counter, "x", [:], package: "a")
        #expect(throws: MetricRegistry.Refusal.self) { try registry.handle(.gauge, "x", [:], package: "b") }
        _ = try registry.handle(.counter, "x", [:], package: "b")
        #expect(throws: MetricRegistry.Refusal.self) { try registry.handle(.gauge, "x", [:], package: "a") }
        #expect(exposition.text == "# TYPE x counter\nx{package=\"a\"} 0\nx{package=\"b\"} 0\n")
    }

    @Test func linesOfTheLogTakeAnything() async throws {
        let answer = try await run("""
            local l = nightjar.log
            l.debug("d") l.info("i", { a = 1, b = { 2 }, c = "x\\ny", [1] = print }) l.warn("w") l.error("e", {})
            print("text", 1, nil)
            l.info(("x"):rep(100000))
            out(nightjar.package, nightjar.generation, nightjar.debug, math.type(nightjar.now()))
            """)
        #expect(answer == "p 1 false integer")
    }

    /// A server to ask.
    private static let other = """
        local nightjar = require "nightjar"
        local http = nightjar.http
        http.get("/hello", function(request)
          return { status = 200, headers = { ["X-Out"] = request.headers["x-in"] or "" }, body = "hello" }
        end)
        http.post("/echo", function(request) return request.body end)
        http.get("/moved", function() return { status = 302, headers = { Location = "/hello" }, body = "" } end)
        http.get("/large", function() return ("x"):rep(100) end)
        http.get("/never", function() nightjar.event.wait("never") end)
        return {}
        """

    @Test func otherServersAreAsked() async throws {
        let other = try await TestServer(packages: ["other": Self.other])
        let answer = try await run("""
            local f = nightjar.http.fetch
            local base = "http://127.0.0.1:\(other.port)"
            local r = f { url = base .. "/hello", headers = { ["x-in"] = "a" } }
            out(r.status, r.headers["x-out"], r.body)
            r = f { url = base .. "/echo", method = "POST", body = "\\0\\255" }
            out(r.status, r.body == "\\0\\255")
            out(f { url = base .. "/moved" }.status)
            out(f { url = base .. "/large", max_body = 10 })
            out((select(2, f { url = base .. "/never", timeout = 0.05 })))
            out(f { url = "http://127.0.0.1:1/" })
            out(f { url = "ftp://x" })
            out(pcall(f, { url = base, headers = { ["a"] = "b\\r\\nc: d" } }))
            out(pcall(f, {}))
            """).split(separator: "\n").map(String.init)
        await other.stop()
        #expect(answer.prefix(3) == ["200 a hello", "200 true", "302"])
        #expect(answer[3].hasPrefix("nil too_large"))
        #expect(answer[4] == "timeout")
        #expect(answer[5].hasPrefix("nil connect_failed"), "\(answer)")
        #expect(answer[6].hasPrefix("nil bad_url"), "\(answer)")
        #expect(answer[7...].allSatisfy { $0.hasPrefix("false ") })
    }

    @Test(arguments: 0..<50) func base64IsItsOwnInverse(_ count: Int) {
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
        #expect(Base64.decode(Base64.encode(bytes, url: false)) == bytes)
        #expect(Base64.decode(Base64.encode(bytes, url: true)) == bytes)
    }
}
