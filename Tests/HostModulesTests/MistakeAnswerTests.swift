import Logging
import NightjarTesting
import Synchronization
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// Handlers of requests that return something else than an answer.
@Suite(.timeLimit(.minutes(1))) struct MistakeAnswerTests {
    private static func package(_ result: String) -> [String: String] {
        ["p": """
            local nightjar = require "nightjar"
            nightjar.http.get("/x", function()
              \(result)
            end)
            return {}
            """]
    }

    /// Status and text of the answer of a handler, and what the observers of errors heard.
    private func answer(
        _ result: String, debug: Bool = false, headers: [(String, String)] = []
    ) async throws -> (TestResponse, errors: [String]) {
        let server = try await TestServer(packages: Self.package(result), debug: debug)
        let response = try await HTTPTestClient.request(port: server.port, "GET", "/x", headers: headers)
        let errors = server.scriptErrors
        await server.stop()
        return (response, errors)
    }

    @Test(arguments: [
        ("return 5", "the handler returned a number"), ("return true", "the handler returned a boolean"),
        ("return print", "the handler returned a function"), ("return nightjar.json.null", "the handler returned a null"),
        ("return nil, 'unavailable', 'the store is away'", "the handler returned nil, \"unavailable\""),
        ("return {}", "neither status nor body nor json"), ("return { headers = {} }", "neither status nor body nor json"),
        ("return { status = 'ok' }", "the answer's status is the string \"ok\"; it must be a whole number from 200 to 599"),
        ("return { status = 99 }", "the answer's status is 99"), ("return { status = 200.5 }", "the answer's status is 200.5"),
        ("return { json = { callback = print } }", "the answer's json cannot be sent: "),
        ("return { body = { 1 } }", "the answer's body is a table"), ("return { body = 5 }", "the answer's body is 5"),
        ("return { body = '', json = {} }", "both body and json"),
        ("return { stauts = 404, body = '' }", "unknown member 'stauts'; did you mean 'status'?"),
        ("return { name = 'x' }", "unknown member 'name'"), ("return { 1, 2 }", "return { json = … } to send a table as JSON"),
        ("return { body = '', headers = 'x' }", "the answer's headers are a string"),
        ("return { body = '', headers = { ['a b'] = 'x' } }", "'a b' cannot be the name of a header"),
        ("return { body = '', headers = { x = 'a\\r\\nb: c' } }", "the value of the header 'x'"),
        ("return { body = '', headers = { x = {} } }", "the value of the header 'x'"),
        ("return { body = '', headers = { 'x' } }", "keys that are no names"),
        ("return { body = '', headers = { ['Content-Length'] = '5' } }", "the header 'Content-Length' is the server's"),
    ])
    func whatIsNoAnswerIsAnErrorWithItsHandlersLine(_ result: String, _ message: String) async throws {
        let (response, errors) = try await answer(result)
        #expect(response.status == 500 && response.text.hasPrefix(#"{"error":{"code":"internal","id":""#), "\(response.text)")
        #expect(errors.count == 1 && errors[0].hasPrefix("Scripts/p/main.lua:2: ") && errors[0].contains(message), "\(errors)")
        #expect(!response.text.contains("main.lua"))
    }

    @Test(arguments: [
        ("", 204, ""), ("return nil", 204, ""), ("return ''", 200, ""), ("return 'a'", 200, "a"), ("return { status = 404 }", 404, ""),
        ("return { json = {} }", 200, "{}"), ("return { status = 201, body = 'b', headers = { ['X-A'] = 5 } }", 201, "b"),
    ])
    func soundAnswersAreSent(_ result: String, _ status: Int, _ body: String) async throws {
        let (response, errors) = try await answer(result)
        #expect(response.status == status && response.text == body && errors == [])
        if status == 201 { #expect(response["x-a"] == "5") }
    }

    @Test func aListOfValuesIsAHeaderFieldEach() async throws {
        let (response, _) = try await answer("return { body = 'b', headers = { ['set-cookie'] = { 'a=1', 'b=2' }, ['content-type'] = 'text/html' } }")
        #expect(response.headers.filter { $0.name == "set-cookie" }.map(\.value) == ["a=1", "b=2"])
        #expect(response.headers.filter { $0.name == "content-type" }.map(\.value) == ["text/html"])
    }

    @Test("a page of a handler has a content policy, unless it brings its own")
    func contentPolicy() async throws {
        let (page, _) = try await answer("return { body = '<p>', headers = { ['content-type'] = 'text/html; charset=utf-8' } }")
        #expect(page["content-security-policy"]?.hasPrefix("default-src 'self'; ") == true && page["x-content-type-options"] == "nosniff")
        let (own, _) = try await answer(
            "return { body = '<p>', headers = { ['Content-Type'] = 'text/html', ['Content-Security-Policy'] = \"default-src *\" } }")
        #expect(own.headers.filter { $0.name.lowercased() == "content-security-policy" }.map(\.value) == ["default-src *"])
        let (text, _) = try await answer("return 'text'")
        #expect(text["content-security-policy"] == nil && text["x-content-type-options"] == "nosniff")
    }

    @Test func aFailedRequestIsLoggedOnceWithTheNumberThatTheClientGot() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", Self.package("error('no')")["p"]!)
        let server = try await TestServer(folder: folder)
        let response = try await HTTPTestClient.request(port: server.port, "GET", "/x")
        await server.stop()
        let errors = server.log.all.filter { $0.level == .error }
        let id = response.text.split(separator: "\"").dropLast().last.map(String.init) ?? "?"
        #expect(errors.count == 1 && errors[0].fields["id"] == id && errors[0].description.contains("Scripts/p/main.lua:3"), "\(errors) \(response.text)")
    }

    @Test func whileDevelopingABrowserGetsAPageThatKnowsWhenTheFileIsMended() async throws {
        let server = try await TestServer(packages: Self.package("error('<b>no</b> & never')"), debug: true)
        func get(_ headers: [(String, String)]) async throws -> TestResponse {
            try await HTTPTestClient.request(port: server.port, "GET", "/x", headers: headers)
        }
        let page = try await get([("accept", "text/html,*/*")])
        #expect(page.status == 500 && page["content-type"] == "text/html; charset=utf-8")
        #expect(page.text.contains("&lt;b&gt;no&lt;/b&gt; &amp; never") && !page.text.contains("<b>no</b>"))
        #expect(page.text.contains("Scripts/p/main.lua:3") && page.text.contains("<b>3    error(&#39;&lt;b&gt;no"))
        let marker = "\"x-nightjar-watch\": \""
        let generation = page.text.firstRange(of: marker).map { String(page.text[$0.upperBound...].prefix { $0 != "\"" }) } ?? "none"
        #expect(try await get([("x-nightjar-watch", generation)]).status == 204)
        let errorsSoFar = server.scriptErrors.count
        #expect(errorsSoFar == 1)
        server.save("Scripts/p/main.lua", Self.package("return 'mended'")["p"]!)
        #expect(try await server.takeOver() == nil)
        #expect(try await get([("x-nightjar-watch", generation)]).status == 205)
        #expect(try await get([("accept", "text/html")]).text == "mended")
        let plain = try await get([])
        #expect(plain.text == "mended")
        await server.stop()
    }

    @Test func inProductionThereIsNoPage() async throws {
        let (response, _) = try await answer("error('secret')", headers: [("accept", "text/html")])
        #expect(response["content-type"] == "application/json" && !response.text.contains("secret"))
        let (watched, _) = try await answer("return 'x'", headers: [("x-nightjar-watch", "1")])
        #expect(watched.text == "x")
    }

    @Test func aProgramGetsNoPageWhileDeveloping() async throws {
        let (response, _) = try await answer("error('x')", debug: true, headers: [("accept", "application/json")])
        #expect(response["content-type"] == "application/json")
    }

    @Test func packagesServeTheSameFolderOfTheLibrary() async throws {
        let folder = TestFolder()
        folder.write("Scripts/lib/pages/base.css", "body {}")
        folder.write("Scripts/lib/secret.lua", "return {}")
        folder.write("Scripts/p/pages/base.css", "of the package")
        for name in ["p", "q"] {
            folder.write("Scripts/\(name)/main.lua", """
                local nightjar = require "nightjar"
                nightjar.http.static("/\(name)/lib", "pages", { shared = true })
                return {}
                """)
        }
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/p/lib/base.css") == "body {}")
        #expect(try await server.get("/q/lib/base.css") == "body {}")
        for path in ["/p/lib/../secret.lua", "/p/lib/%2e%2e/secret.lua", "/p/secret.lua"] {
            #expect(try await HTTPTestClient.request(port: server.port, "GET", path).status >= 400, "\(path)")
        }
        await server.stop()
    }

    @Test func aFolderWithoutItsSlashIsFound() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/public/index.html", "the index")
        folder.write("Scripts/p/main.lua", """
            local nightjar = require "nightjar"
            nightjar.http.static("/files", "public")
            nightjar.http.static("/deep/er/", "public")
            nightjar.http.static("/own", "public")
            nightjar.http.get("/own", function() return "own" end)
            return {}
            """)
        let server = try await TestServer(folder: folder)
        let moved = try await HTTPTestClient.request(port: server.port, "GET", "/files?x=1")
        #expect(moved.status == 301 && moved["location"] == "./files/?x=1")
        #expect(try await HTTPTestClient.request(port: server.port, "GET", "/deep/er")["location"] == "./er/")
        #expect(try await server.get("/files/") == "the index")
        #expect(try await server.get("/own") == "own")
        #expect(try await server.get("/own/") == "the index")
        await server.stop()
    }
}
