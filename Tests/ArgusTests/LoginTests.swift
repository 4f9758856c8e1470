import Foundation
import NightjarTesting
import Testing

@Suite("Argus: logging in", .timeLimit(.minutes(5)))
struct LoginTests {
    /// What must stand in no line of the log.
    private func expectNothingSecret(in server: ArgusServer, _ more: [String] = []) {
        let log = server.base.log.all.map(\.description).joined(separator: "\n")
        for secret in ["code-", "user-", "app-", "Bearer", "eyJ", FakeTwitch.clientSecret, FakeTwitch.extensionSecret, ArgusServer.dashboardToken] + more {
            #expect(!log.contains(secret), "the log has \(secret)")
        }
    }

    @Test("somebody logs in: browser, Twitch, token; the token is taken, once per login")
    func logsIn() async throws {
        try await withArgus { server async throws in
            let state = "00112233445566778899aabbccddeeff"
            #expect(try await server.fetchToken(state: state) == "FAIL")
            #expect(try await server.browse(state: state) == "/auth_success.html")
            let reply = try await server.fetchToken(state: state)
            let parts = reply.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(parts.count == 2 && parts[0].wholeMatch(of: /[0-9a-f]{16}/) != nil && parts[1] == "https://pictures.example/4711.png")
            #expect(try await server.fetchToken(state: state) == "FAIL")
            let token = String(parts[0])
            #expect(ArgusServer.words(try await server.get("/check_argus_token?argusProtocolVersion=2&argus_token=\(token)")) == "token_ok")
            #expect(ArgusServer.words(try await server.get("/check_argus_token?argus_token=\(token.reversed().map(String.init).joined())")) == "token_not_ok")
            expectNothingSecret(in: server, [token, state])
        }
    }

    @Test("the first version gets the token alone; without a picture the second part is empty")
    func answersBothVersions() async throws {
        try await withArgus { server async throws in
            for (version, claims, wanted) in [("1", true, #/^[0-9a-f]{16}$/#), ("2", false, #/^[0-9a-f]{16}\n$/#)] {
                #expect(try await server.browse(state: "s\(version)", claims: claims) == "/auth_success.html")
                #expect(try await server.fetchToken(state: "s\(version)", version: version).wholeMatch(of: wanted) != nil)
            }
            #expect(try await server.fetchToken(state: "s", version: "3") == "bad_protocol_version")
        }
    }

    @Test("a newer token of the same person ends the older one, and tokens survive a reload")
    func replacesTokens() async throws {
        try await withArgus { server async throws in
            let old = try await server.login("4711")
            let other = try await server.login("4712")
            let new = try await server.login("4711")
            try await server.base.reload(["argus"])
            for (token, answer) in [(old, "bad_argus_token"), (other, "ok"), (new, "ok")] { #expect(try await server.send(token) == answer) }
        }
    }

    @Test("a login that waits survives a reload, and not its ten minutes")
    func keepsPendingLogins() async throws {
        try await withArgus { server async throws in
            _ = try await server.browse(state: "one")
            _ = try await server.browse(state: "two")
            try await server.base.reload(["argus"])
            #expect(try await server.fetchToken(state: "one").count > 16)
            server.clock?.advance(600_001)
            #expect(try await server.fetchToken(state: "two") == "FAIL")
        }
    }

    @Test("a code is good once: whoever brings it again gets the fail page, and no login")
    func refusesAReplayedCode() async throws {
        try await withArgus { server async throws in
            let back = try await server.twitch.visit(ArgusServer.authorize(state: "first"))
            #expect(try await server.comeBack(back) == "/auth_success.html")
            let replayed = back.replacingOccurrences(of: "state=first", with: "state=thief")
            #expect(try await server.comeBack(replayed) == "/auth_fail.html")
            #expect(try await server.fetchToken(state: "thief") == "FAIL")
            expectNothingSecret(in: server)
        }
    }

    @Test("a login is fetched with its own state only")
    func refusesAnotherState() async throws {
        try await withArgus { server async throws in
            _ = try await server.browse(state: "00112233445566778899aabbccddeeff")
            for state in ["00112233445566778899aabbccddeefe", "00112233445566778899AABBCCDDEEFF", "", "00112233445566778899aabbccddeeff ", "00112233445566778899aabbccddee"] {
                #expect(try await server.fetchToken(state: state) == "FAIL")
            }
            #expect(ArgusServer.words(try await server.post("/get_argus_token", #"{"argusProtocolVersion":"2"}"#)) == "FAIL")
            #expect(ArgusServer.words(try await server.post("/get_argus_token", #"{"argusProtocolVersion":"2","state":{"a":1}}"#)) == "FAIL")
            #expect(try await server.fetchToken(state: "00112233445566778899aabbccddeeff").count > 16)
        }
    }

    @Test("without a code or a state the browser sees the fail page, and Twitch is not asked")
    func needsCodeAndState() async throws {
        try await withArgus { server async throws in
            for query in ["", "?code=x", "?state=y", "?code=&state=y", "?error=access_denied&error_description=no&state=y", "?code=x&state="] {
                #expect(try await server.comeBack(ArgusServer.publicURL + "/oauth_token" + query) == "/auth_fail.html")
            }
            try await server.twitch.modes(["person": ["refuses"]])
            #expect(try await server.browse(state: "y") == "/auth_fail.html")
            #expect(try await server.twitch.state().asked.isEmpty)
        }
    }

    @Test("whatever Twitch does wrong, the browser sees the fail page and nobody is logged in", arguments: ["token", "userinfo"], ["down", "garbage", "empty", "refuse"])
    func survivesTwitch(_ request: String, _ mode: String) async throws {
        try await withArgus { server async throws in
            try await server.twitch.modes([request: [mode]])
            #expect(try await server.browse(state: "y") == "/auth_fail.html")
            #expect(try await server.fetchToken(state: "y") == "FAIL")
            expectNothingSecret(in: server)
        }
    }

    @Test("an identity that is not Twitch's, not for us or of somebody else logs nobody in", arguments: ["id_token", "identity"], ["foreign_aud", "foreign_iss", "foreign_sub"])
    func refusesForeignIdentities(_ place: String, _ mode: String) async throws {
        try await withArgus { server async throws in
            try await server.twitch.modes([place: [mode]])
            #expect(try await server.browse(state: "y") == "/auth_fail.html")
            #expect(try await server.fetchToken(state: "y") == "FAIL")
        }
    }

    @Test("a picture that is no address keeps nobody out")
    func takesOddPictures() async throws {
        try await withArgus { server async throws in
            try await server.twitch.modes(["identity": ["odd_picture"]])
            #expect(try await server.browse(state: "y") == "/auth_success.html")
            #expect(try await server.fetchToken(state: "y").wholeMatch(of: /[0-9a-f]{16}\n/) != nil)
        }
    }

    @Test("the name is looked up when a token is used, and a token of ours that Twitch has forgotten is renewed")
    func looksUpNames() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            #expect(try await server.send(token) == "ok")
            try await eventually("the name") { try await server.get("/dashboard_run_data").text.contains(#""twitchUsername":"Name_4711""#) }
            try await server.twitch.forgetAppTokens()
            let other = try await server.login("4712")
            #expect(try await server.send(other) == "ok")
            try await eventually("the other name") { try await server.get("/dashboard_run_data").text.contains(#""twitchUsername":"Name_4712""#) }
            #expect(try await server.twitch.state().app_tokens == 2)
            expectNothingSecret(in: server, [token, other])
        }
    }

    @Test("tokens can be listed masked and taken back")
    func erasesTokens() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711"), other = try await server.login("4712")
            let list = try await server.call("argus.tokens", [:])["lines"] as? [String] ?? []
            #expect(list.contains { $0.contains("4711") } && !list.contains { $0.contains(token) || $0.contains(token.prefix(4)) && $0.contains(token.suffix(4)) })
            #expect(try await server.call("argus.erase", ["id": "4713"])["ok"] as? Bool == false)
            #expect(try await server.call("argus.erase", ["id": "4711"])["ok"] as? Bool == true)
            #expect(try await server.send(token) == "bad_argus_token")
            #expect(try await server.send(other) == "ok")
            // One whose clients have not fetched their tokens yet. Scripts may be saved meanwhile.
            try await server.twitch.person("4711")
            #expect(try await server.browse(state: "before") == "/auth_success.html")
            try await server.twitch.person("4712")
            #expect(try await server.browse(state: "others") == "/auth_success.html")
            _ = try await server.call("argus.erase", ["id": "4711"])
            try await server.base.reload(["argus"])
            #expect(try await server.fetchToken(state: "before") == "FAIL")
            let newer = String(try await server.fetchToken(state: "others").prefix(16))
            #expect(try await server.send(newer) == "ok")
            try await server.twitch.person("4714")
            #expect(try await server.browse(state: "waiting") == "/auth_success.html")
            #expect(try await server.call("argus.erase", ["all": true])["ok"] as? Bool == true)
            #expect(try await server.send(newer) == "bad_argus_token")
            #expect(try await server.fetchToken(state: "waiting") == "FAIL")
            #expect(try await server.browse(state: "again") == "/auth_success.html")
            #expect(try await server.fetchToken(state: "again").count > 16)
        }
    }
}
