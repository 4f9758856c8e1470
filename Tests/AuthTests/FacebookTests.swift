import Bytes
import Crypto
import Foundation
import NightjarTesting
import Testing

@testable import Auth

@Suite("Users of an app at Facebook")
struct FacebookTests {
    private let app = FacebookApp(id: "354159478852902", secret: Array("s&cret".utf8), graphURL: "https://graph.example")
    private let now: Int64 = 1_570_000_000_000

    private static let good = #"{"data":{"app_id":"354159478852902","type":"USER","application":"Bingo","is_valid":true,"expires_at":1570820400,"scopes":["public_profile"],"user_id":"3201401476538110"}}"#
    private static let profile = #"{"id":"3201401476538110","name":"Ann","picture":{"data":{"url":"https://p.example/a.png"}}}"#
    private static let user = "3201401476538110"

    private static func answer(_ text: String, _ status: Int = 200) -> OAuthReply { .answer(status: status, body: Array(text.utf8)) }

    private func request(_ action: FacebookCheck.Action) -> OAuthRequest? { if case .send(let request) = action { request } else { nil } }

    /// What an action comes to, in words.
    private func words(_ action: FacebookCheck.Action) -> String {
        switch action {
        case .send(let request): "\(request)"
        case .done(let user): "\(user.id) \(user.profile.map { String(decoding: $0, as: UTF8.self) } ?? "-")"
        case .failed(let error): error.code.rawValue
        }
    }

    @Test("a token is checked with the app's id and secret, the profile asked for with a proof of the secret")
    func asksTwice() throws {
        var check = FacebookCheck(app, now: now)
        let first = try #require(request(check.begin(token: "EAA+x", user: Self.user)))
        #expect(first.method == "GET" && first.body == nil)
        #expect(first.url == "https://graph.example/debug_token?input_token=EAA%2Bx&access_token=354159478852902%7Cs%26cret")
        let second = try #require(request(check.received(Self.answer(Self.good))))
        // printf 'EAA+x' | openssl dgst -sha256 -hmac 's&cret'
        #expect(second.url == "https://graph.example/me?fields=id%2Cname%2Cemail%2Cpicture&access_token=EAA%2Bx&appsecret_proof=bc4c02a4f67cac6677912730ce468ee8a8ccaad9b92cfa91a364fef1817e8657")
        #expect(words(check.received(Self.answer(Self.profile))) == "\(Self.user) \(Self.profile)")
    }

    @Test("no description has the secret or the token in it")
    func hidesSecrets() throws {
        var check = FacebookCheck(app, now: now)
        let first = try #require(request(check.begin(token: "EAAtoken", user: Self.user)))
        let second = try #require(request(check.received(Self.answer(Self.good))))
        for text in ["\(app)", "\(first)", "\(second)", String(reflecting: first), String(reflecting: app)] {
            #expect(!text.contains("cret") && !text.contains("EAAtoken"), "\(text)")
        }
    }

    @Test("a token that is not valid, of another app or user, or over is refused", arguments: [
        (good.replacingOccurrences(of: "true", with: "false"), "refused"), (good.replacingOccurrences(of: #""is_valid":true,"#, with: ""), "refused"),
        (good.replacingOccurrences(of: "354159478852902", with: "354159478852903"), "refused"), (good.replacingOccurrences(of: #""app_id":"354159478852902","#, with: ""), "refused"),
        (good.replacingOccurrences(of: user, with: "3201401476538111"), "refused"), (good.replacingOccurrences(of: #","user_id":"3201401476538110""#, with: ""), "bad_reply"),
        (good.replacingOccurrences(of: "1570820400", with: "1570000000"), "refused"), (good.replacingOccurrences(of: #""expires_at":1570820400,"#, with: ""), "refused"),
        (#"{"data":{"error":{"code":190,"message":"expired"},"is_valid":false,"scopes":[]}}"#, "refused"),
        ("{}", "bad_reply"), ("[]", "bad_reply"), ("<html>", "bad_reply"), ("", "bad_reply"), (#"{"data":[]}"#, "bad_reply"),
        (good.replacingOccurrences(of: "true", with: #""true""#), "bad_reply"),
    ])
    func refuses(_ text: String, _ code: String) {
        var check = FacebookCheck(app, now: now)
        _ = check.begin(token: "EAA", user: Self.user)
        #expect(words(check.received(Self.answer(text))) == code)
        // Over, whatever else comes.
        #expect(words(check.received(Self.answer(Self.good))) == "bad_reply")
    }

    @Test("a token for good, and one that ends a second later, are taken", arguments: ["0", "1570000001"])
    func keepsTimes(_ end: String) {
        var check = FacebookCheck(app, now: now)
        _ = check.begin(token: "EAA", user: Self.user)
        #expect(request(check.received(Self.answer(Self.good.replacingOccurrences(of: "1570820400", with: end)))) != nil)
    }

    @Test("a refusal of Facebook is told with its number, a service that is away as such")
    func tellsTroubles() {
        for (reply, text) in [
            (Self.answer(#"{"error":{"message":"Invalid OAuth access token.","type":"OAuthException","code":190}}"#, 400), "refused: the token: the platform answers with status 400, error 190"),
            (Self.answer("no", 400), "refused: the token: the platform answers with status 400"),
            (Self.answer("", 503), "unreachable: the token: the platform answers with status 503"),
            (.failure("nobody takes connections"), "unreachable: the token: nobody takes connections"),
        ] {
            var check = FacebookCheck(app, now: now)
            _ = check.begin(token: "EAA", user: Self.user)
            guard case .failed(let error) = check.received(reply) else {
                Issue.record("not failed")
                continue
            }
            #expect("\(error)" == text)
        }
    }

    @Test("without a profile the user is known all the same; one of somebody else is refused")
    func doesWithoutAProfile() {
        for (reply, text) in [
            (Self.answer("", 500), "\(Self.user) -"), (.failure("gone"), "\(Self.user) -"), (Self.answer("[]"), "\(Self.user) -"),
            (Self.answer(#"{"id":"1","name":"Bob"}"#), "refused"),
        ] {
            var check = FacebookCheck(app, now: now)
            _ = check.begin(token: "EAA", user: Self.user)
            _ = check.received(Self.answer(Self.good))
            #expect(words(check.received(reply)) == text)
        }
    }

    @Test("no token, no id, and too long a token are refused without a question; whoever it is may be asked")
    func asksForWhatCouldBe() {
        for (token, user) in [("", Self.user), (String(repeating: "E", count: AuthLimits.facebookTokenBytes + 1), Self.user), ("EAA", "")] {
            var check = FacebookCheck(app, now: now)
            #expect(words(check.begin(token: token, user: user)) == "refused")
        }
        var check = FacebookCheck(app, now: now)
        _ = check.begin(token: "EAA", user: nil)
        _ = check.received(Self.answer(Self.good))
        #expect(words(check.received(Self.answer(Self.profile))).hasPrefix(Self.user))
        #expect(words(check.begin(token: "EAA", user: nil)) == "refused")
    }

    // MARK: Signed requests

    private func signed(_ payload: String, secret: String = "s&cret") -> String {
        let text = Base64.encode(Array(payload.utf8), url: true)
        let code = HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: Data(secret.utf8)))
        return String(decoding: Base64.encode(Array(code), url: true), as: UTF8.self) + "." + String(decoding: text, as: UTF8.self)
    }

    private func read(_ request: String) -> String {
        do throws(JWTError) { return String(decoding: try app.payload(ofSignedRequest: request.utf8, now: now), as: UTF8.self) } catch { return error.code.rawValue }
    }

    private static let payload = #"{"algorithm":"HMAC-SHA256","issued_at":1569999000,"expires":1570003600,"oauth_token":"EAA","user_id":"7","user":{"country":"br","age":{"min":21}}}"#

    @Test("a signed request gives its payload")
    func takesSignedRequests() {
        #expect(read(signed(Self.payload)) == Self.payload)
        // printf '%s' "$payload_in_base64url" | openssl dgst -sha256 -hmac 's&cret' -binary | base64
        #expect(read("fO--bWweAJj0J2FxnWfgYYR-too6oxflsFczcBrQcOY.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsInVzZXJfaWQiOiI3In0") == #"{"algorithm":"HMAC-SHA256","user_id":"7"}"#)
    }

    @Test("what is not signed by this app, for now, and with its algorithm is refused", arguments: [
        (payload.replacingOccurrences(of: "1570003600", with: "1570000000"), "expired"), (payload.replacingOccurrences(of: "1570003600", with: "0"), nil),
        (payload.replacingOccurrences(of: #""expires":1570003600,"#, with: ""), nil), (payload.replacingOccurrences(of: "HMAC-SHA256", with: "none"), "algorithm"),
        (payload.replacingOccurrences(of: #""algorithm":"HMAC-SHA256","#, with: ""), "algorithm"), ("[]", "malformed"), ("{", "malformed"), ("", "malformed"),
        (payload.replacingOccurrences(of: "1570003600", with: #""soon""#), "malformed"),
    ])
    func refusesPayloads(_ payload: String, _ code: String?) { #expect(read(signed(payload)) == code ?? payload) }

    @Test("nor is one with another secret's signature, without one, or with a byte changed")
    func refusesSignatures() {
        let good = signed(Self.payload)
        #expect(read(signed(Self.payload, secret: "other")) == "signature")
        let parts = good.split(separator: ".")
        for (text, code) in [
            ("", "missing"), (".\(parts[1])", "signature"), ("\(parts[1])", "malformed"), ("\(parts[0]).", "signature"), (good + ".x", "malformed"),
            (String(repeating: "a", count: AuthLimits.tokenBytes + 1), "malformed"), ("!.\(parts[1])", "malformed"),
        ] { #expect(read(text) == code, "\(text.prefix(20))") }
        var taken = 0
        for index in good.utf8.indices {
            var bytes = Array(good.utf8)
            let offset = good.utf8.distance(from: good.utf8.startIndex, to: index)
            bytes[offset] = bytes[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            if read(String(decoding: bytes, as: UTF8.self)) == Self.payload { taken += 1 }
        }
        #expect(taken == 0)
    }
}
