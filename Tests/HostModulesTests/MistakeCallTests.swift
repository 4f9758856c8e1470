import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What host functions refuse while a handler runs: options, sizes, texts.
@Suite(.timeLimit(.minutes(1))) struct MistakeCallTests {
    /// The lines that a handler has written with `out`.
    private func run(_ body: String) async throws -> [String] {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", """
            local nightjar = require "nightjar"
            local M = { limits = { slice_ms = 1000, memory_mb = 512 } }
            local lines
            local function out(...)
              local parts = {}
              for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
              lines[#lines + 1] = table.concat(parts, " ")
            end
            local function fails(...) out(select(2, pcall(...))) end
            nightjar.provide("p.take", function(...) return select("#", ...) end)
            nightjar.provide("p.much", function() return ("x"):rep(3 * 1024 * 1024), ("x"):rep(3 * 1024 * 1024) end)
            nightjar.http.get("/run", function()
              lines = {}
              \(body)
              return table.concat(lines, "\\n")
            end)
            return M
            """)
        let server = try await TestServer(folder: folder)
        let answer = try await server.get("/run")
        await server.stop()
        return answer.split(separator: "\n").map(String.init)
    }

    private func expect(_ lines: [String], _ wanted: [String]) {
        #expect(lines.count == wanted.count, "\(lines)")
        for (line, text) in zip(lines, wanted) { #expect(line.contains(text), "\(line)") }
    }

    @Test func unknownOptionsOfCallsAreNamed() async throws {
        let lines = try await run("""
            fails(nightjar.http.fetch, { url = "http://127.0.0.1/", timout = 3 })
            fails(nightjar.http.fetch, { uri = "http://127.0.0.1/" })
            fails(nightjar.http.fetch, { url = "http://127.0.0.1/", timeout = 0 })
            fails(nightjar.store.set, "a", 1, { tll = 3 })
            fails(nightjar.store.set, "a", 1, { ttl = -3 })
            fails(nightjar.store.range, "a", 1, 2, { by = "name" })
            fails(nightjar.store.range, "a", 1, 2, { limit = 0 })
            fails(nightjar.store.delete, "a", { ifversion = 3 })
            local room = nightjar.room("r")
            fails(room.send, room, "text", { exept = 5 })
            fails(room.send, room, "text", { except = 5 })
            """)
        expect(lines, [
            "unknown field 'timout' of 'http.fetch'; did you mean 'timeout'?", "unknown field 'uri' of 'http.fetch'",
            "bad field 'timeout' of 'http.fetch' (0.001…30 seconds expected)", "did you mean 'ttl'?",
            "bad field 'ttl' of 'store.set' (0.001…31536000 seconds expected)",
            "bad field 'by' of 'store.range' (\"rank\" or \"score\" expected)", "bad field 'limit' of 'store.range'",
            "did you mean 'if_version'?", "did you mean 'except'?", "bad field 'except' of 'room:send' (object expected)",
        ])
    }

    @Test(arguments: [
        ("http://127.0.0.1:65536/", "port is a number from 1 to 65535"), ("http://localhost:70000/", "port is a number"),
        ("http://localhost:0/", "port is a number"), ("http://localhost:4294967376/", "port is a number"),
        ("http://localhost:/", "port is a number"), ("http://localhost:8o/", "port is a number"), ("http://[::1]:99999/", "port is a number"),
        ("http://[::1]x/", "port is a number"), ("ftp://localhost/", "begins with http://"), ("localhost/", "begins with http://"),
        ("http://", "1 to 253 bytes"), ("http:///x", "1 to 253 bytes"), ("http://:80/", "1 to 253 bytes"), ("http://[]/", "no IPv6 address"),
        ("http://[::1/", "lacks a ]"), ("http://user:pw@localhost/", "no user and password"), ("http://a\\b/", "letters, digits"),
        ("http://a b/", "byte 9 of the URL"), ("http://localhost/ä", "byte 18 of the URL"), ("http://a%41/", "letters, digits"),
        ("http://" + String(repeating: "a", count: 254) + "/", "1 to 253 bytes"), ("http://a/" + String(repeating: "a", count: 9_000), "8192 bytes"),
    ])
    func aURLThatIsNoneIsRefusedBeforeAnyClientSeesIt(_ url: String, _ detail: String) {
        var text = url
        let result = text.withUTF8 { FetchURL.read(UnsafeRawBufferPointer($0)) }
        guard case .failure(let problem) = result else { return #expect(Bool(false), "\(url) is accepted") }
        #expect(problem.detail.contains(detail), "\(problem.detail)")
    }

    @Test(arguments: [
        "http://localhost", "https://a.b-c.example:65535/x?y=z#f", "HTTP://127.0.0.1:1/%41", "http://[2001:db8::1]:80/", "http://my_host/a@b:99999",
    ])
    func aSoundURLPasses(_ url: String) throws {
        var text = url
        #expect(try text.withUTF8 { FetchURL.read(UnsafeRawBufferPointer($0)) }.get() == url)
    }

    @Test func fetchAnswersBadURLs() async throws {
        let lines = try await run("""
            out(nightjar.http.fetch { url = "http://127.0.0.1:70000/" })
            out(nightjar.http.fetch { url = "http://localhost:70000/" })
            out(nightjar.http.fetch { url = "nonsense" })
            """)
        expect(lines, ["nil bad_url the URL's port", "nil bad_url the URL's port", "nil bad_url a URL begins with"])
    }

    @Test func fetchesUnderWayAreBounded() async throws {
        let other = try await TestServer(packages: ["other": """
            local nightjar = require "nightjar"
            nightjar.http.get("/never", function() nightjar.sleep(20) end)
            return {}
            """])
        let lines = try await run("""
            local left, busy = 17, 0
            for _ = 1, left do
              nightjar.spawn(function()
                local _, code = nightjar.http.fetch { url = "http://127.0.0.1:\(other.port)/never", timeout = 0.5, max_body = 16 * 1024 * 1024 }
                if code == "busy" then busy = busy + 1 end
                left = left - 1
                if left == 0 then nightjar.event.notify("all") end
              end)
            end
            nightjar.event.wait("all", 20)
            out(left, busy, select(2, nightjar.http.fetch { url = "http://127.0.0.1:\(other.port)/never", timeout = 0.01 }))
            """)
        await other.stop()
        #expect(lines == ["0 1 timeout the answer did not come in time"])
    }

    @Test func aTableThatIsManyArgumentsIsCountedEachTime() async throws {
        let lines = try await run("""
            local big = ("x"):rep(1024 * 1024 - 100)
            out(nightjar.call("p.take", big, big, big))
            fails(nightjar.call, "p.take", big, big, big, big, big)
            local changes = {}
            for i = 1, 256 do changes[i] = { "set", "key " .. i, big } end
            out(nightjar.store.batch(changes))
            out(nightjar.store.get("key 1"))
            out(nightjar.call("p.much"))
            fails(nightjar.publish, "topic", { big, big, big, big, big })
            fails(nightjar.event.notify, ("n"):rep(1000))
            """)
        expect(lines, [
            "3", "the arguments of 'call' have more than 4194304 bytes", "nil too_large the values up to change #5", "nil",
            "nil too_large the results have more than", "more than 4194304 bytes", "a name of 1 to 256 bytes",
        ])
    }

    @Test func digestsOfHugeTextsAreRefused() async throws {
        let lines = try await run("""
            local big = ("x"):rep(5 * 1024 * 1024)
            for _, name in ipairs { "sha256", "sha1", "hex", "base64", "base64url", "unhex", "unbase64" } do fails(nightjar.crypto[name], big) end
            fails(nightjar.crypto.hmac_sha256, "key", big)
            fails(nightjar.crypto.equal, "a", big)
            """)
        expect(lines, Array(repeating: "at most 4194304 bytes expected", count: 9))
    }

    @Test func textThatIsCutInsideACharacterIsRefusedWhereItIsSent() async throws {
        let lines = try await run("""
            local room = nightjar.room("r")
            fails(room.send, room, ("a\\u{e4}"):sub(1, 2))
            fails(room.send, room, ("x"):rep(100) .. "\\xff")
            out(pcall(room.send, room, "\\xff", { binary = true }))
            out(pcall(room.send, room, "\\u{1F319} moon"))
            """)
        expect(lines, ["byte 2 of 2 is not; send other bytes with {binary = true}", "byte 101 of 101", "true", "true"])
    }

    @Test func theNearestNameIsOfferedToScriptsToo() async throws {
        let lines = try await run("""
            out(nightjar.nearest("poling", { "strict", "polling" }), nightjar.nearest("other", { "polling" }))
            """)
        #expect(lines == ["polling nil"])
    }
}
