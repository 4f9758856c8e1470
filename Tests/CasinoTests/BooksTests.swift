import Foundation
import NightjarTesting
import Store
import Testing

/// The shipped back office by itself: what it takes, what it keeps, what it shows.
@Suite(.timeLimit(.minutes(2))) struct BooksTests {
    private func post(_ office: BackOfficeServer, _ path: String, _ body: String, token: String? = nil) async throws -> TestResponse {
        try await office.server.request("POST", "/rgs-api/" + path, headers: token.map { [("authorization", "Bearer \($0)")] } ?? [], body: body)
    }

    /// A report of a round that cost 4 and paid `win`.
    private func round(_ id: String, win: Int = 0, more: String = "") -> String {
        let won = win > 0 ? #",{"type":"win","amount":\#(win)}"# : ""
        return #"""
            {"round_id":"\#(id)","site":"demo","game":"dice","denom":"CRE","started":1000,"ended":\#(2_000 + (Int(id) ?? 0)),
            "ops":[{"type":"bet","amount":4}\#(won)],"total_in":4,"total_out":\#(win),"balance":100\#(more)}
            """#
    }

    @Test func aRoundIsKeptOnceHoweverOftenItIsTold() async throws {
        let office = try await BackOfficeServer()
        #expect(try await post(office, "rounds", round("1", win: 6)).status == 204)
        #expect(try await post(office, "rounds", round("1", win: 6)).status == 204)
        let other = try await post(office, "rounds", round("1", win: 7))
        #expect(other.status == 409 && other.text.contains("different"))
        let totals = try #require(try await office.totals("dice"))
        #expect(totals["rounds"] as? Int == 1 && totals["total_in"] as? Int == 4 && totals["total_out"] as? Int == 6)
        let kept = try await office.book("rounds/1")
        #expect((kept["ops"] as? [[String: Any]])?.compactMap { $0["type"] as? String } == ["bet", "win"])
        await office.stop()
    }

    /// Many servers at once, each telling everything twice: the totals are those of the rounds.
    @Test func totalsAreThoseOfTheRounds() async throws {
        let office = try await BackOfficeServer()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<16 {
                group.addTask {
                    let client = try await HTTPTestClient.connect(port: office.server.port)
                    for index in 0..<20 {
                        let id = lane / 2 * 20 + index
                        let answer = try await client.request("POST", "/rgs-api/rounds", body: Array(round("\(id)", win: id % 7).utf8))
                        #expect(answer.status == 204, "\(answer.text)")
                    }
                    await client.connection.close()
                }
            }
            try await group.waitForAll()
        }
        let totals = try #require(try await office.totals("dice"))
        #expect(totals["rounds"] as? Int == 160)
        #expect(totals["total_in"] as? Int == 640)
        #expect(totals["total_out"] as? Int == (0..<160).reduce(0) { $0 + $1 % 7 })
        // They survive a reload of the scripts.
        #expect(try await office.server.reload(["backoffice"]) == ["package backoffice: loaded"])
        #expect(try await post(office, "rounds", round("500")).status == 204)
        #expect(try await office.rounds("dice") == 161)
        await office.stop()
    }

    @Test func roundsAreFoundByPlayerOutcomeMarkAndGame() async throws {
        let office = try await BackOfficeServer()
        let answer = try await post(office, "sessions", #"{"platform":"demo","site":"demo","user":{"id":"g","uid":"ann","name":"Ann"}}"#)
        let session = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        #expect((session["site"] as? [String: Any])?["id"] as? String == "demo")
        let (id, player) = (session["session_id"] as? String ?? "", session["player_id"] as? String ?? "")
        _ = try await post(office, "rounds", round("1", more: #","session_id":"\#(id)""#))
        _ = try await post(office, "rounds", round("2", more: #","outcome":"expired","marks":["free_spins","max_win"]"#))
        _ = try await post(office, "rounds", round("3", more: #","outcome":"settled","marks":["free_spins"]"#))
        func found(_ query: String) async throws -> [String] { try await office.rows("rounds?" + query).compactMap { $0["round_id"] as? String } }
        #expect(try await found("") == ["3", "2", "1"])
        #expect(try await found("player=\(player)") == ["1"])
        #expect(try await found("outcome=expired") == ["2"])
        #expect(try await found("outcome=settled") == ["3", "1"])
        #expect(try await found("mark=free_spins") == ["3", "2"])
        #expect(try await found("game=demo/dice").count == 3)
        #expect(try await found("game=demo/other").isEmpty)
        for (text, kind) in [("2", "round"), ("ann", "player"), (player, "player")] {
            #expect(try await office.book("find?text=\(text)")["kind"] as? String == kind)
        }
        #expect(try await office.book("find?text=nobody")["status"] as? Int == 404)
        // A session ends once; again it is nothing, and an unknown one is none.
        for status in [204, 204] { #expect(try await office.server.request("DELETE", "/rgs-api/sessions/\(id)").status == status) }
        #expect(try await office.server.request("DELETE", "/rgs-api/sessions/none").status == 404)
        #expect(try await post(office, "rounds", round("4", more: #","session_id":"none""#)).status == 404)
        await office.stop()
    }

    @Test(arguments: [
        #"[]"#, "x", #"{"round_id":1}"#, #"{"round_id":"a","site":"s","game":"g","denom":"CRE","started":1,"ended":2,"ops":[{"type":"bet","amount":4}],"total_in":5,"total_out":0,"balance":1}"#,
        #"{"round_id":"a","site":"s","game":"g","denom":"CRE","started":1,"ended":2,"ops":[{"type":"bet","amount":-4}],"total_in":-4,"total_out":0,"balance":1}"#,
        #"{"round_id":"a","site":"s","game":"g","denom":"CRE","started":1,"ended":2,"ops":[{"type":"bet","amount":1.5}],"total_in":1.5,"total_out":0,"balance":1}"#,
        #"{"round_id":"a","site":"s","game":"g","denom":"CRE","started":1,"ended":2,"ops":[],"total_in":0,"total_out":0,"balance":1,"marks":[1]}"#,
        #"{"round_id":"a","site":"s","game":"g","denom":"CRE","started":1,"ended":2,"ops":[],"total_in":0,"total_out":0,"balance":1,"declared_return":"x"}"#,
    ])
    func whatIsNoReportIsRefused(_ body: String) async throws {
        let office = try await BackOfficeServer()
        #expect(try await post(office, "rounds", body).status == 400)
        #expect(try await office.rows("rounds").isEmpty)
        await office.stop()
    }

    private func begin(_ office: BackOfficeServer, _ uid: String = "ann") async throws -> (status: Int, player: String) {
        let answer = try await post(office, "sessions", #"{"platform":"demo","site":"demo","user":{"uid":"\#(uid)"}}"#)
        let object = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return (answer.status, object?["player_id"] as? String ?? "")
    }

    private func block(_ office: BackOfficeServer, _ player: String, _ blocked: Bool = true) async throws -> Int {
        try await office.server.request("POST", "/books/players/\(player)/blocked", body: #"{"blocked":\#(blocked)}"#).status
    }

    /// A store that does not answer has not said that somebody is not known: he is no new player, and not let in if he is blocked.
    @Test func whoCannotBeReadIsNoStranger() async throws {
        let office = try await BackOfficeServer()
        let player = try await begin(office).player
        /// Lets each call of the store that `request` makes fail in turn; the answers, until nothing has failed any more.
        func statuses(_ request: () async throws -> Int) async throws -> [Int] {
            var all: [Int] = []
            for place in 1...20 {
                let before = office.faults.count(.call)
                office.faults.fail(.call, at: place)
                all.append(try await request())
                office.faults.clear()
                if office.faults.count(.call) - before < place { break }
            }
            return all
        }
        let starts = try await statuses { try await begin(office).status }
        #expect(starts == Array(repeating: 503, count: starts.count - 1) + [200] && starts.count > 3)
        let news = try await statuses { try await post(office, "players/\(player)", #"{"credits":5,"denom":"CRE"}"#).status }
        #expect(news == [503, 503, 204])
        let blocks = try await statuses { try await block(office, player) }
        #expect(blocks == [503, 503, 200])
        let refused = try await statuses { try await begin(office).status }
        #expect(refused == [503, 503, 403])
        for path in ["players/\(player)", "find?text=ann"] {
            let looks = try await statuses { try await office.server.request("GET", "/books/" + path).status }
            #expect(looks.last == 200 && !looks.contains(404), "\(path): \(looks)")
        }
        #expect(try await office.rows("players").map { $0["id"] as? String } == [player])
        await office.stop()
    }

    /// What many tell of one player at once is all taken, and nobody who is blocked meanwhile is let in by it.
    @Test func reportsOfOnePlayerDoNotMeet() async throws {
        let office = try await BackOfficeServer()
        let player = try await begin(office).player
        for turn in 0..<20 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for at in 1...8 {
                    group.addTask {
                        let news = #"{"credits":\#(at),"denom":"D\#(at)","at":\#(turn)}"#
                        let status = try await post(office, "players/\(player)", news).status
                        #expect(status == 204)
                    }
                }
                group.addTask {
                    let status = try await begin(office).status
                    #expect([200, 403].contains(status))
                }
                group.addTask {
                    let status = try await block(office, player)
                    #expect(status == 200)
                }
                try await group.waitForAll()
            }
            let shown = try await office.book("players/\(player)")
            #expect(shown["blocked"] as? Bool == true)
            #expect((shown["accounts"] as? [String: Any])?.count == 8)
            #expect(try await begin(office).status == 403)
            #expect(try await block(office, player, false) == 200)
        }
        await office.stop()
    }

    @Test func newsThatAreOlderChangeNothing() async throws {
        let office = try await BackOfficeServer()
        let answer = try await post(office, "sessions", #"{"platform":"demo","site":"demo","user":{"uid":"ann"}}"#)
        let player = try #require((try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])?["player_id"] as? String)
        for (credits, at) in [(10, 500), (20, 900), (30, 700)] {
            #expect(try await post(office, "players/\(player)", #"{"credits":\#(credits),"denom":"CRE","soc_level":2,"at":\#(at)}"#).status == 204)
        }
        let shown = try await office.book("players/\(player)")
        #expect(((shown["accounts"] as? [String: Any])?["CRE"] as? [String: Any])?["credits"] as? Int == 20)
        #expect(try await post(office, "players/nobody", #"{"credits":1,"denom":"CRE"}"#).status == 404)
        #expect(try await post(office, "players/\(player)", #"{"credits":-1,"denom":"CRE"}"#).status == 400)
        await office.stop()
    }

    /// The measured return with its interval, and what it says against the declared one.
    @Test func returnsAreMeasuredAgainstWhatIsDeclared() async throws {
        let office = try await BackOfficeServer()
        #expect(try await post(office, "rounds", round("1", win: 8, more: #","declared_return":0.9"#)).status == 204)
        #expect(try await office.totals("dice")?["verdict"] as? String == "few")
        let client = try await HTTPTestClient.connect(port: office.server.port)
        // Half of the rounds pay 8: the return is 1, ± 1.96 / √n.
        for id in 2...1_000 {
            let answer = try await client.request("POST", "/rgs-api/rounds", body: Array(round("\(id)", win: id % 2 == 1 ? 8 : 0, more: #","declared_return":0.9"#).utf8))
            #expect(answer.status == 204)
        }
        await client.connection.close()
        let totals = try #require(try await office.totals("dice"))
        let (measured, low, high) = (totals["measured"] as? Double ?? 0, totals["low"] as? Double ?? 0, totals["high"] as? Double ?? 0)
        #expect(abs(measured - 1) < 0.000001 && abs(low - 0.93802) < 0.0001 && abs(high - 1.06198) < 0.0001)
        #expect(totals["verdict"] as? String == "above")
        _ = try await post(office, "rounds", round("5000", win: 8, more: #","declared_return":[0.9,0.95]"#))
        #expect(try await office.totals("dice")?["verdict"] as? String == "fits")
        await office.stop()
    }

    /// What the casino sends is signed with its secret, and taken by a back office that has the same one.
    @Test func theCasinoShowsATokenThatOnlyItsBackOfficeTakes() async throws {
        let project = TestFolder.project(of: #filePath), secret = "a secret of sixteen bytes"
        var options = ServerOptions()
        for name in ["Scripts/backoffice", "Scripts/lib"] { options.copies[name] = project + "/" + name }
        options.listeners = ["backoffice"]
        options.secrets["backoffice"] = ["rgs": secret]
        try await withTestServer(options) { office in
            for (index, given) in [secret, nil, "another secret of some bytes"].enumerated() {
                var casino = ServerOptions.casino()
                casino.debug = false
                casino.settings["casino"] = #"{"rgs_base":"http://127.0.0.1:\#(office.port)/rgs-api/"}"#
                casino.files["Scripts/casino/sites/demo.json"] = #"{"id":"demo","games":{}}"#
                if let given { casino.secrets["casino"] = ["rgs": given] }
                let server = try await TestServer(casino)
                // A site of a file goes on without its back office.
                _ = try server.session("player\(index)")
                let known = try await office.request("GET", "/books/find?text=player\(index)")
                #expect(known.status == (given == secret ? 200 : 404), "\(given ?? "none"): \(known.text)")
                await server.stop()
            }
        }
    }

    /// With a secret only servers report that have it; the page is for this machine, or for who has the token.
    @Test func strangersNeitherReportNorLook() async throws {
        let project = TestFolder.project(of: #filePath)
        var options = ServerOptions()
        for name in ["Scripts/backoffice", "Scripts/lib"] { options.copies[name] = project + "/" + name }
        options.listeners = ["backoffice", "main"]
        options.secrets["backoffice"] = ["rgs": "a secret of sixteen bytes", "token": "seen"]
        options.packages["signer"] = """
            local nightjar = require "nightjar"
            local function sign(secret) return nightjar.auth.sign_jwt({ iss = "nightjar", exp = nightjar.now() // 1000 + 60 }, { secret = secret }) end
            nightjar.http.get("/sign/:secret", function(request) return sign(request.params.secret) end)
            return {}
            """
        options.secrets["signer"] = ["right": "a secret of sixteen bytes", "wrong": "another secret of some bytes"]
        try await withTestServer(options) { server in
            func report(_ secret: String?) async throws -> Int {
                var headers: [(String, String)] = []
                if let secret {
                    let token = try await HTTPTestClient.request(port: server.ports["main"]!, "GET", "/sign/\(secret)").text
                    headers = [("authorization", "Bearer \(token)")]
                }
                return try await server.request("POST", "/rgs-api/rounds", headers: headers, body: round("1")).status
            }
            let unsigned = try await report(nil)
            #expect(unsigned == 401)
            #expect(try await report("wrong") == 401)
            #expect(try await report("right") == 204)
            // What has come through a proxy is not from here.
            let proxied = [("x-forwarded-for", "192.0.2.7")]
            #expect(try await server.request("GET", "/books/overview", headers: proxied).status == 401)
            #expect(try await server.request("GET", "/books/overview", headers: proxied + [("authorization", "Bearer seen")]).status == 200)
            #expect(try await server.request("GET", "/books/overview").status == 200)
            #expect(try await server.request("GET", "/").text.contains("<title>Back office"))
        }
    }
}
