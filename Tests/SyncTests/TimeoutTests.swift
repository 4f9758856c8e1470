import NIOCore
import NightjarTesting
import Testing

/// Sockets that fall silent. Times are short here; nobody is closed early, so the tests only wait for what has to come.
@Suite(.timeLimit(.minutes(1))) struct TimeoutTests {
    private static let settings = #"{"socket_timeout_ms": 1000, "socket_timeout_check_interval_ms": 200}"#

    /// Talks until a message other than `pong` comes, which is returned.
    private func talk(_ player: Player) async throws -> TestFrame {
        try await eventually("another message than pong") {
            try await player.send("ping")
            let frame = try await player.socket.receive()
            return frame == .text("pong") ? nil : frame
        }
    }

    @Test func aSilentSocketLeavesItsSessionAndTheOthersAreTold() async throws {
        try await withRelay(settings: Self.settings) { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            let began = ContinuousClock.now
            try await b.enter("s")
            try await a.expect(state(2, leader: true))
            // b does not even answer the close frame.
            #expect(try await talk(a) == .text(state(1, leader: true)))
            #expect(ContinuousClock.now - began >= .seconds(1), "nobody is closed early")
            #expect(try await b.socket.receive() == .close(code: 1000, reason: "idle"))
        }
    }

    @Test func pingFramesAreSignsOfLifeAndPongFramesAreNot() async throws {
        try await withRelay(loops: 3, settings: Self.settings) { server async throws in
            let (pinging, ponging) = (try await Player(server), try await Player(server))
            try await pinging.enter("s", leader: true)
            try await ponging.enter("s")
            try await pinging.expect(state(2, leader: true))
            // One answer in between keeps the two at the same pace.
            let frame = try await eventually("another frame than a pong") {
                ponging.socket.connection.post(WebSocketTestClient.frame(10, []))
                try await pinging.socket.ping([7])
                let frame = try await pinging.socket.receive()
                return frame == .pong([7]) ? nil : frame
            }
            #expect(frame == .text(state(1, leader: true)))
            #expect(try await ponging.socket.receive() == .close(code: 1000, reason: "idle"))
        }
    }

    @Test func theServerDoesNotPing() async throws {
        try await withRelay(settings: Self.settings) { server async throws in
            let a = try await Player(server)
            #expect(try await a.socket.receive() == .close(code: 1000, reason: "idle"))
        }
    }
}
