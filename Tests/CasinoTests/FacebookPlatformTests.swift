import Foundation
import Logging
import NightjarTesting
import Reload
import Testing

@testable import Games

/// Players who come from Facebook, which is the test's own.
@Suite(.serialized, .timeLimit(.minutes(2))) struct FacebookPlatformTests {
    private static let ann = #"{"id":"3201401476538110","name":"Ann","email":"ann@mail.example","picture":{"data":{"url":"https://p.example/a.png","width":50}}}"#

    private func withServers(_ options: (FakeGraph) -> ServerOptions = { .casino($0) }, _ body: (TestServer, FakeGraph) async throws -> Void) async throws {
        let graph = try await FakeGraph()
        try await graph.token("EAAann", Self.ann)
        let server = try await TestServer(options(graph))
        try await body(server, graph)
        #expect(server.scriptErrors.isEmpty && graph.server.scriptErrors.isEmpty, "\(server.scriptErrors) \(graph.server.scriptErrors)")
        await server.stop()
        await graph.server.stop()
    }

    private func start(_ uid: String, _ token: String, userinfo: String = "{}", site: String = "demo") -> String {
        #"{"auth":{"uid":"\#(uid)","token":"\#(token)","userinfo":\#(userinfo)},"platform":"facebook","site":"\#(site)"}"#
    }

    /// Starts a session; the code of the refusal with the close code, or "state".
    private func outcome(_ server: TestServer, _ message: String) async throws -> String {
        let session = try server.session()
        try session.send(message)
        let answer = try await blockingReceive(session)
        guard answer["t"] as? String == "error" else { return answer["t"] as? String ?? "nothing" }
        return "\(answer["code"] as? String ?? "") \(try await WireSession.waitForClose(session))"
    }

    private func blockingReceive(_ session: WireSession) async throws -> [String: Any] {
        struct Given: @unchecked Sendable { let session: WireSession }  // the caller waits and does not touch it meanwhile
        struct Got: @unchecked Sendable { let message: [String: Any] }
        let given = Given(session: session)
        return try await blocking { Got(message: try given.session.receive()) }.message
    }

    @Test func sessionIsBelievedWhenFacebookKnowsTheToken() async throws {
        try await withServers { server, graph in
            let session = try server.session()
            try session.send(start("3201401476538110", "EAAann"))
            let state = try await blockingReceive(session)
            #expect(state["t"] as? String == "state" && session.credits == 1000)
            #expect(try await graph.asked == "debug_token me")
            // What Facebook tells is kept as the profile.
            let opened = try await server.casinoOpen(#"{"platform":"facebook","site":"demo","uid":"3201401476538110","token":"EAAann"}"#)
            let profile = try #require(opened["profile"] as? [String: Any])
            #expect(profile["email"] as? String == "ann@mail.example" && profile["name"] as? String == "Ann" && profile["picture"] is [String: Any])
            #expect(opened["wallet"] as? String == "stored" && (opened["components"] as? [String])?.contains("userdata") == true)
        }
    }

    @Test func sessionIsRefusedForEveryReason() async throws {
        try await withServers { server, graph in
            let id = "3201401476538110"
            try await graph.token("EAAother", #"{"id":"3201401476538110","app":"1"}"#)
            try await graph.token("EAAover", #"{"id":"3201401476538110","expires":1570820400}"#)
            try await graph.token("EAAbob", #"{"id":"77"}"#)
            for (what, uid, token) in [
                ("unknown", id, "EAAnobody"), ("another app's", id, "EAAother"), ("over", id, "EAAover"), ("another user's", id, "EAAbob"),
                ("no token", id, ""), ("no id", "", "EAAann"),
            ] { #expect(try await outcome(server, start(uid, token)) == "auth_failed 4401", "\(what)") }
            // Who cannot be told now is not refused for good: clients come again by themselves.
            for mode in ["down", "garbage"] {
                try await graph.modes(["debug_token": mode])
                let session = try await blocking { [port = server.port] in
                    let socket = try BlockingWebSocket(port: port, path: "/session/ws")
                    try socket.send(self.start(id, "EAAann"))
                    return try socket.receiveObject()["code"] as? String
                }
                #expect(session == "internal", "\(mode)")
            }
            try await graph.modes([:])
            #expect(try await outcome(server, start(id, "EAAann")) == "state")
            #expect(try await outcome(server, start(id, "EAAann", site: "nowhere")) == "unknown_site 4404")
        }
    }

    /// The client's own words about the user count only where Facebook tells nothing, and never as to who it is.
    @Test func withoutAProfileTheClientsWordsAreTaken() async throws {
        try await withServers { server, graph in
            try await graph.modes(["me": "down"])
            #expect(try await outcome(server, start("3201401476538110", "EAAann", userinfo: #"{"id":"1","name":"As I say"}"#)) == "state")
            let opened = try await server.casinoOpen(
                #"{"platform":"facebook","site":"demo","uid":"3201401476538110","token":"EAAann","userinfo":{"id":"1","name":"As I say"}}"#)
            #expect(opened["profile"] as? [String: String] == ["id": "3201401476538110", "name": "As I say"])
        }
    }

    @Test func secretsOfAnotherAppAreRefused() async throws {
        try await withServers { graph in
            var options = ServerOptions.casino(graph)
            options.secrets["casino"] = ["fb_app_secret": "ffffffffffffffffffffffffffffffff"]
            return options
        } _: { server, _ in
            let refused = try await outcome(server, start("3201401476538110", "EAAann"))
            #expect(refused == "auth_failed 4401")
        }
    }

    @Test func withoutAnAppNobodyComesFromFacebook() async throws {
        let server = try await TestServer(.casino())
        #expect(try await outcome(server, start("1", "EAA")) == "unknown_platform 4401")
        #expect(try await server.get("/facebook/portal").hasPrefix("404 "))
        await server.stop()
    }

    /// What secrets and tokens there are stands in no line of the log, whatever goes wrong.
    @Test func nothingSecretIsLogged() async throws {
        try await withServers { graph in
            var options = ServerOptions.casino(graph)
            options.logLevel = .trace
            return options
        } _: { server, graph in
            for mode in ["down", "garbage", ""] {
                try await graph.modes(["debug_token": mode, "me": mode])
                _ = try await outcome(server, start("3201401476538110", "EAAann"))
            }
            _ = try await portal(server, FakeGraph.signedRequest("{}", secret: "other"))
            let log = server.log.all.map(\.description).joined(separator: "\n")
            #expect(log.contains("session refused"))
            for secret in [FakeGraph.secret, "EAAann", "ann@mail.example"] { #expect(!log.contains(secret), "\(secret)") }
        }
    }

    /// One machine cannot have all be asked that may be asked at a time, while Facebook is slow: the others come in.
    @Test func oneAddressHasAFewLogInsCheckedAtATime() async throws {
        try await withServers { .casino($0, settings: #","fb_checks_per_address":2"#) } _: { server, graph in
            @Sendable func open(_ remote: String) async throws -> String {
                let text = #"{"platform":"facebook","site":"demo","uid":"3201401476538110","token":"EAAann","remote":"\#(remote)"}"#
                let results = try await server.host.call("casino.open", json: [Array(text.utf8)]).map { String(decoding: $0, as: UTF8.self) }
                return results.first == "null" ? results.dropFirst().joined(separator: " ") : "in"
            }
            try await graph.modes(["debug_token": "hang"])
            let refusal = #""internal" "too many log-ins are being checked, try again in a moment""#
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<2 { group.addTask { try await open("203.0.113.5") } }
                try await eventually("two questions at Facebook") { try await graph.asked.split(separator: " ").count == 2 }
                #expect(try await open("203.0.113.5") == refusal)
                for remote in ["203.0.113.6", "127.0.0.1", "127.0.0.1", "127.0.0.1"] { group.addTask { try await open(remote) } }
                try await eventually("four more questions") { try await graph.asked.split(separator: " ").count == 6 }
                try await graph.release()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers == Array(repeating: "in", count: 6))
            #expect(try await open("203.0.113.5") == "in", "their places are free again")
        }
    }

    /// Platforms are told where a client comes from.
    @Test func aPlatformHearsOfTheClientsAddress() async throws {
        var options = ServerOptions.casino()
        options.logLevel = .info
        options.files["Scripts/casino/platforms/where.lua"] = "return { authenticate = function(credentials) return nil, 'from ' .. credentials.remote end }"
        let server = try await TestServer(options)
        let session = try server.session()
        try session.send(#"{"auth":{"uid":"ann"},"platform":"where","site":"demo"}"#)
        #expect(try session.error() == "auth_failed")
        #expect(server.log.first("session refused")?.fields["reason"] == "from 127.0.0.1")
        await server.stop()
    }

    // MARK: The portal

    private func portal(_ server: TestServer, _ signedRequest: String?, query: String = "", origin: String? = "https://apps.facebook.com") async throws -> TestResponse {
        let body = signedRequest.map { "signed_request=\($0)&locale=pt_BR" } ?? "locale=pt_BR"
        var headers = [("content-type", "application/x-www-form-urlencoded")]
        if let origin { headers += [("origin", origin), ("sec-fetch-site", "cross-site")] }
        return try await server.request("POST", "/facebook/portal" + query, headers: headers, body: body)
    }

    private static let payload = #"{"algorithm":"HMAC-SHA256","issued_at":1,"expires":4102444800,"oauth_token":"EAAann","user_id":"3201401476538110","user":{"country":"br","locale":"pt_BR","age":{"min":21}}}"#

    @Test func signedRequestFillsInTheUser() async throws {
        try await withServers { server, _ in
            let page = try await portal(server, FakeGraph.signedRequest(Self.payload))
            #expect(page.status == 200 && page["cache-control"] == "no-store")
            #expect(page.text.contains("&quot;uid&quot;:&quot;3201401476538110&quot;") && page.text.contains("&quot;token&quot;:&quot;EAAann&quot;"))
            #expect(page["content-security-policy"]?.contains("frame-ancestors 'self' https://www.facebook.com https://apps.facebook.com") == true)
            // By GET as well.
            let again = try await server.request("GET", "/facebook/portal?site=demo&signed_request=" + FakeGraph.signedRequest(Self.payload))
            #expect(again.text.contains("EAAann"))
        }
    }

    @Test func whoIsNotKnownLogsInByScript() async throws {
        try await withServers { server, _ in
            for page in [
                try await server.request("GET", "/facebook/portal"), try await portal(server, nil),
                try await portal(server, FakeGraph.signedRequest(#"{"algorithm":"HMAC-SHA256","user":{"country":"br"}}"#)),
            ] {
                #expect(page.status == 200 && page.text.contains(#"data-user="null""#) && page.text.contains(#"src="/static/login.js""#))
                #expect(page.text.contains("client_id=\(FakeGraph.appID)") && page.text.contains("redirect_uri={page}&amp;state={state}"))
                #expect(!page.text.contains(FakeGraph.secret))
            }
        }
    }

    @Test func wrongSignatureIsForbidden() async throws {
        try await withServers { server, _ in
            for bad in [
                FakeGraph.signedRequest(Self.payload, secret: "other"), "x.y", "x", "",
                FakeGraph.signedRequest(Self.payload.replacingOccurrences(of: "4102444800", with: "1")),
                FakeGraph.signedRequest(Self.payload.replacingOccurrences(of: "HMAC-SHA256", with: "none")),
            ] {
                let answer = try await portal(server, bad)
                #expect(answer.status == 403, "\(bad.prefix(40))")
            }
            let nowhere = try await portal(server, FakeGraph.signedRequest(Self.payload), query: "?site=nowhere")
            #expect(nowhere.status == 404)
        }
    }

    /// What Facebook says of a user is somebody else's text.
    @Test func nothingInASignedRequestIsTakenForHTML() async throws {
        try await withServers { server, _ in
            let page = try await portal(server, FakeGraph.signedRequest(#"{"algorithm":"HMAC-SHA256","oauth_token":"\"><script>alert(1)</script>","user_id":"'\"<b>"}"#))
            #expect(page.status == 200 && !page.text.contains("<script>alert") && !page.text.contains("<b>"))
            let site = try await portal(server, nil, query: "?site=%3Cscript%3Ealert(1)%3C/script%3E")
            #expect(site.status == 404 && !site.text.contains("<script>alert"))
        }
    }

    /// The page's script brings the token of somebody who has just logged in; the portal says whose it is.
    @Test func tokenOfALoginBecomesAUser() async throws {
        try await withServers { server, graph in
            func ask(_ token: String) async throws -> TestResponse {
                try await server.request(
                    "POST", "/facebook/portal",
                    headers: [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")], body: "access_token=\(token)")
            }
            let answer = try await ask("EAAann")
            #expect(answer.status == 200 && answer["cache-control"] == "no-store")
            let user = try #require(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any])
            #expect(user["uid"] as? String == "3201401476538110" && user["token"] as? String == "EAAann")
            #expect((user["userinfo"] as? [String: Any])?["name"] as? String == "Ann")
            #expect(try await ask("EAAnobody").status == 403)
            #expect(try await ask("").status == 403)
            // In the address it would stand in every log on its way.
            #expect(try await server.request("GET", "/facebook/portal?access_token=EAAann").text.contains(#"data-user="null""#))
        }
    }

    @Test func onlyThePlatformsThatAreNamedAreOpen() async throws {
        try await withServers { .casino($0, settings: #","platforms":["facebook"]"#) } _: { server, _ in
            let (ann, anybody) = (start("3201401476538110", "EAAann"), #"{"auth":{"uid":"x"},"platform":"demo","site":"demo"}"#)
            let outcomes = [try await outcome(server, ann), try await outcome(server, anybody)]
            #expect(outcomes == ["state", "unknown_platform 4401"])
            #expect(try await server.get("/demo/portal").hasPrefix("404 "))
            #expect(try await server.request("GET", "/").text.contains(#"data-platform="facebook""#))
        }
    }

    @Test func templateOfTheOperatorTakesThePlaceOfTheShippedOne() async throws {
        try await withServers { graph in
            var options = ServerOptions.casino(graph)
            options.files["Scripts/casino/templates/facebook_portal.html"] = "<p>{{app_id}} {{site}} {{ws_url}} {{game_list}} {{user}}</p>"
            return options
        } _: { server, _ in
            let page = try await portal(server, FakeGraph.signedRequest(Self.payload))
            #expect(page.text.hasPrefix("<p>\(FakeGraph.appID) demo /session/ws [{&quot;"))
            #expect(page.text.contains("&quot;id&quot;:&quot;coin_toss&quot;"))
            #expect(page.text.contains("EAAann"))
        }
    }
}

extension TestServer {
    /// What the package `casino` says of who wants to start a session.
    func casinoOpen(_ request: String) async throws -> [String: Any] {
        let results = try await host.call("casino.open", json: [Array(request.utf8)])
        return try results.first.flatMap { try JSONSerialization.jsonObject(with: Data($0), options: .fragmentsAllowed) as? [String: Any] } ?? [:]
    }
}
