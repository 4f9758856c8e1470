import Foundation
import NightjarTesting
import Testing

@testable import Games

/// Platforms: what their files tell the server. What a platform may say is tested in `Scripts/casino/spec/platforms_spec.lua`.
@Suite(.serialized, .timeLimit(.minutes(1))) struct PlatformTests {
    private func opened(_ text: String) -> OpenedSession? { Array(text.utf8).withUnsafeBytes { OpenedSession($0) } }

    @Test func walletAndComponentsComeWithTheUser() throws {
        let session = try #require(opened(#"{"uid":"u","profile":{"name":"U"},"wallet":"remote","components":["jackpot","userdata"]}"#))
        #expect(session == OpenedSession(uid: "u", profile: #"{"name":"U"}"#, wallet: .remote, components: ["jackpot", "userdata"]))
        #expect(opened(#"{"uid":"u","wallet":"memory","components":[]}"#)?.profile == "{}")
    }

    @Test(arguments: [
        "[]", "{}", #"{"uid":"u","components":[]}"#, #"{"uid":"u","wallet":"purse","components":[]}"#, #"{"uid":"u","wallet":"stored"}"#,
        #"{"uid":"u","wallet":"stored","components":{}}"#, #"{"uid":"u","wallet":"stored","components":[1]}"#,
        #"{"uid":"","wallet":"stored","components":[]}"#, #"{"uid":"\u0000","wallet":"stored","components":[]}"#,
        "{\"uid\":\"\(String(repeating: "u", count: 257))\",\"wallet\":\"stored\",\"components\":[]}",
        "{\"uid\":\"u\",\"profile\":{\"x\":\"\(String(repeating: "x", count: 16_384))\"},\"wallet\":\"stored\",\"components\":[]}",
    ])
    func answerThatCannotBeUsedIsNoUser(_ text: String) { #expect(opened(text) == nil) }

    /// A platform is a file: it comes with its page when it is saved, and a mistake in it changes nothing.
    @Test func aNewFileIsANewPlatform() async throws {
        let server = try await TestServer(.casino())
        let early = try server.session()
        try early.send(#"{"auth":{"uid":"ann"},"platform":"club","site":"demo"}"#)
        #expect(try early.error() == "unknown_platform")
        #expect(try await WireSession.waitForClose(early) == SessionCloseCode.refused)

        server.save("Scripts/casino/platforms/club.lua", #"""
            return {
              authenticate = function(credentials)
                if credentials.token ~= "member" then return nil, "no member" end
                return { uid = credentials.uid, profile = {} }
              end,
              portal = {},
            }
            """#)
        #expect(try await server.casinoReload() == nil)
        let member = try server.session()
        try member.send(#"{"auth":{"uid":"ann","token":"member"},"platform":"club","site":"demo"}"#)
        try member.state()
        #expect(member.credits == 1000)
        let stranger = try server.session()
        try stranger.send(#"{"auth":{"uid":"ann","token":"guess"},"platform":"club","site":"demo"}"#)
        let refused = try stranger.receive()
        #expect(refused["code"] as? String == "auth_failed" && refused["message"] as? String == "the platform does not know the user")
        let page = try await HTTPTestClient.request(port: server.port, "GET", "/club/portal")
        #expect(page.status == 200 && page.text.contains(#"data-platform="club""#))

        server.save("Scripts/casino/platforms/club.lua", "return { authenticate = function() end, walet = 'stored' }")
        let failed = try #require(try await server.casinoReload())
        #expect("\(failed)".contains(#"platforms/club.lua:1: unknown member "walet"; did you mean "wallet"?"#), "\(failed)")
        let other = try server.session()
        try other.send(#"{"auth":{"uid":"bob","token":"member"},"platform":"club","site":"demo"}"#)
        try other.state()
        await server.stop()
    }

    /// Whoever has platforms of his own may delete the demo: sites that name it are told, with those that there are; without them it is
    /// simply not there, and the first page is another platform's.
    @Test func theDemoMayBeDeleted() async throws {
        var options = ServerOptions.casino()
        options.files["Scripts/casino/platforms/club.lua"] = """
            return { portal = {}, authenticate = function(credentials) return { uid = credentials.uid, profile = {} } end }
            """
        let server = try await TestServer(options)
        #expect(try await server.get("/").contains(#"data-platform="demo""#))
        server.folder.remove("Scripts/casino/platforms/demo.lua")
        let refused = "\(try #require(try await server.casinoReload()))"
        #expect(refused.contains(#"sites/demo.json:3: there is no platform "demo", there are club, facebook, nobody, token (and 1 more"#), "\(refused)")

        server.folder.remove("Scripts/casino/sites/night.json")
        server.save("Scripts/casino/sites/demo.json", #"{"id":"demo","games":{"joker_bingo":{}}}"#)
        #expect(try await server.casinoReload() == nil)
        #expect(try await server.get("/").contains(#"data-platform="club""#))
        let guest = try server.session()
        try guest.send(#"{"auth":{"uid":"ann"},"platform":"demo","site":"demo"}"#)
        #expect(try guest.error() == "unknown_platform")
        let member = try server.session()
        try member.start("ann", platform: "club")
        #expect(member.credits == 1_000)
        await server.stop()
    }

    @Test func aPlatformThatIsNotSetUpTakesNobody() async throws {
        var options = ServerOptions.casino()
        options.files["Scripts/casino/platforms/later.lua"] = #"""
            return {
              off = "later needs a key",
              authenticate = function() error("asked") end,
              portal = {},
            }
            """#
        let server = try await TestServer(options)
        let session = try server.session()
        try session.send(#"{"auth":{"uid":"ann"},"platform":"later","site":"demo"}"#)
        #expect(try session.error() == "unknown_platform")
        #expect(try await server.get("/later/portal").hasPrefix("404 "))
        await server.stop()
    }

    // MARK: What docs/casino.md says

    private static func page() throws -> String {
        try String(contentsOfFile: TestFolder.project(of: #filePath) + "/docs/casino.md", encoding: .utf8)
    }

    @Test func thePagesPlatformLetsInWhoKnowsTheWord() async throws {
        let text = try Self.page()
        let platform = try #require(text.components(separatedBy: "```lua\n").last?.components(separatedBy: "\n```").first)
        var options = ServerOptions.casino()
        options.files["Scripts/casino/platforms/night.lua"] = platform
        options.secrets["casino"] = ["word": "sesame"]
        let server = try await TestServer(options)
        let session = try server.session()
        try session.send(#"{"auth":{"uid":"ann","token":"sesame"},"platform":"night","site":"demo"}"#)
        try session.state()
        let stranger = try server.session()
        try stranger.send(#"{"auth":{"uid":"ann","token":"guess"},"platform":"night","site":"demo"}"#)
        #expect(try stranger.error() == "auth_failed")
        #expect(try await server.get("/night/portal").contains(#"data-platform="night""#))
        await server.stop()
    }

    /// The token that the page makes by hand opens a session.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func thePagesTokenIsGood() async throws {
        let text = try Self.page()
        let from = try #require(text.range(of: "    b64() {"))
        let script = text[from.lowerBound...].prefix { $0 != "#" } + text[from.lowerBound...].drop { $0 != "#" }.prefix(while: { $0 != "\n" })
        let printed = try EndedProcess.run(URL(fileURLWithPath: "/bin/bash"), ["-c", String(script)]).output
        let token = try #require(printed.split(separator: "#token=").last?.trimmingCharacters(in: .whitespacesAndNewlines))
        var options = ServerOptions.casino()
        options.secrets["casino"] = ["token_secret": "0123456789abcdef"]
        let server = try await TestServer(options)
        let session = try server.session()
        try session.send(#"{"auth":{"token":"\#(token)"},"platform":"token","site":"demo"}"#)
        try session.state()
        await server.stop()
    }

    @Test func everySettingAndEveryPlatformStandsOnThePage() throws {
        let text = try Self.page()
        let project = TestFolder.project(of: #filePath)
        let settings = try String(contentsOfFile: project + "/Scripts/casino/settings.lua", encoding: .utf8)
        let names = settings.matches(of: #/\n  ([a-z_]+) = /#).map { String($0.1) }
        #expect(names.count >= 10 && names.contains("fb_app_id"))
        for name in names { #expect(text.contains("`\(name)`"), "\(name)") }
        for file in try FileManager.default.contentsOfDirectory(atPath: project + "/Scripts/casino/platforms") {
            #expect(text.contains("| `\(file.dropLast(4))` |"), "\(file)")
        }
    }
}
