import NIOCore
import NightjarTesting
import Testing

/// The messages of `/connect`, to the byte, with sockets on several loops.
@Suite(.timeLimit(.minutes(1))) struct ProtocolTests {
    @Test func theExampleOfTheDescription() async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.send(#"{"type":"SetSession","sessionId":"s1","isLeader":true}"#)
            try await a.expect(#"{"type":"sessionstate","leaderConnected":true,"playersCount":1}"#)
            try await b.send(#"{"type":"setsession","sessionId":"s1","isLeader":false}"#)
            try await a.expect(#"{"type":"sessionstate","leaderConnected":true,"playersCount":2}"#)
            try await b.expect(#"{"type":"sessionstate","leaderConnected":true,"playersCount":2}"#)
            try await a.send(#"{"type":"Push","sessionId":"s1","data":[["em001",[[0,120.5]],[[1,0]]]]}"#)
            try await b.expect(#"{"type":"Push","sessionId":"s1","data":[["em001",[[0,120.5]],[[1,0]]]]}"#)
            try await a.expectNothing()
            await a.disconnect()
            try await b.expect(#"{"type":"sessionstate","leaderConnected":false,"playersCount":1}"#)
        }
    }

    @Test func thePlugInsConversation() async throws {
        try await withRelay { server async throws in
            let (leader, peer) = (try await Player(server), try await Player(server))
            try await leader.send(#"{"type":"SetName","name":"Hunter"}"#)
            try await leader.send(#"{"sessionId":"abc:Hunter","type":"SetSession","isLeader":true}"#)
            try await leader.expect(state(1, leader: true))
            try await peer.enter("abc:Hunter")
            try await leader.expect(state(2, leader: true))
            // The roles change while both stay connected.
            try await leader.send(#"{"sessionId":"abc:Hunter","type":"SetSession","isLeader":false}"#)
            try await leader.expect(state(2, leader: false))
            try await peer.expect(state(2, leader: false))
            try await peer.send(#"{"sessionId":"abc:Hunter","type":"SetSession","isLeader":true}"#)
            try await leader.expect(state(2, leader: true))
            try await peer.expect(state(2, leader: true))
            try await peer.send(#"{"sessionId":"abc:Hunter","type":"Push","data":[]}"#)
            try await leader.expect(#"{"sessionId":"abc:Hunter","type":"Push","data":[]}"#)
            try await leader.send(#"{"type":"LeaveSession"}"#)
            try await peer.expect(state(1, leader: true))
            #expect(try await leader.socket.receive() == .close(code: nil, reason: ""))
        }
    }

    @Test(arguments: ["SetSession", "setsession", "SETSESSION", "sEtSeSsIoN"])
    func typesAreComparedWithoutCase(_ type: String) async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            try await a.send(#"{"type":"\#(type)","sessionId":"s","isLeader":true}"#)
            try await a.expect(state(1, leader: true))
        }
    }

    @Test(arguments: [
        #"{"type":"Push","sessionId":"s","data":null}"#,
        #" {"data" : [1.50, 1e3, -0, "\u00e4\/ä"],  "sessionId":"s","type":"push"}"#,
        "{\"type\":\"PUSH\",\n\"extra\":{\"a\":[]},\"sessionId\":\"s\",\"data\":{\"type\":\"close\"}}\n",
        #"{"type":"push","sessionId":"s"}"#,
        #"{"type":"push","sessionId":"s","data":[\#(String(repeating: "[1,2.25],", count: 20_000))0]}"#,
    ])
    func pushesAreForwardedByteForByte(_ push: String) async throws {
        try await withRelay(loops: 3) { server async throws in
            let leader = try await Player(server)
            try await leader.enter("s", leader: true)
            var peers: [Player] = []
            for _ in 0..<4 {
                peers.append(try await Player(server))
                try await peers.last!.enter("s")
            }
            try await leader.send(push)
            for (index, peer) in peers.enumerated() {
                for count in index + 3..<6 { try await peer.expect(state(count, leader: true)) }
                try await peer.expect(push)
                try await peer.expectNothing()
            }
        }
    }

    @Test func pushesGoToTheSessionTheyNameAndNotToLeadersOrTheSender() async throws {
        try await withRelay(loops: 3) { server async throws in
            let (leader, second, peer, other) = (
                try await Player(server), try await Player(server), try await Player(server), try await Player(server)
            )
            try await leader.enter("s", leader: true)
            try await second.enter("s", leader: true)
            try await peer.enter("s")
            try await leader.expect(state(2, leader: true), state(3, leader: true))
            try await second.expect(state(3, leader: true))
            try await other.enter("t", leader: true)
            // From a leader, from a peer of another session's, from the peer itself, from nobody's member.
            try await leader.send(#"{"type":"Push","sessionId":"s","data":1}"#)
            try await peer.expect(#"{"type":"Push","sessionId":"s","data":1}"#)
            try await other.send(#"{"type":"Push","sessionId":"s","data":2}"#)
            try await peer.expect(#"{"type":"Push","sessionId":"s","data":2}"#)
            try await peer.send(#"{"type":"Push","sessionId":"s","data":3}"#)
            try await peer.expectNothing()
            let stranger = try await Player(server)
            try await stranger.send(#"{"type":"Push","sessionId":"s","data":4}"#)
            try await peer.expect(#"{"type":"Push","sessionId":"s","data":4}"#)
            for player in [leader, second, other, stranger, peer] { try await player.expectNothing() }
        }
    }

    @Test(arguments: [
        #"{"type":"Push","sessionId":"nobody","data":1}"#, #"{"type":"Push","data":1}"#,
        #"{"type":"Push","sessionId":7,"data":1}"#, #"{"type":"Push","sessionId":null}"#, #"{"type":"SetName"}"#,
        #"{"type":"SetName","name":7}"#, #"{"type":"SetName","name":"x"}"#,
    ])
    func whatIsNotAnswered(_ message: String) async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s")
            try await b.enter("s", leader: true)
            try await a.expect(state(2, leader: true))
            try await b.send(message)
            for player in [b, a] { try await player.expectNothing() }
        }
    }

    @Test func anotherSessionIsEnteredAfterLeavingTheFirst() async throws {
        try await withRelay(loops: 3) { server async throws in
            let (a, b, c) = (try await Player(server), try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            try await b.enter("s")
            try await a.expect(state(2, leader: true))
            try await c.enter("t")
            try await a.send(#"{"type":"setsession","sessionId":"t"}"#)
            try await b.expect(state(1, leader: false))
            try await c.expect(state(2, leader: false))
            try await a.expect(state(2, leader: false))
            try await b.send(#"{"type":"push","sessionId":"t","data":1}"#)
            try await a.expect(#"{"type":"push","sessionId":"t","data":1}"#)
            try await c.expect(#"{"type":"push","sessionId":"t","data":1}"#)
            for player in [a, b, c] { try await player.expectNothing() }
        }
    }

    @Test func theSameSessionAgainChangesTheRoleOnly() async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s")
            try await b.enter("s")
            try await a.expect(state(2, leader: false))
            for isLeader in [true, true, false] {
                try await a.send(#"{"type":"setsession","sessionId":"s","isLeader":\#(isLeader)}"#)
                try await a.expect(state(2, leader: isLeader))
                try await b.expect(state(2, leader: isLeader))
                try await b.send(#"{"type":"push","sessionId":"s","data":0}"#)
                if isLeader {
                    try await a.expectNothing()
                } else {
                    try await a.expect(#"{"type":"push","sessionId":"s","data":0}"#)
                }
            }
        }
    }

    @Test(arguments: [
        #"{"type":"setsession","sessionId":"s"}"#, #"{"type":"setsession","sessionId":"s","isLeader":null}"#,
        #"{"type":"setsession","sessionId":"s","isleader":true}"#, #"{"type":"setsession","sessionId":"s","isLeader":false}"#,
    ])
    func whoDoesNotSayLeaderIsNone(_ message: String) async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            try await a.send(message)
            try await a.expect(state(1, leader: false))
        }
    }

    @Test func severalLeadersAreOneWhileAnyIsThere() async throws {
        try await withRelay(loops: 3) { server async throws in
            let (a, b, c) = (try await Player(server), try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            try await b.enter("s", leader: true)
            try await c.enter("s")
            await a.disconnect()
            try await c.expect(state(2, leader: true))
            await b.disconnect()
            try await c.expect(state(1, leader: false))
        }
    }

    @Test(arguments: [
        #"{"type":"setsession","sessionId":""}"#, #"{"type":"setsession"}"#, #"{"type":"setsession","sessionId":null}"#,
        #"{"type":"setsession","SessionId":"s","isLeader":true}"#, #"{"type":"setsession","sessionId":{"a":1}}"#,
    ])
    func anEmptySessionIdRemovesTheMember(_ message: String) async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            try await b.enter("s")
            try await a.expect(state(2, leader: true))
            try await a.send(message)
            try await a.expect(notice("Session id cannot be empty!"))
            try await b.expect(state(1, leader: false))
            try await a.expectNothing()
            // Gone for good: neither does it get pushes nor does its end tell anybody.
            try await b.send(#"{"type":"push","sessionId":"s","data":1}"#)
            try await a.expectNothing()
            try await a.enter("s", leader: true)
            try await b.expect(state(2, leader: true))
        }
    }

    @Test func leaveSessionEndsTheSocketWithoutACode() async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            try await b.enter("s")
            try await a.send(#"{"type":"LEAVESESSION"}"#)
            try await a.expect(state(2, leader: true))
            #expect(try await a.socket.receive() == .close(code: nil, reason: ""))
            try await b.expect(state(1, leader: false))
            try await a.socket.sendClose(nil)
            _ = try await a.socket.connection.receiveEnd()
            // Told once.
            try await b.expectNothing()
        }
    }

    @Test func leaveSessionOutsideASessionEndsTheSocket() async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            try await a.send(#"{"type":"leavesession"}"#)
            #expect(try await a.socket.receive() == .close(code: nil, reason: ""))
        }
    }

    @Test func closeLeavesTheSessionAndKeepsTheSocket() async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            try await b.enter("s")
            try await a.expect(state(2, leader: true))
            try await a.send(#"{"type":"Close"}"#)
            try await b.expect(state(1, leader: false))
            try await a.expectNothing()
            try await a.send(#"{"type":"Close"}"#)
            try await a.expectNothing()
            try await a.enter("s")
            try await b.expect(state(2, leader: false))
        }
    }

    @Test func everyWayToEndASocketTellsTheOthers() async throws {
        try await withRelay(loops: 3) { server async throws in
            let watcher = try await Player(server)
            try await watcher.enter("s", leader: true)
            for way in 0..<4 {
                let b = try await Player(server)
                try await b.enter("s")
                try await watcher.expect(state(2, leader: true))
                switch way {
                case 0: await b.disconnect()
                case 1: try await b.socket.close(1000)
                case 2: try await b.socket.close(nil)
                // Breaks the protocol.
                default:
                    try await b.socket.sendRaw([0xFF, 0x00])
                    #expect(try await b.socket.receiveClose().code == 1002)
                    await b.disconnect()
                }
                try await watcher.expect(state(1, leader: true))
            }
        }
    }

    @Test func pingIsAnsweredWithPong() async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            try await a.send("ping")
            try await a.expect("pong")
            try await a.socket.ping([1, 2, 3])
            #expect(try await a.socket.receive() == .pong([1, 2, 3]))
            try await a.send("Ping")
            try await a.expect(notice("uknown message"))
            try await a.send(#""ping""#)
            try await a.expect(notice("uknown message"))
        }
    }

    @Test func binaryMessagesAreNotUnderstood() async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            for bytes in [[], Array("ping".utf8), Array(#"{"type":"setsession","sessionId":"s"}"#.utf8), [0xFF, 0]] {
                try await a.socket.send(binary: bytes)
                try await a.expect(notice("uknown message"))
            }
            try await a.expectNothing()
        }
    }

    @Test(arguments: [
        ("Foo", "foo"), ("sessionstate", "sessionstate"), ("ServerMessage", "servermessage"), ("", ""),
        (#"a\"b\\c"#, #"a\"b\\c"#), ("Ä€\u{1F409}", "Ä€\u{1F409}"), (#"x\ny"#, #"x\ny"#),
    ])
    func unknownTypesAreNamed(_ type: String, _ named: String) async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            try await a.send(#"{"type":"\#(type)"}"#)
            try await a.expect(notice("unexpected message type \(named)!"))
        }
    }

    static let malformed = [
        "", " ", "{", "nonsense", "null", "true", "12", #""text""#, "[]", #"[{"type":"close"}]"#, "{}", #"{"type":null}"#,
        #"{"type":7}"#, #"{"type":["setsession"]}"#, #"{"Type":"setsession","sessionId":"s"}"#,
        #"{"type":"setsession","sessionId":"s"} x"#, #"{'type':'setsession'}"#, String(repeating: "[", count: 5_000),
    ]

    @Test(arguments: malformed)
    func malformedMessagesAreNotUnderstoodAndHarmNothing(_ message: String) async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            try await b.enter("s")
            try await a.expect(state(2, leader: true))
            try await a.send(message)
            try await a.expect(notice("uknown message"))
            for player in [b, a] { try await player.expectNothing() }
        }
    }

    @Test func messagesAboveTheLimitEndTheSocket() async throws {
        try await withRelay { server async throws in
            let (a, b) = (try await Player(server), try await Player(server))
            try await a.enter("s", leader: true)
            try await b.enter("s")
            try await a.expect(state(2, leader: true))
            let head = #"{"type":"push","sessionId":"s","data":""#
            let largest = head + String(repeating: "x", count: (1 << 20) - head.utf8.count - 2) + #""}"#
            try await a.send(largest)
            try await b.expect(largest)
            try await a.send(largest + " ")
            #expect(try await a.socket.receiveClose().code == 1009)
            try await b.expect(state(1, leader: false))
        }
    }

    @Test func longSessionIdsAreRefused() async throws {
        try await withRelay { server async throws in
            let a = try await Player(server)
            try await a.enter(String(repeating: "s", count: 128))
            try await a.send(#"{"type":"setsession","sessionId":"\#(String(repeating: "s", count: 129))"}"#)
            try await a.expect(notice("Session id is too long!"))
            try await a.expectNothing()
        }
    }

    @Test func theOrderOfOneSenderIsKept() async throws {
        try await withRelay(loops: 3) { server async throws in
            let leader = try await Player(server)
            try await leader.enter("s", leader: true)
            var peers: [Player] = []
            for count in 2...5 {
                let peer = try await Player(server)
                try await peer.enter("s")
                try await leader.expect(state(count, leader: true))
                for other in peers { try await other.expect(state(count, leader: true)) }
                peers.append(peer)
            }
            let texts = (0..<300).map { #"{"type":"push","sessionId":"s","data":\#($0)}"# }
            for text in texts { try await leader.send(text) }
            for peer in peers { for text in texts { try await peer.expect(text) } }
        }
    }
}
