import Foundation
import NightjarTesting
import Store
import Testing

@testable import Games

/// A level that must be won by a certain value is committed to before anybody can play for it, and everybody can know to what.
@Suite(.serialized, .timeLimit(.minutes(2))) struct JackpotCommitmentTests {
    private static let path = "Scripts/casino/sites/pots.json"

    private static func options() -> ServerOptions {
        var options = ServerOptions.casino()
        options.files.merge(JackpotWireTests.files) { _, new in new }
        options.files["Scripts/casino/platforms/club.lua"] = """
            return { wallet = "memory", authenticate = function(credentials) return { uid = credentials.uid, profile = {} } end }
            """
        return options
    }

    private func commitment(_ server: TestServer, _ uid: String, platform: String = "demo", _ id: String = "night/mini") throws -> String? {
        let session = try server.session()
        try session.start(uid, platform: platform, site: "pots")
        try session.send(#"{"t":"component","which":"jackpot","message":{"what":"subscribe","to":"\#(id)"}}"#)
        let message = try session.receive()["message"] as? [String: Any]
        #expect(message?["what"] as? String == "value" && message?["value"] as? Int == 2_000)
        return message?["commitment"] as? String
    }

    private func stored(_ server: TestServer, _ id: String = "night/mini") async throws -> Jackpot? {
        let loop = server.anyLoop
        let all = try await answer("the jackpots") { server.store.jackpots(realm: "demo", site: "pots", on: loop, $0) }.get()
        return all.first { $0.key.id == id }
    }

    /// Nobody has opened the game: on every platform, also on one that plays from memory, the first one who looks is told the hash, and
    /// it is that of the value that is won later.
    @Test(arguments: ["demo", "club"])
    func theHashIsToldBeforeTheFirstStake(_ platform: String) async throws {
        try await withTestServer(Self.options()) { (server: TestServer) async throws in
            let before = try #require(try commitment(server, "eve", platform: platform))
            let player = try server.session()
            try player.start("ann", platform: platform, site: "pots")
            _ = try player.load("pots")
            try player.send(#"{"t":"component","which":"jackpot","message":{"what":"subscribe","to":"night/mini"}}"#)
            var heard: [[String: Any]] = []
            var won: [String: Any]? { heard.first { $0["what"] as? String == "won" } }
            // Forty bets of ten bring more than there is between the seed and the limit.
            for _ in 0..<40 where won == nil {
                let known = player.sid
                try player.act("bet", #"{"amount":10}"#)
                repeat {
                    if let news = try player.receive()["message"] as? [String: Any] { heard.append(news) }
                } while player.sid == known
            }
            while won == nil {
                if let news = try player.receive()["message"] as? [String: Any] { heard.append(news) }
            }
            let secret = try #require(won?["secret"] as? String)
            #expect(JackpotSecret.commitment(secret) == before)
            // And with the win the next one.
            let next = try #require(won?["commitment"] as? String)
            #expect(next != before)
            let watcher = try server.session()
            try watcher.start("bob", platform: platform, site: "pots")
            try watcher.send(#"{"t":"component","which":"jackpot","message":{"what":"subscribe","to":"night/mini"}}"#)
            let message = try watcher.receive()["message"] as? [String: Any]
            #expect(message?["commitment"] as? String == next)
        }
    }

    /// The server itself commits, when it takes the site over: without anybody who asks.
    @Test func aSiteThatIsSavedIsCommittedToBeforeItIsPlayedOn() async throws {
        try await withTestServer(Self.options()) { (server: TestServer) async throws in
            let first = try #require(try await stored(server)?.threshold)
            #expect((2_001...20_000).contains(first.hitAt))
            // Other terms, which the value may fit; and a level that was not there.
            let saved = JackpotWireTests.files[Self.path]!.replacingOccurrences(
                of: #"{"id":"mini","#, with: #"{"id":"late","min":2000,"max":50000,"trigger":{"must_hit_by":3002}},{"id":"mini","#)
            #expect(try await server.save(Self.path, saved, andWaitFor: "package casino") == "package casino: loaded")
            await server.casino?.refreshSites()
            let late = try #require(try await stored(server, "night/late")?.threshold)
            let told = try commitment(server, "eve", "night/late")
            #expect(JackpotSecret.commitment(late.secret) == told)
            #expect(try await stored(server)?.threshold == first, "what was committed to stays")
        }
    }

    /// What cannot be committed to cannot be played for.
    @Test func aStoreThatDoesNotTakeTheCommitmentKeepsTheSiteAsItWas() async throws {
        var options = Self.options()
        let faults = StoreFaults()
        options.faults = faults
        try await withTestServer(options) { (server: TestServer) async throws in
            let saved = JackpotWireTests.files[Self.path]!
                .replacingOccurrences(of: #"{"id":"mini","#, with: #"{"id":"late","min":2000,"max":50000,"trigger":{"must_hit_by":3002}},{"id":"mini","#)
                .replacingOccurrences(of: #""initial_credits":100000"#, with: #""initial_credits":7"#)
            faults.fail(.call, at: 1, times: 1_000)
            #expect(try await server.save(Self.path, saved, andWaitFor: "package casino") == "package casino: loaded")
            await server.casino?.refreshSites()
            #expect(server.casino?.sites.site("pots")?.initialCredits == 100_000)
            faults.clear()
            await server.casino?.refreshSites()
            #expect(server.casino?.sites.site("pots")?.initialCredits == 7)
            #expect(try await stored(server, "night/late")?.threshold != nil)
        }
    }

    /// A list of sites that was asked for before another site was told does not take that away.
    @Test func aSiteThatIsToldMeanwhileStays() throws {
        let directory = SiteDirectory()
        func site(_ id: String) -> String {
            #"{"id":"\#(id)","initial_credits":1,"manual_credits":true,"games":[],"denomination":{"name":"credit","prefix":"","suffix":"","integer":true,"money_multiplier":1,"rgs_id":"CRE"}}"#
        }
        let puts = directory.puts
        let list = try #require(directory.read(list: Array("[\(site("a"))]".utf8)))
        try directory.put(Array(site("b").utf8))
        #expect(!directory.replace(with: list, after: puts) && directory.all.map(\.id) == ["b"])
        #expect(directory.replace(with: list, after: directory.puts) && directory.all.map(\.id) == ["a"])
    }
}
