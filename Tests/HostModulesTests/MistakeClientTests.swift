import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What a script may not say to `nightjar.websocket.connect`.
@Suite(.timeLimit(.minutes(1))) struct MistakeClientTests {
    /// What loading a package says that runs this when it is loaded; nil if it loads.
    private func loading(_ body: String, module: String = "") async throws -> String? {
        let server = try await TestServer(packages: ["p": "return {}"])
        server.save("Scripts/p/main.lua", "local n = require \"nightjar\"\nlocal M = {}\n\(body)\n\(module)\nreturn M\n")
        let told = try await server.takeOver()
        await server.stop()
        return told
    }

    private static func connect(_ options: String, name: String = "c", url: String = "ws://127.0.0.1:1/") -> String {
        "n.websocket.connect('\(name)', '\(url)', { on_demand = true, message = print, \(options) })"
    }

    @Test(arguments: [
        ("", nil), ("reconnect = false", nil), ("reconnect = {}", nil), ("reconnect = { initial = 200 }", nil), ("ping_interval = false", nil),
        ("mesage = print", "unknown field 'mesage' of 'websocket.connect'; did you mean 'message'?"),
        ("onDemnad = true", "unknown field 'onDemnad' of 'websocket.connect'; did you mean 'on_demand'?"),
        ("reconnect = { intial = 3 }", "unknown field 'reconnect.intial' of 'websocket.connect'; did you mean 'initial'?"),
        ("reconnect = true", "bad field 'reconnect' of 'websocket.connect' (table or false expected)"),
        ("reconnect = { initial = 0 }", "bad field 'reconnect.initial' of 'websocket.connect' (0.01…86400 seconds expected)"),
        ("reconnect = { factor = 0.5 }", "bad field 'reconnect.factor' of 'websocket.connect' (1…10 expected)"),
        ("reconnect = { initial = 5, max = 4 }", "bad field 'reconnect.max' of 'websocket.connect' (at least 'initial', 5.0 seconds, expected)"),
        ("connect_timeout = 0", "bad field 'connect_timeout' of 'websocket.connect' (0.05…120 seconds expected)"),
        ("ping_interval = true", "bad field 'ping_interval' of 'websocket.connect' (0.05…86400 seconds or false expected)"),
        ("max_message = 1 << 30", "bad field 'max_message' of 'websocket.connect' (1…16777216 bytes expected)"),
        ("compression = 3", "bad field 'compression' of 'websocket.connect' (boolean expected)"),
        ("failed = 3", "bad field 'failed' of 'websocket.connect' (function expected)"),
        ("headers = { host = 'a' }", "bad field 'headers' of 'websocket.connect' (the header 'host' belongs to the handshake)"),
        ("headers = { ['Sec-WebSocket-Key'] = 'a' }", "the header 'Sec-WebSocket-Key' belongs to the handshake"),
        ("headers = { upgrade = 'a' }", "belongs to the handshake"), ("headers = { ['content-length'] = '1' }", "belongs to the handshake"),
        ("headers = { a = 'hidden\\r\\nb: c' }", "the value of the header 'a' has line ends or control characters"),
        ("headers = { ['a: b'] = 'c' }", "a header's name has letters, digits and - only"), ("headers = { 'a' }", "names and texts expected"),
        ("headers = { a = {} }", "names and texts expected"), ("headers = { a = 'b', A = 'b' }", "is there twice"),
        ("headers = { a = ('b'):rep(9000) }", "8192 bytes of them"),
        ("protocols = 'a'", "bad field 'protocols' of 'websocket.connect' (table expected)"),
        ("protocols = { 'a b' }", "a list of at most 16 different names without blanks expected"), ("protocols = { 'a', 'a' }", "16 different names"),
    ] as [(String, String?)])
    func optionsAreChecked(_ options: String, _ message: String?) async throws {
        let told = try await loading(Self.connect(options))
        if let message {
            #expect(told?.contains("Scripts/p/main.lua:3: ") == true && told?.contains(message) == true, "\(told ?? "loaded")")
        } else {
            #expect(told == nil)
        }
        #expect(told?.contains("hidden") != true)
    }

    @Test(arguments: [
        ("http://example.org", "must start with ws:// or wss://"), ("ws://", "has no host"), ("ws://a:0/", "the port must be 1…65535"),
        ("ws://a:65536/", "the port must be 1…65535"), ("ws://a:x/", "the port must be 1…65535"), ("ws://u:secret@a/", "must have no user name"),
        ("ws://a/b c?secret", "percent-encoded"), ("ws://a/#secret", "must have no fragment (#)"), ("ws://a_b\\r\\nsecret", "percent-encoded"),
        ("ws://a{}/?secret", "the host has a character that no host has"), ("", "must start with ws:// or wss://"),
    ])
    func theURLIsCheckedWhereItIsDeclared(_ url: String, _ message: String) async throws {
        let told = try await loading(Self.connect("", url: url))
        #expect(told?.contains("Scripts/p/main.lua:3: bad argument #2 to 'websocket.connect' (the URL ") == true, "\(told ?? "loaded")")
        #expect(told?.contains(message) == true, "\(told ?? "loaded")")
        #expect(told?.contains("secret") == false)
    }

    @Test(arguments: [
        ("n.websocket.connect('', 'ws://a', { message = print })", "1…64 letters, digits, '_', '-' or '.' expected"),
        ("n.websocket.connect('a b', 'ws://a', { message = print })", "1…64 letters"),
        ("n.websocket.connect('a', 'ws://a', {})", "(a field 'message' or 'open' expected)"),
        ("n.websocket.connect('a', 'ws://a')", "bad argument #3 to 'websocket.connect'"),
        ("n.websocket.connect('a', 5, { message = print })", "bad argument #2 to 'websocket.connect'"),
        (
            connect("") + " " + connect("", url: "ws://b"),
            "the outgoing connection 'c' is declared already at Scripts/p/main.lua:3"
        ),
        (
            "for i = 1, 33 do n.websocket.connect('c' .. i, 'ws://a', { on_demand = true, message = print }) end",
            "more than 32 outgoing connections in this package"
        ),
        (connect("") + ":open()", "client:open is not available while the script is being loaded; do it in M.on_reload"),
    ])
    func theDeclarationIsChecked(_ body: String, _ message: String) async throws {
        let told = try await loading(body)
        #expect(told?.contains("Scripts/p/main.lua:3: ") == true && told?.contains(message) == true, "\(told ?? "loaded")")
    }

    @Test func aPackageOnEveryLoopHasNone() async throws {
        let server = try await TestServer(packages: ["p": "return { workers = 'all' }"])
        server.save("Scripts/p/main.lua", "local n = require \"nightjar\"\n\n\(Self.connect(""))\nreturn { workers = 'all' }\n")
        let told = try await server.takeOver()
        #expect(told?.contains("Scripts/p/main.lua:3: ") == true, "\(told ?? "loaded")")
        #expect(told?.contains("an outgoing connection needs M.workers = \"one\" or \"dedicated\"") == true, "\(told ?? "loaded")")
        await server.stop()
    }

    @Test func itIsDeclaredWhileTheScriptLoads() async throws {
        let body = "n.http.get('/', function() \(Self.connect("")) end)"
        try await withTestServer(packages: ["p": "local n = require \"nightjar\"\n\(body)\nreturn {}"], allowsScriptErrors: true) { server in
            _ = try await server.get("/")
            #expect(server.scriptErrors.first?.contains("outgoing connections are declared while the script loads") == true)
        }
    }

    /// A spec may load the module that declares it; nothing goes out, and what it is asked is answered.
    @Test func specsMayDeclareAndAsk() async throws {
        let spec = """
            local n = require "nightjar"
            local stream = \(Self.connect("", url: "ws://127.0.0.1:1/"))
            return {
              what_it_says = function()
                assert(stream:status().state == "closed" and stream:status().attempts == 0)
                local ok, code = stream:send("x")
                assert(ok == nil and code == "not_open")
                stream:open()
                stream:close(1000, "x")
                assert(stream:status().state == "closed")
              end,
            }
            """
        try await withTestServer(packages: ["p": "return {}"], { $0.files = ["Scripts/p/spec/c_spec.lua": spec] }) { server in
            let told = try await server.reload(["p"])
            #expect(told == ["package p: loaded"])
        }
    }
}
