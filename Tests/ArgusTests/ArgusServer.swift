import Crypto
import Foundation
import Logging
import LuaRuntime
import NightjarTesting
import Reload
import Store

/// A server with a copy of the shipped package, and a Twitch of the test's own.
struct ArgusServer: Sendable {
    let base: TestServer
    let twitch: FakeTwitch
    /// Nil: the system's.
    let clock: ManualClock?
    private let ownsTwitch: Bool
    var port: Int { base.port }

    struct Options: Sendable {
        /// Settings of the package, as JSON text.
        var settings: [String: String] = [:]
        /// The tests own the time; a server whose bucket is to fill by itself needs the system's.
        var ownsTime = true
        var debug = false
        /// Of a server that was stopped, to start it again; nil: a fresh one.
        var store: (any Store)?
        /// The same of its Twitch and its clock, which the test stops.
        var twitch: FakeTwitch?
        var clock: ManualClock?
        /// Where tests own the time: the server is as one that was started long ago, and has a channel's whole bucket.
        var isOld = true
    }

    static let repository = TestFolder.project(of: #filePath)
    static let publicURL = "http://argus.example"
    static let dashboardToken = "the-token-of-the-dashboard"

    init(_ options: Options) async throws {
        let clock = options.clock ?? (options.ownsTime ? ManualClock(now: 1_763_000_000_000) : nil)
        self.clock = clock
        if let shared = options.twitch { twitch = shared } else { twitch = try await FakeTwitch(clock: clock) }
        ownsTwitch = options.twitch == nil
        let folder = TestFolder()
        try folder.copy(Self.repository + "/Scripts/argus", to: "Scripts/argus")
        try folder.copy(Self.repository + "/Scripts/lib", to: "Scripts/lib")
        // They run before every load, and have passed.
        if folder.contains("Scripts/argus/spec") { folder.remove("Scripts/argus/spec") }
        var server = ServerOptions()
        // How fast a machine runs scripts is no matter of these tests.
        server.luaLimits.sliceDeadline = .seconds(1)
        server.luaLimits.loadDeadline = .seconds(1)
        server.folder = folder
        server.debug = options.debug
        var settings = [
            "auth_url": #""\#(twitch.url)""#, "api_url": #""\#(twitch.url)""#, "public_url": #""\#(Self.publicURL)""#,
            "owner_id": #""\#(FakeTwitch.ownerID)""#,
        ]
        settings.merge(options.settings) { $1 }
        server.settings["argus"] = "{\(settings.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ","))}"
        server.secrets["argus"] = [
            "client": FakeTwitch.clientSecret, "extension": FakeTwitch.extensionSecret, "dashboard": Self.dashboardToken,
        ]
        server.clock = clock
        server.store = options.store
        server.listeners = ["argus", "main"]
        server.patience = .milliseconds(500)
        server.logLevel = .debug
        let operatorDirectory = folder.path + "/data/packages"
        server.configure = { $0.operatorDirectory = operatorDirectory }
        folder.write("data/packages/.keep", "")
        base = try await TestServer(server)
        if options.isOld { clock?.advance(100_000) }
    }

    func stop() async {
        await base.stop()
        if ownsTwitch { await twitch.stop() }
    }

    // MARK: Requests

    func get(_ path: String, headers: [(String, String)] = []) async throws -> TestResponse { try await base.request("GET", path, headers: headers) }

    func post(_ path: String, _ body: String) async throws -> TestResponse {
        try await base.request("POST", path, headers: [("content-type", "application/json")], body: body)
    }

    /// A body's text, with its status if that is another than 200.
    static func words(_ response: TestResponse) -> String { response.status == 200 ? response.text : "\(response.status) \(response.text)" }

    /// What a browser does that logs somebody in; where it ends.
    func browse(state: String, claims: Bool = true) async throws -> String {
        let back = try await twitch.visit(Self.authorize(state: state, claims: claims))
        return try await comeBack(back)
    }

    /// The address at Twitch, without its host.
    static func authorize(state: String, claims: Bool = true) -> String {
        "/oauth2/authorize?response_type=code&client_id=\(FakeTwitch.clientID)&state=\(state)&redirect_uri=\(publicURL)/oauth_token&scope=openid&"
            + (claims ? "claims=%7B%22userinfo%22%3A+%7B%22picture%22%3Anull%7D%7D" : "")
    }

    /// The browser comes back from Twitch; where it is sent.
    func comeBack(_ address: String) async throws -> String {
        guard address.hasPrefix(Self.publicURL) else { return address }
        let answer = try await get(String(address.dropFirst(Self.publicURL.count)))
        return answer.status == 302 ? answer["location"] ?? "" : "status \(answer.status)"
    }

    func fetchToken(state: String, version: String? = "2") async throws -> String {
        let version = version.map { #""argusProtocolVersion":"\#($0)","# } ?? ""
        return Self.words(try await post("/get_argus_token", #"{\#(version)"state":"\#(state)"}"#))
    }

    /// Logs somebody in and gives the token.
    func login(_ id: String) async throws -> String {
        try await twitch.person(id)
        let state = UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        _ = try await browse(state: state)
        return String(try await fetchToken(state: state).prefix { $0 != "\n" })
    }

    static let nothing = [
        "boonData": "NOBOONS", "weaponData": "NOWEAPONS", "familiarData": "NOFAMILIARS", "extraData": "NOEXTRAS",
        "elementalData": "NOELEMENTS", "pinData": "NOPINS", "vowData": "NOVOWS", "arcanaData": "NOARCANA",
    ]

    func send(_ token: String, _ run: [String: String] = [:], version: String = "2") async throws -> String {
        let body: [String: Any] = ["argusProtocolVersion": version, "argusToken": token, "runData": Self.nothing.merging(run) { $1 }]
        return Self.words(try await post("/run_info", String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)))
    }

    // MARK: Viewers

    var seconds: Int64 { (clock?.now ?? Int64(Date().timeIntervalSince1970 * 1_000)) / 1_000 }

    /// What Twitch's page hands to the viewer page. Made by hand, so that it can be wrong in any way.
    func ticket(
        channel: String, head: String = #"{"alg":"HS256","typ":"JWT"}"#, exp: Int64? = nil, extra: String = "", secret: String = FakeTwitch.extensionSecret
    ) -> String { ticket(channel: channel, head: head, exp: exp, extra: extra, secret: secret, signedWith: SHA256.self) }

    func ticket<Hash: HashFunction>(
        channel: String, head: String, exp: Int64? = nil, extra: String = "", secret: String = FakeTwitch.extensionSecret, signedWith: Hash.Type
    ) -> String {
        let claims = #"{"exp":\#(exp ?? seconds + 60),"opaque_user_id":"U1","channel_id":"\#(channel)","role":"viewer"\#(extra)}"#
        let text = Self.base64(Data(head.utf8)) + "." + Self.base64(Data(claims.utf8))
        let key = SymmetricKey(data: Data(base64Encoded: secret) ?? Data())
        return text + "." + Self.base64(Data(HMAC<Hash>.authenticationCode(for: Data(text.utf8), using: key)))
    }

    private static func base64(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    func checkLogin(_ ticket: String?) async throws -> String {
        Self.words(try await get("/check_login", headers: ticket.map { [("x-extension-jwt", $0)] } ?? []))
    }

    func runData(_ ticket: String?, etag: String? = nil) async throws -> TestResponse {
        try await get(
            "/get_streamer_run_data", headers: (ticket.map { [("x-extension-jwt", $0)] } ?? []) + (etag.map { [("if-none-match", $0)] } ?? []))
    }

    func viewKey(_ token: String) async throws -> String {
        let answer = try await post("/argus/view_key", #"{"argusToken":"\#(token)"}"#)
        let object = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
        return object?["key"] as? String ?? "status \(answer.status)"
    }

    func overlay(_ channel: String, key: String) async throws -> WebSocketTestClient {
        try await base.connect("/argus/overlay/ws?channel=\(channel)&key=\(key)")
    }

    /// Calls what the package provides, as `nightjar argus` does.
    func call(_ function: String, _ question: [String: Any]) async throws -> [String: Any] {
        let text = [UInt8](try JSONSerialization.data(withJSONObject: question))
        let results = try await base.host.call(function, json: [text])
        return try results.first.flatMap { try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] } ?? [:]
    }
}

/// Messages in parts, as viewers get them.
struct Parts {
    private var parts: [String: [Int: String]] = [:]
    private(set) var violations: [String] = []

    /// - Returns: The whole, when this was the last part of it.
    mutating func add(_ text: String) -> String? {
        guard let match = text.prefixMatch(of: /\*(\d+)\*(\d+)\*(\d+)\*/), let nonce = UInt64(match.1), nonce < 1 << 32, let index = Int(match.2), let count = Int(match.3),
            index < count
        else {
            violations.append("no header: \(text.prefix(40))")
            return nil
        }
        if text.utf8.count > 5_120 { violations.append("\(text.utf8.count) bytes") }
        parts[String(match.1), default: [:]][index] = String(text[match.range.upperBound...])
        guard let all = parts[String(match.1)], all.count == count else { return nil }
        return (0..<count).map { all[$0] ?? "" }.joined()
    }
}

/// Runs a test on a server of its own; afterwards no script may have raised an error.
func withArgus(_ options: ArgusServer.Options = .init(), _ body: (ArgusServer) async throws -> Void) async throws {
    let server = try await ArgusServer(options)
    do { try await body(server) } catch {
        let log = server.base.log.all.suffix(20).map(\.description).joined(separator: "\n")
        await server.stop()
        throw Failed(error: error, log: log)
    }
    let errors = server.base.scriptErrors + server.twitch.server.scriptErrors
    await server.stop()
    if let first = errors.first { throw Failed(error: ScriptErrors(first: first), log: "\(errors.count) script errors") }
}

struct ScriptErrors: Error { var first: String }

/// What went wrong, with the end of the server's log.
struct Failed: Error, CustomStringConvertible {
    var error: any Error
    var log: String
    var description: String { "\(error)\n--- log\n\(log)" }
}
