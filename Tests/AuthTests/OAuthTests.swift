import Foundation
import NightjarTesting
import Testing

@testable import Auth

@Suite("Logins at other services")
struct OAuthTests {
    private let client = OAuthClient(
        id: "the id", secret: Array("s&cret=%".utf8), tokenURL: "https://id.example/token", userinfoURL: "https://id.example/userinfo",
        redirectURI: "https://here.example/oauth_token")

    private func answer(_ text: String, _ status: Int = 200) -> OAuthReply { .answer(status: status, body: Array(text.utf8)) }

    /// What an action comes to, in words.
    private func words(_ action: AuthorizationCodeFlow.Action) -> String {
        switch action {
        case .send(let request): "\(request)"
        case .done(let identity): "\(identity.subject) \(identity.picture ?? "-") \(identity.name ?? "-")"
        case .failed(let error): error.code.rawValue
        }
    }

    private func request(_ action: AuthorizationCodeFlow.Action) -> OAuthRequest? {
        if case .send(let request) = action { request } else { nil }
    }

    private static let token = #"{"access_token":"t0ken","expires_in":14000,"id_token":"x","refresh_token":"y","scope":["openid"],"token_type":"bearer"}"#

    @Test("a code becomes a token, and that an identity")
    func identifies() throws {
        var flow = AuthorizationCodeFlow(client)
        let first = try #require(request(flow.begin(code: "a code+&")))
        #expect(first.method == "POST" && first.url == "https://id.example/token")
        #expect(
            String(decoding: try #require(first.body), as: UTF8.self)
                == "client_id=the%20id&client_secret=s%26cret%3D%25&code=a%20code%2B%26&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fhere.example%2Foauth_token")
        #expect(first.headers.contains { $0.name == "content-type" && $0.value == "application/x-www-form-urlencoded" })
        let second = try #require(request(flow.received(answer(Self.token))))
        #expect(second.method == "GET" && second.url == "https://id.example/userinfo" && second.body == nil)
        #expect(second.headers.contains { $0.name == "authorization" && $0.value == "Bearer t0ken" })
        #expect(words(flow.received(answer(#"{"sub":"4711","picture":"https://p.example/a.png","preferred_username":"Some_One","aud":"the id"}"#))) == "4711 https://p.example/a.png Some_One")
    }

    @Test("what goes wrong with the token ends it", arguments: [
        (OAuthReply.failure("nobody there"), "unreachable"), (.answer(status: 400, body: Array(#"{"status":400,"message":"Invalid authorization code"}"#.utf8)), "refused"),
        (.answer(status: 403, body: []), "refused"), (.answer(status: 503, body: []), "unreachable"), (.answer(status: 429, body: []), "unreachable"),
        (.answer(status: 302, body: []), "bad_reply"), (.answer(status: 200, body: Array("<html>".utf8)), "bad_reply"),
        (.answer(status: 200, body: Array("{}".utf8)), "bad_reply"), (.answer(status: 200, body: Array(#"{"access_token":""}"#.utf8)), "bad_reply"),
        (.answer(status: 200, body: Array("{\"access_token\":\"a\\r\\nx: y\"}".utf8)), "bad_reply"), (.answer(status: 200, body: Array(#"{"access_token":7}"#.utf8)), "bad_reply"),
        (.answer(status: 200, body: Array(repeating: 0x20, count: AuthLimits.answerBytes + 1)), "bad_reply"),
    ])
    func endsWithoutToken(_ reply: OAuthReply, _ code: String) {
        var flow = AuthorizationCodeFlow(client)
        _ = flow.begin(code: "c")
        #expect(words(flow.received(reply)) == code)
        // Over, whatever else comes.
        #expect(words(flow.received(answer(Self.token))) == "bad_reply")
        #expect(words(flow.begin(code: "c")) == "refused")
    }

    @Test("what goes wrong with the identity ends it", arguments: [
        (#"{"sub":""}"#, 200, "bad_reply"), (#"{}"#, 200, "bad_reply"), (#"{"sub":4711}"#, 200, "bad_reply"), (#"{"sub":"a\nb"}"#, 200, "bad_reply"), ("no", 200, "bad_reply"),
        ("", 401, "refused"), ("", 500, "unreachable"),
    ])
    func endsWithoutIdentity(_ text: String, _ status: Int, _ code: String) {
        var flow = AuthorizationCodeFlow(client)
        _ = flow.begin(code: "c")
        _ = flow.received(answer(Self.token))
        #expect(words(flow.received(answer(text, status))) == code)
    }

    @Test("a picture or name that is too long is left out, a login is worth more")
    func leavesOutWhatIsTooLong() {
        var flow = AuthorizationCodeFlow(client)
        _ = flow.begin(code: "c")
        _ = flow.received(answer(Self.token))
        let long = String(repeating: "x", count: AuthLimits.pictureBytes + 1)
        #expect(words(flow.received(answer(#"{"sub":"1","picture":"\#(long)","preferred_username":""}"#))) == "1 - -")
    }

    @Test("a picture or name that is no text is none, and keeps nobody out", arguments: ["7", "null", "{}", "[]", "true", #"["https://p.example/a.png"]"#])
    func leavesOutWhatIsNoText(_ value: String) {
        var flow = AuthorizationCodeFlow(client)
        _ = flow.begin(code: "c")
        _ = flow.received(answer(Self.token))
        #expect(words(flow.received(answer(#"{"sub":"1","picture":\#(value),"preferred_username":\#(value)}"#))) == "1 - -")
    }

    private static func token(_ claims: String) -> String {
        let text = Data(claims.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        return #"{"access_token":"t0ken","id_token":"eyJhbGciOiJSUzI1NiJ9.\#(text).c2ln"}"#
    }

    @Test("an identity of another platform or for another service is refused, in the token and in the answer", arguments: [
        (#"{}"#, true), (#"{"iss":"https://id.example","aud":"the id","sub":"4711"}"#, true), (#"{"iss":"https://id.example/","aud":["x","the id"]}"#, true),
        (#"{"iss":"https://evil.example"}"#, false), (#"{"iss":7}"#, false), (#"{"iss":["https://evil.example"]}"#, false), (#"{"aud":"another id"}"#, false),
        (#"{"aud":["x"]}"#, false), (#"{"aud":[]}"#, false), (#"{"aud":7}"#, false), (#"{"sub":"4712"}"#, false),
    ])
    func refusesForeignIdentities(_ claims: String, _ isGood: Bool) throws {
        var client = client
        client.issuers = ["https://id.example", "https://id.example/"]
        var flow = AuthorizationCodeFlow(client)
        _ = flow.begin(code: "c")
        let token = flow.received(answer(Self.token(claims)))
        if request(token) == nil {
            #expect(!isGood && words(token) == "bad_reply")
        } else {
            #expect(words(flow.received(answer(#"{"sub":"4711"}"#))) == (isGood ? "4711 - -" : "bad_reply"))
        }
        guard !claims.contains("4712") else { return }
        var other = AuthorizationCodeFlow(client)
        _ = other.begin(code: "c")
        _ = other.received(answer(Self.token))
        let members = claims.dropFirst().dropLast()
        let info = #"{"sub":"4711"\#(members.isEmpty || members.contains("sub") ? "" : "," + members)}"#
        #expect(words(other.received(answer(info))) == (isGood ? "4711 - -" : "bad_reply"))
    }

    @Test("an identity token that cannot be read is none: who it is says the answer", arguments: ["7", #""x""#, #""a.b.c""#, #""a.!!.c""#, #""..""#, "null"])
    func readsOddIdentityTokens(_ token: String) {
        var flow = AuthorizationCodeFlow(client)
        _ = flow.begin(code: "c")
        _ = flow.received(answer(#"{"access_token":"t0ken","id_token":\#(token)}"#))
        #expect(words(flow.received(answer(#"{"sub":"1"}"#))) == "1 - -")
    }

    @Test("no code and one that is too long are refused without a request")
    func refusesOddCodes() {
        for code in ["", String(repeating: "c", count: AuthLimits.codeBytes + 1)] {
            var flow = AuthorizationCodeFlow(client)
            #expect(words(flow.begin(code: code)) == "refused")
        }
    }

    @Test("nothing secret stands in what requests, clients and errors say of themselves")
    func keepsSecrets() throws {
        var flow = AuthorizationCodeFlow(client)
        let first = try #require(request(flow.begin(code: "the-code")))
        let second = try #require(request(flow.received(answer(Self.token))))
        var said = "\(client) \(first) \(second)"
        dump(client, to: &said)
        dump(first, to: &said)
        dump(second, to: &said)
        if case .failed(let error) = flow.received(answer(#"{"message":"the-code t0ken"}"#, 400)) { said += "\(error)" }
        for secret in ["s&cret", "s%26cret", "the-code", "t0ken"] { #expect(!said.contains(secret)) }
    }

    // MARK: The service's own token

    /// What is answered, in words.
    private func words(_ answer: ClientCredentials.Answer) -> String {
        switch answer {
        case .token(let text): text
        case .send: "send"
        case .wait: "wait"
        case .failed(let error): error.code.rawValue
        }
    }

    @Test("the service's own token is asked for once and kept until shortly before its end")
    func keepsTheServicesToken() throws {
        var machine = ClientCredentials()
        guard case .send(let request) = machine.ask(client, now: 0) else { return #expect(Bool(false)) }
        #expect(String(decoding: request.body ?? [], as: UTF8.self) == "client_id=the%20id&client_secret=s%26cret%3D%25&grant_type=client_credentials")
        #expect(words(machine.ask(client, now: 0)) == "wait")
        #expect(try machine.received(answer(#"{"access_token":"one","expires_in":3600}"#), now: 1_000).get() == "one")
        #expect(words(machine.ask(client, now: 3_540_999)) == "one")
        #expect(words(machine.ask(client, now: 3_541_000)) == "send")
        #expect(try machine.received(answer(#"{"access_token":"two","expires_in":3600}"#), now: 3_541_000).get() == "two")
        #expect(words(machine.ask(client, now: 3_541_000, renewing: true)) == "send")
    }

    @Test("one of which nobody knows how long it is good serves who waits, and nobody later")
    func keepsNoTokenWithoutAnEnd() throws {
        for end in [#""expires_in":60"#, #""expires_in":-1"#, #""token_type":"bearer""#] {
            var machine = ClientCredentials()
            _ = machine.ask(client, now: 0)
            #expect(try machine.received(answer(#"{"access_token":"one",\#(end)}"#), now: 0).get() == "one")
            #expect(words(machine.ask(client, now: 1)) == "send")
        }
    }

    @Test("one that would be good for years is asked for again after a day")
    func keepsNoTokenForYears() throws {
        var machine = ClientCredentials()
        _ = machine.ask(client, now: 0)
        _ = machine.received(answer(#"{"access_token":"one","expires_in":1e300}"#), now: 0)
        #expect(words(machine.ask(client, now: AuthLimits.accessTokenMax - AuthLimits.renewalMargin - 1)) == "one")
        #expect(words(machine.ask(client, now: AuthLimits.accessTokenMax - AuthLimits.renewalMargin)) == "send")
    }

    @Test("after a failure nobody asks for a moment")
    func pausesAfterAFailure() {
        var machine = ClientCredentials()
        _ = machine.ask(client, now: 0)
        #expect(throws: OAuthError.self) { try machine.received(answer("", 503), now: 0).get() }
        #expect(words(machine.ask(client, now: AuthLimits.failurePause - 1)) == "unreachable")
        #expect(words(machine.ask(client, now: AuthLimits.failurePause)) == "send")
    }

    // MARK: The browser's address

    @Test("the browser is sent where the published clients send it")
    func writesTheAddress() {
        let text = LoginAddress.text(
            authorizeURL: "https://id.twitch.tv/oauth2/authorize", clientID: "abc", state: "00ff", redirectURI: "https://argus.example/oauth_token")
        #expect(
            text == "https://id.twitch.tv/oauth2/authorize?response_type=code&client_id=abc&state=00ff&redirect_uri=https://argus.example/oauth_token&scope=openid&")
        #expect(LoginAddress.text(authorizeURL: "a", clientID: "b", state: "c", redirectURI: "d", claims: "%7B%7D").hasSuffix("&scope=openid&claims=%7B%7D"))
        let states = Set((0..<1_000).map { _ in LoginAddress.newState() })
        #expect(states.count == 1_000 && states.allSatisfy { $0.count == 32 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
    }
}
