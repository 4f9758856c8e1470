import Foundation
import NightjarTesting
import Store
import Testing

/// Two sessions of one user that act on the same state at the same time: exactly one of them has an effect.
@Suite(.timeLimit(.minutes(5))) struct SessionRaceTests {
    /// Users that are raced for side by side, and how often each.
    private static let users = 4
    private static let tries = 2_500

    @Test func ofTwoActionsOnOneStateExactlyOneHasAnEffect() async throws {
        var options = ServerOptions.casino()
        options.files["Scripts/casino/sites/race.json"] = #"{"id":"race","initial_credits":1000000,"games":{"joker_bingo":{}}}"#
        let server = try await TestServer(options)
        let port = server.port
        let effects = try await withThrowingTaskGroup(of: Int.self) { group in
            for user in 0..<Self.users { group.addTask { try await blocking { try Self.race("racer\(user)", port) } } }
            return try await group.reduce(0, +)
        }
        #expect(effects == Self.users * Self.tries)
        let sums = try await server.sums()
        #expect(sums.ledger == sums.heads)
        // An opening and a start for each user, and one entry for each race.
        #expect(sums.entries == Int64(Self.users * (2 + Self.tries)))
        await server.stop()
    }

    /// How many of the tries had one effect.
    private static func race(_ uid: String, _ port: Int) throws -> Int {
        let sessions = try (0..<2).map { _ in
            let session = try WireSession(port: port)
            try session.start(uid, site: "race")
            return session
        }
        for session in sessions { _ = try session.load("joker_bingo") }
        var effects = 0
        for number in 0..<tries {
            let sid = sessions[0].sid
            for session in sessions {
                try session.act(number.isMultiple(of: 2) ? "bet" : "end", number.isMultiple(of: 2) ? #"{"amount":4}"# : "{}", sid: sid)
                // Answered when everything before it is.
                try session.send(#"{"t":"component","which":"nobody","message":{}}"#)
            }
            let stale = try sessions.map { try Self.refusals($0) }
            let moved = sessions.allSatisfy { $0.sid != sid } && sessions[0].sid == sessions[1].sid && sessions[0].credits == sessions[1].credits
            if stale.reduce(0, +) == 1, moved { effects += 1 }
        }
        return effects
    }

    /// Reads up to the answer of the message that nobody takes; how often the state was stale.
    private static func refusals(_ session: WireSession) throws -> Int {
        var stale = 0
        while true {
            let message = try session.receive()
            guard message["t"] as? String == "error" else { continue }
            switch message["code"] as? String {
            case "unknown_component": return stale
            case "stale_state": stale += 1
            default: throw WireSession.Failure.unexpected("\(message)")
            }
        }
    }
}
