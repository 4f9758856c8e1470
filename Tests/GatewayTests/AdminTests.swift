import Foundation
import NIOCore
import NightjarTesting
import Testing

/// Section 5: telling services to stop or to restart.
@Suite(.timeLimit(.minutes(2))) struct AdminTests {
    /// Made anew for each test: each has a clock of its own.
    private static var options: GatewayServer.Options {
        GatewayServer.Options(secrets: ["admin_token": "admin", "token": "secret"], packages: helper)
    }

    private static let helper = [
            "helper": """
                local nightjar = require "nightjar"
                local M = { listener = "gateway" }
                nightjar.http.post("/helper/:op", function(request)
                  return { json = { sent = nightjar.call("gateway." .. request.params.op, request.body, "said so") } }
                end)
                return M
                """
        ]
    private static let bearer = [("Authorization", "Bearer admin")]
    private static let token = #""token":"secret""#

    @Test func shutdownReachesTheTargetAndEndsWhoStays() async throws {
        try await withGateway(Self.options) { server in
            let first = try await server.service("d-1", Self.token)
            let second = try await server.service("d-2", Self.token)
            let other = try await server.service("web", Self.token)
            let response = try await server.post("/gateway/admin/shutdown", #"{"target":"d","reason":"maintenance"}"#, Self.bearer)
            #expect(response.status == 200)
            #expect(Message.canonical(response.text) == #"{"sent":2}"#)
            for client in [first, second] {
                #expect(try await client.next().equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":3,"reason":"maintenance"}}"#))
            }
            try await first.socket.close()
            server.clock.advance(9_999)
            try await second.pass("d-2", "web:still:here")
            #expect(try await other.next().at("t") as? String == "web:still:here")
            server.clock.advance(1)
            #expect(try await second.closeCode() == 1001)
            try await other.pass("web", "web:x")
            #expect(try await other.next().at("t") as? String == "web:x")
        }
    }

    @Test func rebootLeavesConnectionsAlone() async throws {
        try await withGateway(Self.options) { server in
            let client = try await server.service("d-1", Self.token)
            let response = try await server.post("/gateway/admin/reboot", #"{"target":"*"}"#, Self.bearer)
            #expect(Message.canonical(response.text) == #"{"sent":1}"#)
            #expect(try await client.next().equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":4}}"#))
            server.clock.advance(60_000)
            let silent = try await server.stranger()
            server.clock.advance(10_000)
            _ = try await silent.closeCode()
            try await client.pass("d-1", "d-1:x")
            #expect(try await client.next().at("t") as? String == "d-1:x")
        }
    }

    @Test(arguments: [("d-1", 1), ("d", 2), ("*", 3), ("nobody", 0)])
    func targetsAreNamesTypesOrAll(_ target: String, _ sent: Int) async throws {
        try await withGateway(Self.options) { server in
            for name in ["d-1", "d-2", "web"] { _ = try await server.service(name, Self.token) }
            let response = try await server.post("/gateway/admin/reboot", #"{"target":"\#(target)"}"#, Self.bearer)
            #expect(Message.canonical(response.text) == #"{"sent":\#(sent)}"#)
        }
    }

    @Test func packagesCallTheSameFunctions() async throws {
        try await withGateway(Self.options) { server in
            let client = try await server.service("d-1", Self.token)
            #expect(try await server.post("/helper/shutdown", "d-1").text == #"{"sent":1}"#)
            #expect(try await client.next().equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":3,"reason":"said so"}}"#))
            #expect(try await server.post("/helper/reboot", "*").text == #"{"sent":1}"#)
            #expect(try await client.next().equals(#"{"s":"gateway","t":"gateway:opcode","d":{"opcode":4,"reason":"said so"}}"#))
        }
    }

    @Test(arguments: ["shutdown", "reboot"])
    func theAdminNeedsItsToken(_ path: String) async throws {
        let wrong: [[(String, String)]] = [
            [], [("authorization", "Bearer secret")], [("authorization", "admin")], [("authorization", "Bearer ")], [("authorization", "Basic admin")],
        ]
        let all = #"{"target":"*"}"#
        try await withGateway(Self.options) { server in
            for headers in wrong {
                let status = try await server.post("/gateway/admin/\(path)", all, headers).status
                #expect(status == 401)
            }
            for body in ["", "x", "[]", "{}", #"{"target":""}"#, #"{"target":1}"#, #"{"target":"*","reason":1}"#] {
                let status = try await server.post("/gateway/admin/\(path)", body, Self.bearer).status
                #expect(status == 400)
            }
        }
        try await withGateway { server in
            for headers in wrong + [Self.bearer] {
                let status = try await server.post("/gateway/admin/\(path)", all, headers).status
                #expect(status == 404)
            }
        }
    }
}

/// Section 8: what is counted.
@Suite(.timeLimit(.minutes(2))) struct StatsTests {
    @Test func statisticsTellWhoIsThereAndWhatWasSaid() async throws {
        try await withGateway { server in
            let web = try await server.service("web")
            server.clock.advance(250)
            let discord = try await server.service("discord-1")
            _ = try await discord.shard("discord-1", #""bot":"main","shard_count":4"#)
            server.clock.advance(750)
            for number in 0..<3 {
                try await web.pass("web", "discord:x", #"{"n":\#(number)}"#)
                _ = try await discord.next()
            }
            try await web.pass("web", "discord@*:x")
            _ = try await discord.next()
            try await discord.pass("discord-1", "web@web:x")
            _ = try await web.next()
            try await web.pass("web", "nobody:x")
            _ = try await web.next()
            let stats = try await server.stats()
            let clients = try #require(stats.at("clients") as? [[String: Any]])
            func column(_ name: String) -> [String] { clients.map { "\($0[name] ?? "none")" } }
            #expect(column("source") == ["web", "discord-1"])
            #expect(column("service") == ["web", "discord"])
            #expect(column("connected_ms") == ["1000", "750"])
            #expect(clients[0]["shard"] is NSNull)
            #expect(clients[1]["shard"] as? [Int] == [0, 4])
            #expect(clients[1]["shards"] as? [String: Int] == ["main": 0])
            #expect(column("sent") == ["5", "1"])
            #expect(column("received") == ["1", "4"])
            #expect(stats.integer("pools.main.shard_count") == 4)
            #expect(stats.at("pools.main.used") as? [Int] == [0])
            #expect(stats.integer("messages.ops_in") == 3)
            #expect(stats.integer("messages.ops_out") == 4)
            #expect(stats.integer("messages.proxied") == 5)
            #expect(stats.integer("messages.dropped") == 1)
            #expect(stats.at("messages.by_topic") as? [String: Int] == ["discord": 4, "web": 1])
        }
    }

    /// Tests are on this machine; whom a proxy passes on is not.
    @Test func statisticsAreForThisMachineAndForWhoHasAToken() async throws {
        func statuses(_ secrets: [String: String]) async throws -> [UInt] {
            var result: [UInt] = []
            try await withGateway(GatewayServer.Options(secrets: secrets)) { server in
                for token in ["", "Bearer secret", "Bearer admin", "Bearer other"] {
                    let headers = [("X-Forwarded-For", "203.0.113.7")] + (token.isEmpty ? [] : [("Authorization", token)])
                    result.append(UInt(try await server.get("/gateway/stats", headers).status))
                }
            }
            return result
        }
        #expect(try await statuses(["admin_token": "admin", "token": "secret"]) == [401, 200, 200, 401])
        #expect(try await statuses(["token": "secret"]) == [401, 200, 401, 401])
        #expect(try await statuses([:]) == [200, 200, 200, 200])
        let secrets = GatewayServer.Options(secrets: ["token": "secret"])
        try await withGateway(secrets) { server in
            let here = try await server.get("/gateway/stats")
            #expect(here.status == 200)
        }
    }

    @Test func topicsBeyondTheBoundAreCountedTogether() async throws {
        try await withGateway { server in
            try server.save("limits.lua", server.read("limits.lua").replacingOccurrences(of: "topics = 100", with: "topics = 3"))
            #expect(try await server.take() == nil)
            let sender = try await server.service("a")
            for index in 0..<6 {
                let client = try await server.service("t\(index)")
                try await sender.pass("a", "t\(index):x")
                _ = try await client.next()
            }
            let counted = try await server.stats().at("messages.by_topic") as? [String: Int]
            #expect(counted == ["t0": 1, "t1": 1, "t2": 1, "other": 3])
        }
    }

    @Test func countsSurviveAReload() async throws {
        try await withGateway { server in
            let client = try await server.service("a")
            try await client.pass("a", "a:x")
            _ = try await client.next()
            try server.save("stats.lua", server.read("stats.lua") + "\n-- changed\n")
            #expect(try await server.take() == nil)
            try await client.pass("a", "a:x")
            _ = try await client.next()
            let stats = try await server.stats()
            #expect(stats.integer("messages.proxied") == 2)
            #expect(stats.at("messages.by_topic") as? [String: Int] == ["a": 2])
        }
    }
}
