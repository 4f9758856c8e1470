import Foundation
import NIOCore
import NightjarTesting
import Testing

/// Section 8: pings, and what becomes of clients that do not answer them. The times are made short in the test's own copy.
@Suite(.timeLimit(.minutes(2))) struct LivenessTests {
    private func withTimes(ping: String, pong: String, _ body: (GatewayServer) async throws -> Void) async throws {
        try await withGateway { server in
            let text = try server.read("limits.lua").replacingOccurrences(of: "ping_seconds = 30", with: "ping_seconds = \(ping)")
                .replacingOccurrences(of: "pong_seconds = 90", with: "pong_seconds = \(pong)")
            server.save("limits.lua", text)
            #expect(try await server.take() == nil)
            try await body(server)
        }
    }

    @Test func theShippedTimesAreThoseOfTheProtocol() throws {
        let text = try String(contentsOfFile: GatewayServer.repository + "/Scripts/gateway/limits.lua", encoding: .utf8)
        #expect(text.contains("ping_seconds = 30,") && text.contains("pong_seconds = 90,"))
    }

    @Test func whoAnswersNoPingIsDroppedAndItsShardIsFree() async throws {
        try await withTimes(ping: "0.2", pong: "0.6") { server in
            let silent = try await server.service("silent")
            #expect(try await silent.shard("silent").number("shard_id") == 0)
            _ = try await silent.socket.connection.receiveEnd(within: .seconds(20))
            _ = try await server.stats { ($0.at("clients") as? [Any])?.isEmpty == true && $0.at("pools.default") == nil }
        }
    }

    @Test func whoAnswersStays() async throws {
        // The client lives longer than without its answers; a busy machine has time to give them.
        try await withTimes(ping: "0.25", pong: "4") { server in
            let client = try await server.service("alive")
            for _ in 0..<20 {
                guard case .ping(let payload) = try await client.socket.receive() else { throw Unexpected(text: "a ping was expected") }
                try await client.socket.sendFrame(10, payload)
            }
            try await client.pass("alive", "alive:x")
            #expect(try await client.next().at("t") as? String == "alive:x")
        }
    }
}
