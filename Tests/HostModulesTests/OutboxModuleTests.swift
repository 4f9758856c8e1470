import NightjarTesting
import Store
import Testing

/// `nightjar.outbox` as scripts see it.
@Suite(.timeLimit(.minutes(1))) struct OutboxModuleTests {
    private func run(_ body: String, clock: ManualClock = ManualClock(now: 1_000), store: MemoryStore? = nil) async throws -> [String] {
        let script = """
            local nightjar = require "nightjar"
            local outbox, store = nightjar.outbox, nightjar.store
            local lines
            local function out(...)
              local parts = {}
              for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
              lines[#lines + 1] = table.concat(parts, " ")
            end
            local function keys(items)
              local list = {}
              for i, item in ipairs(items) do list[i] = item.key .. "=" .. item.body .. "/" .. item.attempts end
              return table.concat(list, ",")
            end
            nightjar.http.get("/run", function()
              lines = {}
              \(body)
              return table.concat(lines, "\\n")
            end)
            return {}
            """
        return try await withTestServer(packages: ["p": script], { $0.clock = clock; $0.store = store }, allowsScriptErrors: false) { server in
            try await server.get("/run").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test func whatIsToldStaysUntilItIsAccepted() async throws {
        let lines = try await run("""
            out(outbox.tell("rounds", "a", "1"), outbox.tell("rounds", "b", "\\0\\255"), outbox.tell("other", "a", "3"))
            out(outbox.tell("rounds", "a", "again"))
            local items = outbox.due("rounds")
            out(#items, items[1].key, items[1].body, items[2].body == "\\0\\255", items[1].at, items[1].realm)
            out(outbox.postpone(items[1].id, 5))
            out(keys(outbox.due("rounds", 10)) == "b=\\0\\255/0")
            out(outbox.accept({ items[2].id, 12345 }), #outbox.due("rounds"), keys(outbox.due("other")))
            out(#outbox.due("nothing"), outbox.accept({}))
            """)
        #expect(lines == ["true true true", "true", "2 a 1 true 1000 local", "true", "true", "true 0 a=3/0", "0 true"])
    }

    @Test func theLatestNewsTakeThePlaceOfThoseBefore() async throws {
        let lines = try await run("""
            outbox.tell("players", "ann", "1", { replace = true })
            local first = outbox.due("players")[1]
            outbox.tell("players", "ann", "2", { replace = true })
            outbox.accept({ first.id })
            out(keys(outbox.due("players")))
            """)
        #expect(lines == ["ann=2/0"])
    }

    @Test func aBatchTellsWithItsChangesOrNotAtAll() async throws {
        let lines = try await run("""
            out(store.batch { { "set", "n", 1 }, { "tell", "t", "k", "x" }, { "tell", "t", "k", "y", true } })
            out(store.get("n"), keys(outbox.due("t")))
            out(store.batch { { "set", "n", 2 }, { "tell", "t", "l", ("x"):rep(1 << 20) } } == true)
            out(pcall(store.batch, { { "tell", "", "k", "x" } }))
            out(pcall(store.batch, { { "tell", "t", "k" } }))
            out(pcall(store.batch, { { "set", "n", 3 }, { "tell", "t", "m", ("x"):rep((1 << 20) + 1) } }))
            out((store.get("n")))
            """)
        #expect(lines[0] == "true" && lines[1] == "1 k=y/0" && lines[2] == "true")
        #expect(lines[3...5].allSatisfy { $0.hasPrefix("false ") && $0.contains("store.batch") }, "\(lines)")
        #expect(lines[6] == "2")
    }

    @Test func mistakesAreNamed() async throws {
        let lines = try await run("""
            out(pcall(outbox.tell, "", "k", "x"))
            out(pcall(outbox.tell, ("t"):rep(201), "k", "x"))
            out(pcall(outbox.tell, "t", "k", ("x"):rep((1 << 20) + 1)))
            out(pcall(outbox.due, "t", 0))
            out(pcall(outbox.due, "t", 1001))
            out(pcall(outbox.accept, { "x" }))
            out(pcall(outbox.postpone, 1, -1))
            out(pcall(outbox.tell, "t", "k", "x", { replaces = true }))
            """)
        #expect(lines.count == 8 && lines.allSatisfy { $0.hasPrefix("false ") && $0.contains("outbox.") }, "\(lines)")
    }

    /// A package cannot fetch what another one has told.
    @Test func topicsBelongToTheirPackage() async throws {
        let told = """
            local nightjar = require "nightjar"
            nightjar.http.get("/tell", function() return tostring(nightjar.outbox.tell("t", "k", "x")) end)
            return {}
            """
        let other = """
            local nightjar = require "nightjar"
            nightjar.http.get("/look", function() return tostring(#nightjar.outbox.due("t")) end)
            return {}
            """
        try await withTestServer(packages: ["a": told, "b": other]) { server in
            let done = try await server.get("/tell")
            let seen = try await server.get("/look")
            #expect(done == "true" && seen == "0")
        }
    }
}
