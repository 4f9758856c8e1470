import Foundation
import Glibc
import NightjarTesting
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What works in the host for a script looks at the script's time, or is bounded in size before it begins: the slice ends within
/// its limit and 50 ms. Measured is the processor time of the loop's thread, so that nobody else's work counts.
@Suite("Slices end in time in the host too", .serialized, .timeLimit(.minutes(2)))
struct RuntimeSliceTests {
    /// Each is called without an end, with much each time.
    static let bodies = [
        "nightjar.log.warn(text, { text = text, more = list })",
        "nightjar.log.error(blob)",
        "print(text, text)",
        "pcall(nightjar.json.encode, list)",
        "pcall(nightjar.json.encode, list, { sort = true })",
        "pcall(nightjar.json.decode, json)",
        "pcall(nightjar.json.raw, json)",
        "pcall(nightjar.crypto.sha256, text)",
        "pcall(nightjar.crypto.hmac_sha256, text, text)",
        "pcall(nightjar.crypto.base64, text)",
        "pcall(nightjar.crypto.unhex, text)",
        "pcall(nightjar.crypto.equal, text, text)",
        "nightjar.metrics.histogram('h'):observe(1)",
        "pcall(nightjar.metrics.counter, 'name' .. nightjar.random.uuid())",
        "nightjar.room('x'):send(text)",
        "pcall(nightjar.publish, 'x', text)",
        "pcall(nightjar.event.notify, 'x', list)",
        "pcall(nightjar.state.set, 'x', list)",
        "pcall(nightjar.spawn, print, text)",
        "pcall(nightjar.random.shuffle, list)",
        "pcall(nightjar.random.sample, 1000000, 500000)",
        "pcall(nightjar.random.bytes, 60000)",
        "pcall(nightjar.nearest, text, names)",
        "pcall(nightjar.config.get, text, list)",
        "pcall(nightjar.data, text)",
        "pcall(nightjar.json.reader { kinds = { k = { text = 'string?' } } }, json)",
        "pcall(nightjar.json.reader { kinds = { k = { text = 'string' } } }, message)",
        "pcall(nightjar.json.reader, { kinds = kinds })",
        "pcall(nightjar.auth.verify_jwt, text, { secret = 'k' })",
        "pcall(nightjar.auth.verify_jwt, token, { secret = text })",
        "pcall(nightjar.auth.sign_jwt, { exp = 1e12, list = list }, { secret = 'k' })",
        "pcall(nightjar.auth.sign_jwt, { exp = 1e12, x = ('x'):rep(5000) }, { secret = 'k', algorithm = 'HS512' })",
        "pcall(app.signed_request, app, text .. '.' .. text)",
        "pcall(logins.put, logins, nightjar.random.uuid(), list)",
        "pcall(nightjar.auth.pending, 'name' .. nightjar.random.uuid())",
    ]

    /// How much longer an unoptimized build takes for the host's own part.
    private static var slack: Duration {
        var isDebug = false
        assert({ isDebug = true; return true }())
        return .milliseconds(isDebug ? 200 : 50)
    }

    private func server(_ body: String) async throws -> TestServer {
        try await TestServer(packages: ["test": """
            local nightjar = require "nightjar"
            local text, blob, list, names = ("text "):rep(1 << 19), ("\\255\\0\\27"):rep(1 << 19), {}, {}
            for i = 1, 20000 do list[i] = "value " .. i end
            for i = 1, 2000 do names[i] = ("name"):rep(10) .. i end
            local json = '["' .. ("x"):rep(500000) .. '"' .. (",[1,2]"):rep(20000) .. "]"
            local message, kinds = '{"kind":"k","text":"' .. ("x"):rep(500000) .. '"}', {}
            for i = 1, 2000 do kinds[names[i]] = { text = "string" } end
            local token = nightjar.auth.sign_jwt({ exp = 1e12, x = ("x"):rep(5000) }, { secret = "k" })
            local url = "http://127.0.0.1:1/"
            local app = nightjar.auth.facebook("f", { app_id = "1", app_secret = "k", graph_url = url })
            local logins, book = nightjar.auth.pending("l"), nightjar.auth.tokens("t")
            local flow = nightjar.auth.oauth("o", {
              client_id = "x", client_secret = "k", token_url = url, userinfo_url = url, redirect_uri = url,
            })
            nightjar.http.get("/warm", function()
              -- As long a range as there can be, with long members.
              for from = 1, 2000, 200 do
                local changes = {}
                for i = from, from + 199 do changes[#changes + 1] = { "add", "x", ("m"):rep(500) .. i, i } end
                assert(nightjar.store.batch(changes))
              end
              return "warm"
            end)
            nightjar.http.get("/slice", function() \(body) end)
            return { limits = { memory_mb = 64 } }
            """])
    }

    @Test(arguments: bodies)
    func endsInTime(_ body: String) async throws {
        let (took, failures) = try await measure("while true do \(body) end")
        #expect(took <= .milliseconds(20) + Self.slack, "\(took)")
        #expect(failures > 0, "the slice has ended")
    }

    /// What comes after the slice, with what it returned or asked for.
    static let ends = [
        "return text", "return { json = list }", "return { json = { list, list, list } }", "error(blob, 0)", "error(list)",
        "nightjar.store.set('x', text)", "nightjar.store.set('x', list)", "nightjar.call('x.y', text)", "nightjar.http.fetch { url = text, body = text }",
        "local c = {} for i = 1, 256 do c[i] = { 'set', 'k' .. i, list } end nightjar.store.batch(c)",
        "nightjar.store.add('x', text, 1)", "nightjar.store.range('x', 1, -1)",
        "nightjar.outbox.tell('x', 'y', ('x'):rep(1 << 20))", "nightjar.outbox.tell(text, text, text)",
        "nightjar.account.commit({ user = 'u', id = text, entries = { { kind = text, amount = 1 } } })",
        "nightjar.account.commit({ user = 'u', id = 'i', keys = { { 'set', 'k', list } }, outbox = { { topic = 't', key = 'k', body = list } } })",
        "local c = {} for i = 1, 256 do c[i] = { 'set', 'k' .. i, list } end nightjar.account.commit({ user = 'u', id = 'i', keys = c })",
        "local c = {} for i = 1, 20000 do c[i] = { kind = 'k', amount = i } end nightjar.account.commit({ user = 'u', id = 'i', entries = c })",
        "book:issue('s', list)", "book:find(text)", "flow:identify(text)",
    ]

    @Test(arguments: ends)
    func whatItEndsWithIsBounded(_ body: String) async throws {
        let (took, _) = try await measure(body)
        #expect(took <= .milliseconds(20) + Self.slack, "\(took)")
    }

    /// Processor time of the loop's thread for one request.
    private func measure(_ body: String) async throws -> (Duration, failures: Int) {
        let server = try await server(body)
        #expect(try await server.get("/warm") == "warm")
        let before = try await Self.processorTime(server)
        _ = try await server.request("GET", "/slice")
        let took = try await Self.processorTime(server) - before
        let failures = server.scriptErrors.count
        await server.stop()
        return (took, failures)
    }

    private static func processorTime(_ server: TestServer) async throws -> Duration {
        try await answer("the loop's processor time") { done in
            server.host.withWorker(0) { _ in
                var time = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                done(.seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
            }
        }
    }
}
