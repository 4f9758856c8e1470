import Crypto
import Foundation
import NightjarTesting
import Testing

@Suite("Argus: who may see what", .timeLimit(.minutes(10)))
struct ViewerTests {
    private static let boons = ["boonData": "Common;;ZeusWeaponBoon Rare;;ApolloSpecialBoon", "weaponData": "Rare;;DaggerBlockAspect"]

    @Test("a viewer with the ticket of a channel sees its last run, and nobody else's")
    func showsTheChannelsRun() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let other = try await server.login("4712")
            #expect(try await server.send(token, Self.boons) == "ok")
            #expect(try await server.checkLogin(server.ticket(channel: "4711")) == "LOGIN_OK")
            #expect(try await server.checkLogin(server.ticket(channel: "4713")) == "FAIL")
            let data = try await server.runData(server.ticket(channel: "4711"))
            #expect(data.text.contains("ZeusWeaponBoon"))
            // A foreign channel's ticket shows that channel: nothing, and then its own.
            #expect(try await server.runData(server.ticket(channel: "4712")).text == "NO_DATA")
            #expect(try await server.send(other, ["boonData": "Epic;;HeraCastBoon"]) == "ok")
            let theirs = try await server.runData(server.ticket(channel: "4712")).text
            #expect(theirs.contains("HeraCastBoon") && !theirs.contains("ZeusWeaponBoon"))
        }
    }

    @Test("who has the last state already is told so; a new one is sent; after ten minutes there is none")
    func answersWithTags() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            #expect(try await server.send(token, Self.boons) == "ok")
            let ticket = server.ticket(channel: "4711", exp: server.seconds + 3_600)
            let first = try await server.runData(ticket)
            let etag = try #require(first["etag"])
            let again = try await server.runData(ticket, etag: etag)
            #expect(again.status == 304 && again.body.isEmpty)
            #expect(try await server.send(token) == "ok")
            #expect(try await server.runData(ticket, etag: etag).status == 200)
            server.clock?.advance(600_001)
            #expect(try await server.runData(ticket).text == "NO_DATA")
        }
    }

    @Test("a ticket that is not right shows nothing, and the answer does not say why")
    func refusesTickets() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            #expect(try await server.send(token, Self.boons) == "ok")
            let good = server.ticket(channel: "4711")
            let parts = good.split(separator: ".")
            let foreign = server.ticket(channel: "4712").split(separator: ".")
            let bad: [(String, String?)] = [
                ("missing", nil), ("empty", ""), ("expired", server.ticket(channel: "4711", exp: server.seconds)), ("long expired", server.ticket(channel: "4711", exp: 0)),
                ("unsigned", server.ticket(channel: "4711", head: #"{"alg":"none"}"#)), ("without signature", "\(parts[0]).\(parts[1])."),
                ("another algorithm", server.ticket(channel: "4711", head: #"{"alg":"RS256"}"#)), ("a lie about it", server.ticket(channel: "4711", head: #"{"alg":"HS512"}"#)),
                ("another key", server.ticket(channel: "4711", secret: "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=")),
                ("the key's text", server.ticket(channel: "4711", secret: Data(FakeTwitch.extensionSecret.utf8).base64EncodedString())),
                ("claims of another", "\(parts[0]).\(foreign[1]).\(parts[2])"), ("signature of another", "\(parts[0]).\(parts[1]).\(foreign[2])"),
                ("not yet good", server.ticket(channel: "4711", extra: #","nbf":\#(server.seconds + 10)"#)), ("words", "no ticket at all"),
                ("a number for a channel", server.ticket(channel: "4711", extra: #","channel_id":4711"#)), ("long", String(repeating: "a", count: 7_000)),
            ]
            for (what, ticket) in bad {
                #expect(try await server.checkLogin(ticket) == "FAIL", "\(what)")
                #expect(try await server.runData(ticket).text == "NO_DATA", "\(what)")
            }
            #expect(try await server.checkLogin(good) == "LOGIN_OK")
            let log = server.base.log.all.map(\.description).joined(separator: "\n")
            #expect(!log.contains("eyJ"))
        }
    }

    @Test("an overlay opens with the view key of its channel, shows the last state at once and every state after")
    func opensOverlays() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let key = try await server.viewKey(token)
            #expect(key.count >= 32)
            #expect(try await server.viewKey(token) == key)
            #expect(try await server.send(token, Self.boons) == "ok")
            let overlay = try await server.overlay("4711", key: key)
            var parts = Parts()
            func next() async throws -> String {
                while true { if let whole = parts.add(try await overlay.receiveText()) { return whole } }
            }
            #expect(try await next().contains("ZeusWeaponBoon"))
            server.clock?.advance(1_000)
            #expect(try await server.send(token, ["boonData": "Epic;;HeraCastBoon"]) == "ok")
            #expect(try await next().contains("HeraCastBoon"))
            #expect(parts.violations.isEmpty)
            try await overlay.close()
        }
    }

    @Test("a view key guessed ten thousand times opens nothing and leaks nothing, and the right one still opens")
    func survivesGuesses() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711"), other = try await server.login("4712")
            let key = try await server.viewKey(token), foreign = try await server.viewKey(other)
            #expect(try await server.send(token, Self.boons) == "ok")
            let near = (0..<key.count).map { index in
                var guess = Array(key)
                guess[index] = guess[index] == "0" ? "1" : "0"
                return String(guess)
            }
            let odd = ["", foreign, token, key.uppercased() == key ? "x" : key.uppercased(), key + "0", String(key.dropLast()), "%00", "*"]
            let codes = try await withThrowingTaskGroup(of: [UInt16?].self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var random = Seeded(UInt64(worker))
                        var codes: [UInt16?] = []
                        for number in stride(from: worker, to: 10_000, by: 8) {
                            let guess =
                                number < near.count ? near[number] : number < near.count + odd.count ? odd[number - near.count]
                                : String(random.next() as UInt64, radix: 16) + String(random.next() as UInt64, radix: 16)
                            let client = try await server.overlay("4711", key: guess)
                            // Whatever comes before the close would be a leak.
                            guard case .close(let code, let reason) = try await client.receive() else {
                                codes.append(nil)
                                await client.disconnect()
                                continue
                            }
                            codes.append(reason.contains(key) ? nil : code)
                            await client.disconnect()
                        }
                        return codes
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(codes.count == 10_000 && codes.allSatisfy { $0 == 4401 })
            // An unknown channel is not told apart.
            let unknown = try await server.overlay("9999", key: key)
            #expect(try await unknown.receiveClose().code == 4401)
            let log = server.base.log.all.map(\.description).joined(separator: "\n")
            #expect(!log.contains(key) && !log.contains(foreign) && !log.contains(token))
            let overlay = try await server.overlay("4711", key: key)
            #expect(try await overlay.receiveText().hasPrefix("*"))
        }
    }

    @Test("what is the operator's is shown to this machine and to who has the token")
    func guardsTheDashboard() async throws {
        try await withArgus { server async throws in
            let proxied = [("x-forwarded-for", "192.0.2.1")]
            for path in ["/dashboard_run_data", "/argus/unknown", "/argus/explain?trait=ZeusWeaponBoon"] {
                #expect(try await server.get(path).status == 200, "\(path)")
                #expect(try await server.get(path, headers: proxied).status == 401, "\(path)")
                #expect(try await server.get(path, headers: proxied + [("authorization", "Bearer wrong")]).status == 401, "\(path)")
                #expect(try await server.get(path, headers: proxied + [("authorization", "Bearer \(ArgusServer.dashboardToken)")]).status == 200, "\(path)")
            }
        }
    }

    @Test("pages of any site may ask, with the header that carries the ticket")
    func answersPreflights() async throws {
        try await withArgus { server async throws in
            let headers = [
                ("origin", "https://extension.example"), ("access-control-request-method", "GET"), ("access-control-request-headers", "x-extension-jwt"),
            ]
            let answer = try await server.base.request("OPTIONS", "/get_streamer_run_data", headers: headers)
            #expect(answer.status == 204 && answer["access-control-allow-origin"] == "*")
            #expect(answer["access-control-allow-headers"] == "x-extension-jwt" && answer["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE")
            let plain = try await server.get("/ping")
            #expect(plain.text == "pong" && plain["access-control-allow-origin"] == "*")
        }
    }

    @Test("pages of any site may read every answer but the operator's, also that there is nothing, or that the method is another")
    func letsAnybodyRead() async throws {
        try await withArgus { server async throws in
            for headers in [[], [("origin", "https://extension.example")]] {
                for (method, path, status) in [
                    ("GET", "/nothing", 404), ("HEAD", "/nothing", 404), ("POST", "/nothing/at/all", 404), ("PUT", "/nothing", 404), ("PATCH", "/nothing", 404),
                    ("DELETE", "/argus/nothing", 404), ("GET", "/argus/static/nothing.css", 404), ("GET", "/run_info", 405), ("DELETE", "/ping", 405),
                    ("POST", "/auth.css", 405), ("OPTIONS", "/nothing", 204), ("OPTIONS", "/run_info", 204), ("GET", "/auth_success.html", 200), ("GET", "/auth.css", 200),
                    ("GET", "/argus/static/css/base.css", 200), ("GET", "/argus/mapping", 200), ("GET", "/oauth_token", 302), ("GET", "/", 302),
                    ("POST", "/run_info", 200), ("POST", "/argus/view_key", 401), ("GET", "/argus/overlay/ws", 426), ("POST", "/argus/overlay/ws", 405),
                ] {
                    let answer = try await server.base.request(method, path, headers: headers)
                    #expect(answer.status == status && answer["access-control-allow-origin"] == "*", "\(method) \(path): \(answer.status)")
                }
                let long = try await server.base.request("POST", "/get_argus_token", headers: headers, body: String(repeating: " ", count: 102_401))
                #expect(long.status == 413 && long["access-control-allow-origin"] == "*")
            }
            for path in ["/dashboard_run_data", "/argus/unknown", "/argus/explain?trait=ZeusWeaponBoon"] {
                let answer = try await server.get(path, headers: [("origin", "https://extension.example")])
                #expect(answer["access-control-allow-origin"] == nil, "\(path)")
            }
            let preflight = try await server.base.request(
                "OPTIONS", "/nothing", headers: [("origin", "https://a.example"), ("access-control-request-method", "PUT"), ("access-control-request-headers", "x-odd")])
            #expect(preflight.status == 204 && preflight["access-control-allow-headers"] == "x-odd" && preflight["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE")
        }
    }

    @Test("an open dashboard is open to pages of any site, too")
    func opensTheDashboard() async throws {
        var options = ArgusServer.Options()
        options.settings = ["dashboard": #""open""#]
        try await withArgus(options) { server async throws in
            let headers = [("origin", "https://extension.example"), ("x-forwarded-for", "192.0.2.1")]
            let answer = try await server.get("/dashboard_run_data", headers: headers)
            #expect(answer.status == 200 && answer.text == "{}" && answer["access-control-allow-origin"] == "*")
            let preflight = try await server.base.request(
                "OPTIONS", "/dashboard_run_data", headers: headers + [("access-control-request-method", "GET"), ("access-control-request-headers", "x-odd")])
            #expect(preflight.status == 204 && preflight["access-control-allow-headers"] == "x-odd" && preflight["access-control-allow-origin"] == "*")
        }
    }

    @Test("a ticket may be signed with the longer digests, too")
    func takesLongerDigests() async throws {
        try await withArgus { server async throws in
            _ = try await server.login("4711")
            #expect(try await server.checkLogin(server.ticket(channel: "4711", head: #"{"alg":"HS384","typ":"JWT"}"#, signedWith: SHA384.self)) == "LOGIN_OK")
            #expect(try await server.checkLogin(server.ticket(channel: "4711", head: #"{"alg":"HS512","typ":"JWT"}"#, signedWith: SHA512.self)) == "LOGIN_OK")
            #expect(try await server.checkLogin(server.ticket(channel: "4711", head: #"{"alg":"HS512","typ":"JWT"}"#, signedWith: SHA384.self)) == "FAIL")
        }
    }

    @Test("the stand-alone app is told of its newest version, the one of the settings")
    func tellsOfTheNewestApp() async throws {
        try await withArgus { server async throws in
            let answer = try await server.get("/get_newest_app_version")
            #expect(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: String] == ["newest_version": "1.1.2", "changelog": ""])
        }
        var options = ArgusServer.Options()
        options.settings = ["app_version": #""2.0""#, "app_changelog": #""All new.""#]
        try await withArgus(options) { server async throws in
            let answer = try await server.get("/get_newest_app_version")
            #expect(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: String] == ["newest_version": "2.0", "changelog": "All new."])
        }
    }
}
