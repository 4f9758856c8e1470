import Crypto
import Foundation
import NightjarTesting

/// A Graph API of the test's own: a script on a server of the test kit, which knows one app and some people, and checks what it is asked as
/// the real one does.
struct FakeGraph: Sendable {
    let server: TestServer

    static let appID = "354159478852902"
    static let secret = "0123456789abcdef0123456789abcdef"

    private static let script = #"""
        local nightjar = require "nightjar"
        local APP, SECRET = "APP_ID", "APP_SECRET"
        -- By token: whose, of which app, until when, and what /me tells.
        local tokens = {}
        local modes, asked = {}, {}

        local function refusal(code, message)
          return { status = 400, json = { error = { message = message, type = "OAuthException", code = code } } }
        end

        local function trouble(name)
          local mode = modes[name]
          if mode == "down" then return { status = 503, body = "" } end
          if mode == "garbage" then return { body = "<html>maintenance" } end
          if mode == "hang" then nightjar.event.wait("never", 20) end
        end

        nightjar.http.get("/debug_token", function(request)
          asked[#asked + 1] = "debug_token"
          local wrong = trouble "debug_token"
          if wrong then return wrong end
          if request.query.access_token ~= APP .. "|" .. SECRET then return refusal(190, "Invalid OAuth access token signature.") end
          local known = tokens[request.query.input_token or ""]
          if not known then
            return { json = { data = { error = { code = 190, message = "Invalid OAuth access token." }, is_valid = false, scopes = nightjar.json.array() } } }
          end
          return { json = { data = {
            app_id = known.app or APP, type = "USER", application = "Bingo", is_valid = true, expires_at = known.expires or 0,
            scopes = nightjar.json.array { "public_profile" }, user_id = known.id,
          } } }
        end)

        nightjar.http.get("/me", function(request)
          asked[#asked + 1] = "me"
          local wrong = trouble "me"
          if wrong then return wrong end
          local token = request.query.access_token or ""
          local known = tokens[token]
          if not known then return refusal(190, "Invalid OAuth access token.") end
          if request.query.appsecret_proof ~= nightjar.crypto.hex(nightjar.crypto.hmac_sha256(SECRET, token)) then
            return refusal(100, "Invalid appsecret_proof provided in the API argument")
          end
          local profile = { id = known.id }
          for field in (request.query.fields or ""):gmatch("[^,]+") do profile[field] = known[field] end
          return { json = profile }
        end)

        nightjar.http.post("/test/token/:token", function(request)
          tokens[request.params.token] = nightjar.json.decode(request.body)
          return "ok"
        end)
        nightjar.http.post("/test/modes", function(request) modes = nightjar.json.decode(request.body) return "ok" end)
        nightjar.http.post("/test/release", function() modes = {} nightjar.event.notify("never") return "ok" end)
        nightjar.http.get("/test/asked", function() return table.concat(asked, " ") end)
        return {}
        """#

    init() async throws {
        let script = Self.script.replacingOccurrences(of: "APP_ID", with: Self.appID).replacingOccurrences(of: "APP_SECRET", with: Self.secret)
        server = try await TestServer(packages: ["graph": script]) { $0.logLevel = nil }
    }

    /// What `fb_graph_url` is.
    var url: String { "http://127.0.0.1:\(server.port)" }

    /// A token of a person; `person` is a JSON object with `id`, and `name`, `email`, `picture`, `app`, `expires` (seconds) as wanted.
    func token(_ token: String, _ person: String) async throws { _ = try await server.request("POST", "/test/token/\(token)", body: person) }

    /// What goes wrong, by request (`debug_token`, `me`): `down`, `garbage`, `hang`.
    func modes(_ modes: [String: String]) async throws {
        _ = try await server.request("POST", "/test/modes", body: String(decoding: try JSONEncoder().encode(modes), as: UTF8.self))
    }

    /// Ends what hangs, and all trouble.
    func release() async throws { _ = try await server.request("POST", "/test/release", body: "{}") }

    /// The requests there were, in their order.
    var asked: String { get async throws { try await server.get("/test/asked") } }

    /// What Facebook posts to the app's page, signed with the app's secret or another one.
    static func signedRequest(_ payload: String, secret: String = secret) -> String {
        func base64(_ data: Data) -> String {
            data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }
        let text = base64(Data(payload.utf8))
        return base64(Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(secret.utf8))))) + "." + text
    }
}

extension ServerOptions {
    /// A casino whose players come from this Facebook.
    static func casino(_ graph: FakeGraph, settings: String = "") -> ServerOptions {
        var options = ServerOptions.casino()
        options.settings["casino"] = #"{"fb_app_id":"\#(FakeGraph.appID)","fb_graph_url":"\#(graph.url)/"\#(settings)}"#
        options.secrets["casino"] = ["fb_app_secret": FakeGraph.secret]
        return options
    }
}
