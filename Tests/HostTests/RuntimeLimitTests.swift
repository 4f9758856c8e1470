import Foundation
import LuaRuntime
import NIOCore
import NightjarTesting
import Synchronization
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What a script is told when it wants more than there is, and what a client is.
@Suite("Limits as scripts meet them", .timeLimit(.minutes(2)))
struct RuntimeLimitTests {
    /// Of the same loop, and of another one.
    static let placements = ["one", "dedicated"]

    /// Small enough to be met.
    private func withServer(
        _ text: String, placement: String = "one", more: [String: String] = [:], handlerMilliseconds: Int64 = 200,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var options = ServerOptions()
        options.limits.mailboxInputs = 20
        options.limits.mailboxBytes = 2_000
        options.limits.waitingJobs = 20
        options.limits.eventWaiters = 5
        options.limits.publicationsPerSlice = 30
        options.limits.timers = 10
        options.limits.roomNames = 8
        options.limits.effectsPerSlice = 100
        options.limits.effectBytesPerSlice = 10_000
        options.limits.handlerMilliseconds = handlerMilliseconds
        options.limits.deadlineCheckMilliseconds = 10
        // By count alone: what a turn takes is the machine's matter.
        options.limits.scheduler.nanosecondsPerTurn = 10_000_000_000
        options.limits.scheduler.nanosecondsPerTick = 10_000_000_000
        options.packages = more
        options.packages["test"] = """
            local nightjar = require "nightjar"
            local M = { workers = "\(placement)" }
            \(text)
            return M
            """
        try await withTestServer(options, allowsScriptErrors: true, body)
    }

    @Test("spawn: what does not fit into the mailbox is refused as busy")
    func spawn() async throws {
        try await withServer("""
            nightjar.http.get("/spawn", function()
              local taken, code, detail = 0, nil, nil
              for _ = 1, 100 do
                local ok, why, more = nightjar.spawn(function() end)
                if ok then taken = taken + 1 else code, detail = why, more end
              end
              return taken .. " " .. code .. ": " .. detail
            end)
            """) { server in
            let answer = try await server.get("/spawn")
            #expect(answer == "20 busy: too many functions of this package wait to begin or to go on")
            #expect(try await server.get("/spawn") == answer, "what ran has made room")
        }
    }

    @Test("call: what does not fit into the other package's mailbox is refused as busy")
    func call() async throws {
        try await withServer("""
            local codes = {}
            nightjar.http.get("/call", function()
              for _ = 1, 3 do
                nightjar.spawn(function()
                  local _, code = nightjar.call("other.f", ("x"):rep(1500))
                  codes[#codes + 1] = tostring(code)
                end)
              end
              return "begun"
            end)
            nightjar.http.get("/codes", function()
              table.sort(codes)
              return table.concat(codes, " ")
            end)
            """, more: ["other": """
            local nightjar = require "nightjar"
            nightjar.provide("other.f", function() end)
            return {}
            """]) { server in
            _ = try await server.get("/call")
            try await eventually("the ends of the calls") { try await server.get("/codes").split(separator: " ").count == 3 }
            #expect(try await server.get("/codes") == "busy busy nil")
        }
    }

    @Test("publish: too many in one go, and too much that waits for a subscriber, are refused as busy")
    func publish() async throws {
        try await withServer("""
            local heard = 0
            nightjar.subscribe("topic", function() heard = heard + 1 end)
            local function publish(count)
              local taken, code = 0, nil
              for _ = 1, count do
                local ok, why = nightjar.publish("topic", 1)
                if ok then taken = taken + 1 else code = why end
              end
              return taken .. " " .. tostring(code)
            end
            nightjar.http.get("/go", function() return publish(100) end)
            nightjar.http.get("/again", function()
              local first
              nightjar.spawn(function() first = publish(25) end)
              nightjar.sleep(0)
              return first .. ", then " .. publish(1)
            end)
            nightjar.http.get("/heard", function() return tostring(heard) end)
            """) { server in
            #expect(try await server.get("/go") == "30 busy")
            try await eventually("what the mailbox took") { try await server.get("/heard") == "20" }
            #expect(try await server.get("/again") == "25 nil, then 0 busy")
            try await eventually("what the mailbox took") { try await server.get("/heard") == "40" }
            #expect(server.log.all.contains { $0.description.contains("publications") }, "what was dropped is told")
        }
    }

    @Test("a request beyond a full mailbox is answered 503 busy, on the package's loop and from another one", arguments: placements)
    func request(placement: String) async throws {
        try await withServer("""
            local is_over = false
            local function again() if not is_over then nightjar.spawn(again) end end
            nightjar.http.get("/fill", function()
              for _ = 1, 20 do nightjar.spawn(again) end
              return "filled"
            end)
            nightjar.http.get("/well", function() return "well" end)
            nightjar.websocket.endpoint("/end", { message = function(conn, text)
              is_over = true
              conn:send(text)
            end })
            """, placement: placement) { server in
            let client = try await server.connect("/end")
            #expect(try await server.get("/fill") == "filled")
            let refused = try await server.request("GET", "/well")
            #expect(refused.status == 503 && refused.text.contains(#""busy""#), "\(refused.text)")
            // A message is never refused.
            try await client.send("over")
            #expect(try await client.receiveText() == "over")
            try await eventually("a mailbox with room") { try await server.get("/well") == "well" }
        }
    }

    @Test("more handlers that wait than may raise busy, and a forwarded request that many wait before is not even sent", arguments: placements)
    func waiting(placement: String) async throws {
        try await withServer("""
            M.limits = { slice_ms = 20 }
            nightjar.http.get("/wait", function() return tostring(nightjar.event.wait("go " .. nightjar.random.uuid(), 60)) end)
            """, placement: placement, handlerMilliseconds: 2_000) { server in
            let answers = Letterbox<TestResponse>("an answer")
            for _ in 0..<30 { Task { try await answers.put(server.request("GET", "/wait")) } }
            // Those that are refused are the first to be answered, the others when the handler's time is over.
            var statuses: [Int: Int] = [:]
            for _ in 0..<30 { statuses[try await answers.next().status, default: 0] += 1 }
            #expect(statuses[500, default: 0] + statuses[503, default: 0] == 30, "\(statuses)")
            let codes = Dictionary(grouping: server.scriptFailures, by: { $0.error.code }).mapValues(\.count)
            #expect(codes["timeout", default: 0] >= 20, "\(codes)")
            #expect(codes["busy", default: 0] + statuses[503, default: 0] > 0, "\(codes), \(statuses)")
            if placement == "dedicated" { #expect(statuses[503, default: 0] > 0, "the loop of the sockets counts what is under way") }
        }
    }

    @Test("event.wait: more than may wait for one event are told busy")
    func events() async throws {
        try await withServer("""
            local codes = {}
            nightjar.http.get("/wait", function()
              for _ = 1, 8 do
                nightjar.spawn(function()
                  local _, code = nightjar.event.wait("go", 0.05)
                  codes[#codes + 1] = code
                end)
              end
              return "begun"
            end)
            nightjar.http.get("/codes", function() return table.concat(codes, " ") end)
            """) { server in
            _ = try await server.get("/wait")
            try await eventually("all ends") { try await server.get("/codes").split(separator: " ").count == 8 }
            #expect(try await server.get("/codes") == "busy busy busy timeout timeout timeout timeout timeout")
        }
    }

    @Test("a handler that is told that its time is over and waits again is ended, while its generation runs")
    func overdue() async throws {
        try await withServer("""
            local told = {}
            nightjar.http.get("/over", function()
              while true do
                local _, problem = pcall(nightjar.sleep, 60)
                told[#told + 1] = problem.code
              end
            end)
            nightjar.http.get("/told", function() return table.concat(told, " ") end)
            """) { server in
            #expect(try await server.request("GET", "/over").status == 500)
            #expect(try await server.get("/told") == "timeout", "it is told once")
            let failure = try #require(server.scriptFailures.first)
            #expect(failure.error.code == "timeout" && "\(failure.error)".contains("went on waiting after its time was over"), "\(failure.error)")
        }
    }

    /// What a slice may ask for, and what it is told beyond.
    static let slices = [
        ("for _ = 1, 101 do nightjar.room('x'):send('y') end", "too many effects in one go"),
        ("for _ = 1, 5 do nightjar.room('x'):send(('y'):rep(3000)) end", "too many effects in one go"),
        ("for _ = 1, 11 do nightjar.timer.after(60, print) end", "too many timers in this package"),
        ("local first = nightjar.room('0') for i = 1, 20 do nightjar.room('r' .. i):count() end first:count()", "room"),
    ]

    @Test("more than one slice may ask for raises, and nothing of it happens", arguments: slices)
    func slice(_ body: String, _ message: String) async throws {
        try await withServer("""
            nightjar.http.get("/slice", function()
              \(body)
              return "all of it"
            end)
            nightjar.http.get("/well", function() return "well" end)
            """) { server in
            #expect(try await server.request("GET", "/slice").status == 500)
            let failure = try #require(server.scriptFailures.first)
            #expect("\(failure.error)".contains(message), "\(failure.error)")
            #expect(try await server.get("/well") == "well")
        }
    }

    @Test("a client whose messages nobody takes is read no further, and goes on when they are taken", arguments: placements)
    func fullQueue(placement: String) async throws {
        // What the system keeps between the two ends is less than half of this.
        let count = 4_096, text = String(repeating: "x", count: 16_000)
        var options = ServerOptions()
        options.limits.handlerMilliseconds = 300_000
        options.packages = ["test": """
            local nightjar = require "nightjar"
            local taken, is_open = 0, false
            nightjar.websocket.endpoint("/slow", { message = function(conn)
              if not is_open then nightjar.event.wait("open") end
              taken = taken + 1
              if taken == \(count) then conn:send("all") end
            end })
            nightjar.http.get("/taken", function() return tostring(taken) end)
            nightjar.http.get("/open", function()
              is_open = true
              nightjar.event.notify("open")
              return "open"
            end)
            return { workers = "\(placement)" }
            """]
        try await withTestServer(options) { server in
            let port = server.port
            let sent = Sent()
            let client = try await blocking { Held(try BlockingWebSocket(port: port, path: "/slow")) }
            let writer = try await blocking { Held(try BlockingWebSocket(sharing: client.socket)) }
            let writing = Task {
                try await blocking {
                    for _ in 0..<count {
                        try writer.socket.send(text)
                        sent.count.add(1, ordering: .relaxed)
                    }
                }
            }
            // Blocked: while others were answered a thousand times it has got nowhere.
            var before = -1
            try await eventually("a writer that is stuck", within: .seconds(60)) {
                before = sent.count.load(ordering: .relaxed)
                for _ in 0..<100 { _ = try await server.get("/taken") }
                return before > 0 && sent.count.load(ordering: .relaxed) == before
            }
            #expect(before < count / 2, "\(before) messages were taken over that nobody reads")
            #expect(try await server.get("/taken") == "0")
            #expect(try await server.get("/open") == "open")
            // Sixty-four megabytes take their time in a build for debugging.
            try await eventually("all that was sent", within: .seconds(120)) { try await server.get("/taken") == String(count) }
            let answer = try await finishes("the answer", within: .seconds(60)) { try await blocking { try client.socket.receive() } }
            #expect(answer == "all")
            try await writing.value
        }
    }

    private final class Sent: Sendable { let count = Atomic(0) }
    // @unchecked: each is used by one thread at a time.
    private struct Held: @unchecked Sendable {
        let socket: BlockingWebSocket
        init(_ socket: BlockingWebSocket) { self.socket = socket }
    }
}
