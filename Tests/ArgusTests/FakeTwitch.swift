import Foundation
import NightjarTesting

/// A Twitch of the test's own: a script on a server of the test kit. It logs people in, knows their names, and takes messages for
/// viewers as the real one does: signed, not too long, and no faster than its bucket fills.
///
/// It checks signatures by itself, from the digest on, so that what signs is not also what verifies.
struct FakeTwitch: Sendable {
    let server: TestServer

    static let clientID = "sl19e3aebmadlewzt7mxfv3j3llwwv"
    static let clientSecret = "the-client-secret-of-the-test"
    /// Base64 of 32 bytes.
    static let extensionSecret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    static let ownerID = "91943834"

    private static let script = #"""
        local nightjar = require "nightjar"
        local M = {}

        local CLIENT, SECRET, OWNER = "CLIENT_ID", "CLIENT_SECRET", "OWNER_ID"
        local KEY = nightjar.crypto.unbase64 "EXTENSION_SECRET"

        -- Who sits at the browser, and what goes wrong: modes by request; the last one stays.
        local person = { sub = "4711", picture = "https://pictures.example/4711.png", name = "Some_One" }
        local modes = {}
        local codes, access, issued = {}, {}, 0
        local app_tokens, app_count = {}, 0
        local messages, buckets, refused, held = {}, {}, {}, false
        local asked = {}

        local function mode(name)
          local list = modes[name] or { "right" }
          return #list > 1 and table.remove(list, 1) or list[1]
        end

        local function unescaped(text)
          return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
        end
        local function form(text)
          local fields = {}
          for name, value in text:gmatch("([^&=]+)=([^&]*)") do fields[unescaped(name)] = unescaped(value) end
          return fields
        end
        local function trouble(name)
          local now = mode(name)
          if now == "down" then return { status = 503, body = "out of order" } end
          if now == "garbage" then return { body = "<html>maintenance" } end
          if now == "empty" then return { json = nightjar.json.decode "{}" } end
          if now == "refuse" then return { status = 400, json = { status = 400, message = "no" } } end
        end

        -- What is said of a person, or what goes wrong with it.
        local function identity(login, now)
          local claims = { aud = CLIENT, iss = "https://id.twitch.tv/oauth2", sub = login.person.sub, picture = login.picture and login.person.picture or nil }
          if now == "foreign_aud" then claims.aud = "another" end
          if now == "foreign_iss" then claims.iss = "https://id.evil.example/oauth2" end
          if now == "foreign_sub" then claims.sub = "666" end
          if now == "odd_picture" then claims.picture = { 7 } end
          return claims
        end

        nightjar.http.get("/oauth2/authorize", function(request)
          local q = request.query
          if q.response_type ~= "code" or q.client_id ~= CLIENT or q.scope ~= "openid" then return { status = 400, body = "bad request" } end
          if mode "person" == "refuses" then
            return { status = 302, headers = { location = q.redirect_uri .. "?error=access_denied&error_description=no&state=" .. q.state }, body = "" }
          end
          issued = issued + 1
          local code = "code-" .. nightjar.crypto.hex(nightjar.random.bytes(12))
          codes[code] = { person = person, redirect = q.redirect_uri, picture = q.claims ~= nil }
          return { status = 302, headers = { location = q.redirect_uri .. "?code=" .. code .. "&scope=openid&state=" .. q.state }, body = "" }
        end)

        nightjar.http.post("/oauth2/token", function(request)
          local fields = form(request.body)
          asked[#asked + 1] = "token " .. tostring(fields.grant_type)
          local wrong = trouble "token"
          if wrong then return wrong end
          if fields.client_id ~= CLIENT or fields.client_secret ~= SECRET then
            return { status = 403, json = { status = 403, message = "invalid client secret" } }
          end
          if fields.grant_type == "client_credentials" then
            app_count = app_count + 1
            local token = "app-" .. nightjar.crypto.hex(nightjar.random.bytes(12))
            app_tokens[token] = true
            return { json = { access_token = token, expires_in = 5000000, token_type = "bearer" } }
          end
          local login = codes[fields.code]
          codes[fields.code or ""] = nil -- one use
          if not login or login.redirect ~= fields.redirect_uri then
            return { status = 400, json = { status = 400, message = "Invalid authorization code " .. tostring(fields.code) } }
          end
          local token = "user-" .. nightjar.crypto.hex(nightjar.random.bytes(12))
          access[token] = login
          local claims = identity(login, mode "id_token")
          local id_token = nightjar.crypto.base64url '{"alg":"RS256"}' .. "." .. nightjar.crypto.base64url(nightjar.json.encode(claims)) .. ".c2ln"
          return { json = { access_token = token, expires_in = 14000, id_token = id_token, refresh_token = "refresh", scope = { "openid" }, token_type = "bearer" } }
        end)

        nightjar.http.get("/oauth2/userinfo", function(request)
          asked[#asked + 1] = "userinfo"
          local wrong = trouble "userinfo"
          if wrong then return wrong end
          local login = access[(request:header("authorization") or ""):match("^Bearer (.*)$") or ""]
          if not login then return { status = 401, json = { status = 401, message = "invalid token" } } end
          return { json = identity(login, mode "identity") }
        end)

        nightjar.http.get("/helix/users", function(request)
          asked[#asked + 1] = "users " .. tostring(request.query.id)
          local wrong = trouble "users"
          if wrong then return wrong end
          local token = (request:header("authorization") or ""):match("^Bearer (.*)$") or ""
          if not app_tokens[token] or request:header("client-id") ~= CLIENT then return { status = 401, body = "" } end
          return { json = { data = { { id = request.query.id, display_name = "Name_" .. request.query.id } } } }
        end)

        -- Why a ticket is not right; nil: it is.
        local function mistake(ticket, channel)
          local head, claims, signature = ticket:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
          if not head then return "no ticket" end
          local alg = nightjar.json.decode(nightjar.crypto.unbase64(head)).alg
          if alg ~= "HS256" then return "algorithm" end
          if nightjar.crypto.base64url(nightjar.crypto.hmac_sha256(KEY, head .. "." .. claims)) ~= signature then return "signature" end
          claims = nightjar.json.decode(nightjar.crypto.unbase64(claims))
          local seconds = nightjar.now() // 1000
          if math.type(claims.exp) ~= "integer" or claims.exp <= seconds or claims.exp > seconds + 60 then return "exp" end
          if math.type(claims.iat) ~= "integer" or claims.iat > seconds then return "iat" end
          if claims.user_id ~= OWNER then return "user_id" end
          if claims.channel_id ~= channel then return "channel" end
          if claims.role ~= "external" or claims.pubsub_perms.send[1] ~= "broadcast" then return "role" end
        end

        local function take(channel)
          local now = nightjar.now()
          local bucket = buckets[channel] or { tokens = 100, at = now }
          bucket.tokens = math.min(100, bucket.tokens + (now - bucket.at) / 1000)
          bucket.at = now
          buckets[channel] = bucket
          if bucket.tokens < 1 then return nil end
          bucket.tokens = bucket.tokens - 1
          return math.floor(bucket.tokens)
        end

        nightjar.http.post("/helix/extensions/pubsub", function(request)
          local body = nightjar.json.decode(request.body)
          local channel = body.broadcaster_id
          local function refuse(status, why)
            refused[#refused + 1] = { status = status, why = why, channel = channel }
            return { status = status, json = { message = why } }
          end
          if held then nightjar.event.wait("go", 25) end
          local wrong = trouble "pubsub"
          if wrong then return wrong end
          if request:header("client-id") ~= CLIENT then return refuse(401, "client") end
          local why = mistake((request:header("authorization") or ""):match("^Bearer (.*)$") or "", channel)
          if why then return refuse(401, why) end
          if #body.message > 5120 then return refuse(422, "too long") end
          if not body.target or body.target[1] ~= "broadcast" then return refuse(400, "target") end
          local left = take(channel)
          if not left then return refuse(429, "bucket") end
          messages[#messages + 1] = { channel = channel, text = body.message, at = nightjar.now() }
          return { status = 204, headers = { ["ratelimit-remaining"] = tostring(left) }, body = "" }
        end, { max_body = 65536 })

        -- What tests say and ask.
        nightjar.http.post("/test/person", function(request) person = nightjar.json.decode(request.body) return "ok" end)
        nightjar.http.post("/test/modes", function(request) modes = nightjar.json.decode(request.body) return "ok" end)
        nightjar.http.post("/test/hold", function() held = true return "ok" end)
        nightjar.http.post("/test/go", function() held = false nightjar.event.notify "go" return "ok" end)
        nightjar.http.post("/test/forget", function() app_tokens = {} return "ok" end)
        nightjar.http.get("/test/state", function()
          return { json = {
            messages = nightjar.json.array(messages), refused = nightjar.json.array(refused), asked = nightjar.json.array(asked),
            app_tokens = app_count,
          } }
        end)
        return M
        """#

    init(clock: ManualClock?) async throws {
        var script = Self.script
        for (name, value) in [
            ("CLIENT_ID", Self.clientID), ("CLIENT_SECRET", Self.clientSecret), ("OWNER_ID", Self.ownerID), ("EXTENSION_SECRET", Self.extensionSecret),
        ] { script = script.replacingOccurrences(of: "\"\(name)\"", with: "\"\(value)\"") }
        server = try await TestServer(packages: ["twitch": script]) {
            $0.logLevel = nil
            $0.clock = clock
        }
    }

    /// What `ARGUS_TWITCH_AUTH_URL` and `ARGUS_TWITCH_API_URL` are.
    var url: String { "http://127.0.0.1:\(server.port)" }

    struct Message: Decodable, Sendable {
        var channel: String
        var text: String
        var at: Int64
    }

    struct Refusal: Decodable, Sendable {
        var status: Int
        var why: String
        var channel: String?
    }

    struct State: Decodable, Sendable {
        var messages: [Message]
        var refused: [Refusal]
        /// Requests for tokens, identities and names, in their order.
        var asked: [String]
        var app_tokens: Int
    }

    func state() async throws -> State {
        try JSONDecoder().decode(State.self, from: Data(try await server.get("/test/state").utf8))
    }

    /// Who logs in next.
    func person(_ id: String) async throws {
        _ = try await server.request("POST", "/test/person", body: #"{"sub":"\#(id)","picture":"https://pictures.example/\#(id).png"}"#)
    }

    /// What goes wrong, by request (`person`, `token`, `userinfo`, `users`, `pubsub`): `refuses`, `down`, `garbage`, `empty`, `refuse`; with `id_token` and
    /// `identity` (what `userinfo` says) `foreign_aud`, `foreign_iss`, `foreign_sub`, `odd_picture`.
    func modes(_ modes: [String: [String]]) async throws {
        _ = try await server.request("POST", "/test/modes", body: String(decoding: try JSONEncoder().encode(modes), as: UTF8.self))
    }

    /// Messages for viewers are not answered until `go`.
    func hold() async throws { _ = try await server.request("POST", "/test/hold", body: "") }
    func go() async throws { _ = try await server.request("POST", "/test/go", body: "") }
    /// The service's own tokens are good no more.
    func forgetAppTokens() async throws { _ = try await server.request("POST", "/test/forget", body: "") }

    /// What a browser does that is sent here: follows one redirect, and tells where it led.
    func visit(_ path: String) async throws -> String {
        let answer = try await server.request("GET", path)
        return answer["location"] ?? "status \(answer.status)"
    }

    func stop() async { await server.stop() }
}
