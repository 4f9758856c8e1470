import Crypto
import Foundation
import Logging
import LuaRuntime
import NightjarTesting
import Store
import Testing

@testable import Host
@testable import HostModules
@testable import Reload

/// `nightjar.auth`, first of all what docs/writing-packages.md says of it.
@Suite("Logins and signed tokens of scripts", .timeLimit(.minutes(2)))
struct AuthModuleTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    private static let clientSecret = "hush-hush"

    /// The page's package.
    private static func example() throws -> String {
        let page = try String(contentsOfFile: TestFolder.project(of: #filePath) + "/docs/writing-packages.md", encoding: .utf8)
        let section = try #require(page.components(separatedBy: "## Logins and signed tokens\n").last)
        return try #require(section.components(separatedBy: "```lua\n").dropFirst().first?.components(separatedBy: "\n```").first)
    }

    /// A service where people log in: codes are `code-NAME`, each good once.
    private static let service = #"""
        local nightjar = require "nightjar"
        local used, count, down = {}, 0, false
        nightjar.http.post("/token", function(request)
          count = count + 1
          if down then return { status = 503, body = "" } end
          if request.body:find("grant_type=client_credentials", 1, true) then
            return { json = { access_token = "own-" .. count, expires_in = 3600 } }
          end
          local name = request.body:match("code=code%-(%w+)")
          if not name or used[name] or not request.body:find("client_secret=hush-hush&", 1, true) then
            return { status = 400, json = { message = "code " .. tostring(name) } }
          end
          used[name] = true
          return { json = { access_token = "access-" .. name, expires_in = 60 } }
        end)
        nightjar.http.get("/userinfo", function(request)
          local name = (request:header("authorization") or ""):match("^Bearer access%-(%w+)$")
          if not name then return { status = 401, body = "" } end
          return { json = { sub = name, preferred_username = name:upper() } }
        end)
        nightjar.http.get("/count", function() return tostring(count) end)
        nightjar.http.post("/down", function(request) down = request.body == "yes" return "ok" end)
        return {}
        """#

    private func withServers(
        _ package: String, _ set: @escaping (inout ServerOptions) -> Void = { _ in }, allowsScriptErrors: Bool = false,
        _ body: (TestServer, TestServer) async throws -> Void
    ) async throws {
        try await withTestServer(packages: ["service": Self.service]) { service in
            try await withTestServer(packages: ["here": package], { options in
                options.settings = ["here": #"{"url":"http://127.0.0.1:\#(service.port)"}"#]
                options.secrets = ["here": ["client": Self.clientSecret, "tickets": Self.secret]]
                options.logLevel = .trace
                set(&options)
            }, allowsScriptErrors: allowsScriptErrors) { try await body($0, service) }
        }
    }

    private func ticket(_ claims: String, head: String = #"{"alg":"HS256","typ":"JWT"}"#) -> String {
        func base64(_ data: Data) -> String {
            data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }
        let text = base64(Data(head.utf8)) + "." + base64(Data(claims.utf8))
        return text + "." + base64(Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(Self.secret.utf8)))))
    }

    @Test("the page's package logs people in, gives out tokens and believes tickets")
    func thePagesPackageWorks() async throws {
        try await withServers(try Self.example()) { server, service in
            #expect(try await server.get("/back?code=code-ann&state=s1") == "You may close this window.")
            // A code is good once, a login is fetched once, by its own state.
            #expect(try await server.get("/back?code=code-ann&state=s2") == "403 Try again.")
            #expect(try await server.get("/back") == "403 Try again.")
            for state in ["s2", "S1", ""] { #expect(try await server.request("POST", "/token", body: state).status == 404) }
            let token = try await server.request("POST", "/token", body: "s1").text
            #expect(token.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(try await server.request("POST", "/token", body: "s1").status == 404)
            #expect(try await server.request("GET", "/me", headers: [("x-token", token)]).text == #"{"subject":"ann"}"#)
            #expect(try await server.get("/me") == "401 ")
            #expect(try await server.request("GET", "/me", headers: [("x-token", "0" + token.dropFirst())]).status == (token.hasPrefix("0") ? 200 : 401))
            // A reload keeps what waits and what was given out.
            #expect(try await server.get("/back?code=code-bob&state=s3") == "You may close this window.")
            try await server.reload(["here"])
            let second = try await server.request("POST", "/token", body: "s3").text
            #expect(try await server.request("GET", "/me", headers: [("x-token", second)]).text == #"{"subject":"bob"}"#)
            #expect(try await server.request("GET", "/me", headers: [("x-token", token)]).status == 200)
            // Tickets.
            let end = Int(Date().timeIntervalSince1970) + 60
            for (text, answer) in [
                (ticket(#"{"exp":\#(end),"iss":"service","role":"viewer"}"#), #"{"role":"viewer"}"#), (ticket(#"{"exp":\#(end),"iss":"other"}"#), "issuer"),
                (ticket(#"{"exp":1,"iss":"service"}"#), "expired"), (ticket(#"{"iss":"service"}"#), "expired"),
                (ticket(#"{"exp":\#(end),"iss":"service"}"#, head: #"{"alg":"none"}"#), "algorithm"),
                (ticket(#"{"exp":\#(end),"iss":"service"}"#, head: #"{"alg":"HS384"}"#), "algorithm"), ("x.y", "malformed"), ("", "missing"),
                (String(ticket(#"{"exp":\#(end),"iss":"service"}"#).dropLast(2)) + "AA", "signature"),
            ] { #expect(try await server.request("GET", "/ticket", headers: [("x-ticket", text)]).text == answer) }
            #expect(try await server.get("/ticket") == "401 missing")
            // Nothing secret in the log, whatever its level.
            let log = server.log.all.map(\.description).joined(separator: "\n")
            #expect(log.contains("a login failed") && log.contains("refused"))
            for secret in [token, second, "code-", "access-", Self.clientSecret, Self.secret] { #expect(!log.contains(secret), "\(secret)") }
        }
    }

    /// A package that answers `/run` with what a piece of Lua returns, as JSON.
    private func running(_ body: String, declaring declarations: String = "") -> String {
        """
        local nightjar = require "nightjar"
        local auth = nightjar.auth
        local url = nightjar.config.get("url")
        \(declarations)
        nightjar.http.get("/run", function(request)
          local function list(...) return { json = nightjar.json.array { ... } } end
          \(body)
        end)
        return {}
        """
    }

    @Test("what is signed is verified, with each algorithm and encoding")
    func signsAndVerifies() async throws {
        let body = """
            local answers = {}
            for _, algorithm in ipairs { "HS256", "HS384", "HS512" } do
              for _, encoding in ipairs { "text", "base64" } do
                local token = auth.sign_jwt({ exp = nightjar.now() // 1000 + 60, n = 1 }, { secret = "tickets", encoding = encoding, algorithm = algorithm })
                local claims = auth.verify_jwt(token, { secret = "tickets", encoding = encoding, algorithms = { algorithm } })
                local _, code = auth.verify_jwt(token, { secret = "tickets", encoding = encoding == "text" and "base64" or "text", algorithms = { algorithm } })
                answers[#answers + 1] = claims.n .. " " .. code
              end
            end
            local endless = auth.sign_jwt({ n = 1 }, { secret = "tickets" })
            answers[#answers + 1] = tostring(auth.verify_jwt(endless, { secret = "tickets", require_exp = false }).n)
            answers[#answers + 1] = select(2, auth.verify_jwt(endless, { secret = "nothing" }))
            answers[#answers + 1] = select(2, auth.sign_jwt({}, { secret = "client" }))
            return { json = nightjar.json.array(answers) }
            """
        try await withServers(running(body)) { server, _ in
            let answer = try await server.get("/run")
            #expect(
                answer
                    == #"["1 signature","1 signature","1 signature","1 signature","1 signature","1 signature","1","no_secret","no_secret"]"#)
        }
    }

    @Test("the server's own token is asked for once, by however many ask, and again after it was refused; a failure is not repeated at once")
    func keepsTheOwnToken() async throws {
        let package = running(
            """
            if request.query.one then return (service:app_token()) or select(2, service:app_token()) end
            local got, count = {}, 0
            for i = 1, 5 do
              nightjar.spawn(function()
                got[i], count = service:app_token(), count + 1
                nightjar.event.notify("got")
              end)
            end
            while count < 5 do nightjar.event.wait("got", 10) end
            return list(got[1], got[5], (service:app_token()), (service:app_token { renew = true }), (service:app_token()))
            """,
            declaring: #"local service = auth.oauth("s", { client_id = "me", client_secret = "client", token_url = url .. "/token" })"#)
        let clock = ManualClock()
        try await withServers(package, { $0.clock = clock }) { server, service in
            #expect(try await server.get("/run") == #"["own-1","own-1","own-1","own-2","own-2"]"#)
            // Kept by the server, not by the version of the scripts.
            try await server.reload(["here"])
            #expect(try await server.get("/run?one=1") == "own-2")
            clock.advance(3_540_000)
            _ = try await service.request("POST", "/down", body: "yes")
            for _ in 0..<3 { #expect(try await server.get("/run?one=1") == "unreachable") }
            #expect(try await service.get("/count") == "3")
            _ = try await service.request("POST", "/down", body: "no")
            clock.advance(4_999)
            #expect(try await server.get("/run?one=1") == "unreachable")
            clock.advance(1)
            #expect(try await server.get("/run?one=1") == "own-4")
        }
    }

    @Test("a service that is not there, and a secret that is not configured, are failures with codes")
    func failsWithCodes() async throws {
        let package = running(
            "return list(select(2, gone:identify('c')), select(2, gone:app_token()), select(2, poor:identify('c')), select(2, poor:app_token()), select(2, gone:identify(nil)))",
            declaring: """
                local gone = auth.oauth("gone", { client_id = "me", client_secret = "client", token_url = "http://127.0.0.1:1/", userinfo_url = "http://127.0.0.1:1/" })
                local poor = auth.oauth("poor", { client_id = "me", client_secret = "none", token_url = "http://127.0.0.1:1/" })
                """)
        try await withServers(package) { server, _ in
            let detailed = try await server.get("/run")
            #expect(detailed.contains("unreachable") && detailed.contains("no_secret") && detailed.contains("refused") && !detailed.contains("hush"))
        }
    }

    @Test("books of tokens are used as they say")
    func keepsTokens() async throws {
        let package = running(
            """
            local t1 = book:issue("ann", { name = "Ann" })
            local t2 = book:issue("ann", { name = "Ann2" })
            local answers = { tostring(book:find(t1)), #t2, (select(2, book:find(t2))).name, book:of("ann").name, tostring(book:of("bob")) }
            answers[#answers + 1] = tostring(book:update("ann", { name = "Ann3" })) .. tostring(select(2, book:update("bob", 1)))
            answers[#answers + 1] = book:list()[1].data.name .. #book:list()[1].hint .. #book:list()
            book:issue("bob")
            answers[#answers + 1] = tostring(book:erase("ann")) .. tostring(book:erase("ann")) .. book:erase_all() .. #book:list()
            return { json = nightjar.json.array(answers) }
            """, declaring: #"local book = auth.tokens("t", { bytes = 8 })"#)
        try await withServers(package) { server, _ in
            let answer = try await server.get("/run")
            #expect(answer == #"["nil",16,"Ann2","Ann2","nil","truenone","Ann341","truefalse10"]"#)
        }
    }

    @Test("tokens survive a restart of the server, on a store that is slow to begin with too")
    func survivesARestart() async throws {
        let store = MemoryStore()
        let package = running(
            "if request.query.token then return list(book:find(request.query.token)) end return (book:issue('ann', 7))",
            declaring: #"local book = auth.tokens("t")"#)
        var token = ""
        for turn in 0..<2 {
            try await withServers(package, { $0.store = store }) { server, _ in
                if turn == 0 { token = try await server.get("/run") } else { #expect(try await server.get("/run?token=\(token)") == #"["ann",7]"#) }
            }
        }
        await store.close()
    }

    @Test("what specs and trials put into a book is nobody's login")
    func specsHaveBooksOfTheirOwn() async throws {
        let package = running(
            "return tostring(require 'book'.pending:take('from the spec'))")
        try await withServers(package, {
            $0.files["Scripts/here/book.lua"] = #"return { pending = require("nightjar").auth.pending("p") }"#
            $0.files["Scripts/here/spec/book_spec.lua"] = #"local book = require "book" return { puts = function() book.pending:put("from the spec", 1) assert(book.pending:take("from the spec") == 1) end }"#
            $0.packages["here"] = package.replacingOccurrences(of: "local auth", with: "require 'book'\nlocal auth")
        }) { server, _ in
            let answer = try await server.get("/run")
            #expect(answer == "nil")
        }
    }

    @Test("mistakes are errors that say what is wrong", arguments: [
        (#"auth.oauth("s", { client_id = "me", client_secret = "client", token_url = "ftp://x" })"#, "bad field 'token_url' of 'auth.oauth'"),
        (#"auth.oauth("s", { client_id = "me", client_secret = "client", token_uri = "http://x" })"#, "unknown field 'token_uri' of 'auth.oauth'; did you mean 'token_url'?"),
        (#"auth.oauth("s", { client_id = "me", token_url = "http://x" })"#, "bad field 'client_secret'"),
        (#"auth.pending("a b")"#, "bad argument #1 to 'auth.pending'"), (#"auth.pending("a") auth.pending("a")"#, "auth.pending 'a' is declared already"),
        (#"auth.tokens("a", { bytes = 4 })"#, "bad field 'bytes'"), (#"for i = 1, 17 do auth.tokens("t" .. i) end"#, "more than 16 of auth.tokens"),
        (#"auth.pending("a"):put("k", 1)"#, "not available while the script is being loaded"),
        (#"auth.verify_jwt("x", { secret = "s", algorithms = { "none" } })"#, "bad field 'algorithms'"),
        (#"auth.verify_jwt("x", { secret = "s", algorithms = {} })"#, "bad field 'algorithms'"),
        (#"auth.sign_jwt({ 1, 2 }, { secret = "s" })"#, "a table with names expected"),
        (#"auth.tokens("a"):find("x")"#, "tokens:find"),
    ])
    func tellsMistakes(_ code: String, _ message: String) async throws {
        let server = try await TestServer(packages: ["here": "local auth = require('nightjar').auth\n\(code)\nreturn {}"], debug: true)
        let status = await server.host.status()
        #expect(status.first?.error?.description.contains(message) == true, "\(String(describing: status.first?.error))")
        await server.stop()
    }

    @Test("pages of other sites may set the headers that a route names, or any")
    func answersPreflights() async throws {
        let package = """
            local nightjar = require "nightjar"
            local function ok() return "ok" end
            nightjar.http.get("/plain", ok, { cors = true })
            nightjar.http.get("/named", ok, { cors = { headers = { "X-Ticket" } } })
            nightjar.http.get("/any", ok, { cors = { headers = "any" } })
            nightjar.http.get("/closed", ok)
            return {}
            """
        try await withTestServer(packages: ["here": package]) { server in
            func ask(_ path: String, _ headers: String?) async throws -> TestResponse {
                try await server.request(
                    "OPTIONS", path, headers: [("origin", "https://a.example"), ("access-control-request-method", "GET")] + (headers.map { [("access-control-request-headers", $0)] } ?? []))
            }
            #expect(try await ask("/plain", "x-ticket")["access-control-allow-headers"] == "content-type")
            #expect(try await ask("/named", "x-ticket")["access-control-allow-headers"] == "content-type, x-ticket")
            #expect(try await ask("/any", "x-ticket, x-other")["access-control-allow-headers"] == "x-ticket, x-other")
            #expect(try await ask("/any", nil)["access-control-allow-headers"] == nil)
            #expect(try await ask("/any", nil)["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE")
            #expect(try await ask("/any", "x-ticket; evil=\"1\"")["access-control-allow-headers"] == nil)
            #expect(try await ask("/any", String(repeating: "a", count: 1_025))["access-control-allow-headers"] == nil)
            #expect(try await ask("/closed", "x-ticket")["access-control-allow-origin"] == nil)
            let bare = try await server.request("OPTIONS", "/any", headers: [("origin", "https://a.example")])
            #expect(bare.status == 204 && bare["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE")
        }
    }

    @Test("names of headers that are none are refused")
    func refusesOddHeaders() async throws {
        for value in [#""some""#, #"{ "a b" }"#, "{ 1 }"] {
            let server = try await TestServer(
                packages: ["here": "require('nightjar').http.get('/a', function() end, { cors = { headers = \(value) } })\nreturn {}"], debug: true)
            #expect(await server.host.status().first?.error?.description.contains("bad field 'cors.headers' of 'http.get'") == true)
            await server.stop()
        }
    }
}
