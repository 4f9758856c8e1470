import Crypto
import Foundation
import NightjarTesting
import Reload
import Testing

@testable import Games

/// Players whom a site of the operator's own has given a signed token.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TokenPlatformTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    private static func base64(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    private static func token(_ claims: String, head: String = #"{"alg":"HS256","typ":"JWT"}"#, sign: (Data) -> Data = hs256) -> String {
        let text = base64(Data(head.utf8)) + "." + base64(Data(claims.utf8))
        return text + "." + base64(sign(Data(text.utf8)))
    }

    private static func hs256(_ text: Data) -> Data { Data(HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: Data(secret.utf8)))) }

    private static func options(settings: String = "{}", secret: String? = secret) -> ServerOptions {
        var options = ServerOptions.casino()
        options.settings["casino"] = settings
        if let secret { options.secrets["casino"] = ["token_secret": secret] }
        return options
    }

    private func open(_ server: TestServer, _ token: String, uid: String = "", site: String = "demo") async throws -> [String: Any] {
        try await server.casinoOpen(#"{"platform":"token","site":"\#(site)","uid":"\#(uid)","token":"\#(token)"}"#)
    }

    @Test func tokenOfTheSiteSaysWhoPlays() async throws {
        let server = try await TestServer(Self.options(settings: #"{"token_issuer":"my site","token_audience":"casino"}"#))
        let good = Self.token(#"{"sub":"4711","name":"Ann","email":"a@mail.example","role":"admin","iss":"my site","aud":"casino","exp":4102444800}"#)
        let session = try server.session()
        try session.send(#"{"auth":{"uid":"4711","token":"\#(good)"},"platform":"token","site":"demo"}"#)
        try session.state()
        #expect(session.credits == 1000)
        let opened = try await open(server, good)
        #expect(opened["uid"] as? String == "4711" && opened["profile"] as? [String: String] == ["id": "4711", "name": "Ann", "email": "a@mail.example"])
        for (what, claims) in [
            ("another user's", #"{"sub":"4712","iss":"my site","aud":"casino","exp":4102444800}"#), ("over", #"{"sub":"4711","iss":"my site","aud":"casino","exp":1}"#),
            ("without an end", #"{"sub":"4711","iss":"my site","aud":"casino"}"#), ("nobody's", #"{"iss":"my site","aud":"casino","exp":4102444800}"#),
            ("another issuer's", #"{"sub":"4711","iss":"x","aud":"casino","exp":4102444800}"#), ("for somebody else", #"{"sub":"4711","iss":"my site","aud":"x","exp":4102444800}"#),
            ("for another site", #"{"sub":"4711","site":"other","iss":"my site","aud":"casino","exp":4102444800}"#),
        ] { #expect(try await open(server, Self.token(claims), uid: "4711").isEmpty, "\(what)") }
        #expect(try await open(server, Self.token(#"{"sub":"4711","iss":"my site","aud":"casino","exp":4102444800}"#, head: #"{"alg":"none"}"#) { _ in Data() }).isEmpty)
        #expect(try await open(server, "").isEmpty)
        let number = Self.token(#"{"sub":4711,"site":"demo","iss":"my site","aud":["casino"],"exp":4102444800}"#)
        #expect(try await open(server, number)["uid"] as? String == "4711")
        await server.stop()
    }

    /// A public key in a file of the operator's: a new one is taken over when it is saved, in production too.
    @Test func keyFileVerifiesTokens() async throws {
        let (old, new) = (P256.Signing.PrivateKey(), P256.Signing.PrivateKey())
        func signed(_ key: P256.Signing.PrivateKey) -> String {
            Self.token(#"{"sub":"4711","exp":4102444800}"#, head: #"{"alg":"ES256"}"#) { (try? key.signature(for: $0).rawRepresentation) ?? Data() }
        }
        var options = Self.options(settings: #"{"token_key_file":"keys/site.pem"}"#, secret: nil)
        let folder = TestFolder()
        folder.write("data/packages/casino/keys/site.pem", old.publicKey.pemRepresentation)
        options.folder = folder
        options.debug = false
        let path = folder.path + "/data/packages"
        options.configure = { $0.operatorDirectory = path }
        let server = try await TestServer(options)
        #expect(try await open(server, signed(old))["uid"] as? String == "4711")
        #expect(try await open(server, signed(new)).isEmpty)
        // The public key is no secret that tokens could be signed with.
        let forged = Self.token(#"{"sub":"4711","exp":4102444800}"#) {
            Data(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: Data(old.publicKey.pemRepresentation.utf8))))
        }
        #expect(try await open(server, forged).isEmpty)
        server.save("data/packages/casino/keys/site.pem", new.publicKey.pemRepresentation)
        try await eventually("the new key") { try await open(server, signed(new))["uid"] as? String == "4711" }
        #expect(try await open(server, signed(old)).isEmpty)
        #expect(server.scriptErrors.isEmpty, "\(server.scriptErrors)")
        await server.stop()
    }

    @Test func settingsThatContradictEachOtherAreRefused() async throws {
        let cases: [(String, String?, String)] = [
            (#"{"token_key_file":"keys/none.pem"}"#, nil, "packages/casino/keys/none.pem"), (#"{"token_key_file":"keys/x.pem"}"#, Self.secret, "not both"),
            (#"{"token_login_url":"javascript:alert(1)"}"#, Self.secret, "token_login_url"), (#"{"token_frames":["a; script-src *"]}"#, Self.secret, "token_frames"),
            (#"{"platforms":["facebok"]}"#, Self.secret, "did you mean \"facebook\"?"), (#"{"fb_graph_url":"graph"}"#, Self.secret, "fb_graph_url"),
        ]
        for (settings, secret, words) in cases {
            var options = Self.options(settings: settings, secret: secret)
            options.debug = true
            let server = try await TestServer(options)
            let failure = try #require(server.reloads.texts.first { $0.hasPrefix("package casino: ") })
            #expect(failure.contains(words), "\(failure)")
            await server.stop()
        }
    }

    @Test func portalTakesTheTokenByPostAndAsksOthersToLogIn() async throws {
        let server = try await TestServer(Self.options(settings: #"{"token_login_url":"https://my.example/login?back={page}","token_frames":["https://my.example"]}"#))
        let good = Self.token(#"{"sub":"4711","name":"<b>Ann","exp":4102444800}"#)
        func post(_ token: String) async throws -> TestResponse {
            try await server.request(
                "POST", "/token/portal?site=demo", headers: [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://my.example"), ("sec-fetch-site", "cross-site")],
                body: "token=\(token)")
        }
        let page = try await post(good)
        #expect(page.status == 200 && page.text.contains("&quot;uid&quot;:&quot;4711&quot;") && !page.text.contains("<b>"))
        #expect(page["cache-control"] == "no-store")
        #expect(page["content-security-policy"]?.contains("frame-ancestors 'self' https://my.example") == true)
        #expect(try await post(good + "x").status == 403)
        let stranger = try await server.request("GET", "/token/portal?token=\(good)")
        #expect(stranger.status == 200 && stranger.text.contains(#"data-user="null""#) && stranger.text.contains("https://my.example/login?back={page}"))
        await server.stop()
    }
}
