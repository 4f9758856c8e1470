import Foundation
import NightjarTesting
import Testing

/// What this relay does beyond the published one, and that `strict` switches it off.
@Suite(.timeLimit(.minutes(1))) struct AdditionTests {
    static func push(_ number: Int, to session: String = "s") -> String {
        #"{"type":"Push","sessionId":"\#(session)","data":[\#(number)]}"#
    }

    @Test func aLateMemberGetsTheLeadersLastPush() async throws {
        try await withRelay(loops: 3) { server async throws in
            let leader = try await Player(server)
            try await leader.enter("s", leader: true)
            try await leader.send(Self.push(1))
            try await leader.send(Self.push(2))
            try await leader.expectNothing()
            for count in 2...5 {
                let peer = try await Player(server)
                try await peer.send(#"{"type":"SetSession","sessionId":"s"}"#)
                try await peer.expect(state(count, leader: true), Self.push(2))
                try await peer.expectNothing()
                // Only with joining, not with every state.
                try await peer.send(#"{"type":"SetSession","sessionId":"s"}"#)
                try await peer.expect(state(count, leader: true))
                try await peer.expectNothing()
            }
            let second = try await Player(server)
            try await second.enter("s", leader: true)
            try await second.expectNothing()
        }
    }

    @Test func onlyPushesOfALeaderOfTheSessionAreKept() async throws {
        try await withRelay { server async throws in
            let (leader, peer, foreign) = (try await Player(server), try await Player(server), try await Player(server))
            try await leader.enter("s", leader: true)
            try await peer.enter("s")
            try await foreign.enter("t", leader: true)
            try await peer.send(Self.push(1))
            try await peer.expectNothing()
            try await foreign.send(Self.push(2))
            try await foreign.expectNothing()
            let late = try await Player(server)
            try await late.enter("s")
            try await late.expectNothing()
        }
    }

    @Test(arguments: [
        #"{"type":"close"}"#, #"{"type":"leavesession"}"#, #"{"type":"setsession","sessionId":"other","isLeader":true}"#,
        #"{"type":"setsession","sessionId":""}"#, #"{"type":"setsession","sessionId":"s"}"#, "",
    ])
    func theLastPushGoesWithItsLeader(_ message: String) async throws {
        try await withRelay { server async throws in
            let (leader, second, peer) = (try await Player(server), try await Player(server), try await Player(server))
            try await second.enter("s", leader: true)
            try await leader.enter("s", leader: true)
            try await second.expect(state(2, leader: true))
            try await leader.send(Self.push(1))
            try await leader.expectNothing()
            if message.isEmpty { await leader.disconnect() } else { try await leader.send(message) }
            let stays = message.contains(#""s""#)
            try await second.expect(state(stays ? 2 : 1, leader: true))
            try await peer.enter("s")
            try await peer.expectNothing()
        }
    }

    @Test func theLastPushEndsWithTheSession() async throws {
        try await withRelay { server async throws in
            let (leader, peer) = (try await Player(server), try await Player(server))
            try await leader.enter("s", leader: true)
            try await leader.send(Self.push(1))
            try await leader.enter("t", leader: true)
            try await peer.enter("s")
            try await peer.expectNothing()
        }
    }

    @Test func theLastPushesAreBoundedTogether() async throws {
        try await withRelay { server async throws in
            let leader = try await Player(server)
            var leaders: [Player] = []
            // Five pushes of nearly 1 MiB: the first is forgotten, 4 MiB are kept.
            let text = String(repeating: "x", count: (1 << 20) - 60)
            for number in 0..<5 {
                let leader = try await Player(server)
                try await leader.enter("s\(number)", leader: true)
                try await leader.send(#"{"type":"push","sessionId":"s\#(number)","data":"\#(text)"}"#)
                try await leader.expectNothing()
                leaders.append(leader)
            }
            try await leader.enter("s0")
            try await leader.expectNothing()
            try await leader.send(#"{"type":"setsession","sessionId":"s1"}"#)
            try await leader.expect(state(2, leader: true), #"{"type":"push","sessionId":"s1","data":"\#(text)"}"#)
        }
    }

    @Test func aLatePushNeverComesAfterANewerOne() async throws {
        try await withRelay(loops: 3) { server async throws in
            let leader = try await Player(server)
            try await leader.enter("s", leader: true)
            var number = 0
            for _ in 0..<40 {
                let peer = try await Player(server)
                // The join and further pushes meet at the server in whatever order.
                async let joined: Void = peer.send(#"{"type":"SetSession","sessionId":"s"}"#)
                for _ in 0..<5 {
                    number += 1
                    try await leader.send(Self.push(number))
                }
                try await joined
                var last = 0
                while last < number {
                    guard case .text(let text) = try await peer.socket.receive() else { continue }
                    guard let start = text.range(of: "\"data\":[") else { continue }
                    let received = Int(text[start.upperBound...].prefix { $0.isNumber })!
                    #expect(last == 0 || received == last + 1)
                    last = received
                }
                await peer.disconnect()
            }
        }
    }

    @Test func lateJoinCanBeSwitchedOff() async throws {
        try await withRelay(settings: #"{"late_join_push": false}"#) { server async throws in
            let (leader, peer) = (try await Player(server), try await Player(server))
            try await leader.enter("s", leader: true)
            try await leader.send(Self.push(1))
            try await leader.expectNothing()
            try await peer.enter("s")
            try await peer.expectNothing()
        }
    }

    @Test func pushesCanBeLimitedToLeaders() async throws {
        try await withRelay(settings: #"{"pushes_from_leaders_only": true}"#) { server async throws in
            let (leader, peer, stranger) = (try await Player(server), try await Player(server), try await Player(server))
            try await leader.enter("s", leader: true)
            try await peer.enter("s")
            try await stranger.enter("t", leader: true)
            for player in [peer, stranger] {
                try await player.send(Self.push(1))
                try await player.expectNothing()
            }
            try await leader.send(Self.push(2))
            try await peer.expect(Self.push(2))
        }
    }

    @Test func strictAddsNothing() async throws {
        let settings = #"{"strict": true, "late_join_push": true, "pushes_from_leaders_only": true}"#
        try await withRelay(settings: settings) { server async throws in
            let (leader, peer) = (try await Player(server), try await Player(server))
            try await leader.enter("s", leader: true)
            try await leader.send(Self.push(1))
            try await leader.expectNothing()
            try await peer.enter("s")
            try await leader.expect(state(2, leader: true))
            try await peer.expectNothing()
            try await peer.send("nonsense")
            try await peer.send(#"{"type":1}"#)
            try await peer.expectNothing()
            try await peer.send(#"{"type":"Close"}"#)
            try await peer.expect(notice("unexpected message type close!"))
            try await peer.enter("other")
            try await peer.send(Self.push(2))
            try await leader.expect(state(1, leader: true))
            try await leader.expectNothing()
        }
    }

    @Test(arguments: [
        #"{"strict": "yes"}"#, #"{"socket_timeout_ms": 0}"#, #"{"socket_timeout_ms": "soon"}"#,
        #"{"socket_timeout_check_interval_ms": -1}"#, #"{"late_join_push": 1}"#,
    ])
    func wrongSettingsAreRefusedAtStart(_ settings: String) async throws {
        await #expect(throws: (any Error).self) { try await SyncServer(loops: 1, settings: settings) }
    }
}
