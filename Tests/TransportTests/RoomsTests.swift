import NIOCore
import NightjarTesting
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct RoomsTests {
    private func count(_ server: TransportServer, _ room: String) async throws -> Int {
        let loop = server.eventLoops[0]
        let promise = loop.makePromise(of: Int.self)
        server.rooms.count(room, on: loop) { promise.succeed($0) }
        return try await promise.futureResult.get()
    }

    private func join(_ server: TransportServer, _ room: String, _ id: ConnectionID) async throws -> Rooms.JoinOutcome {
        let promise = server.eventLoops[0].makePromise(of: Rooms.JoinOutcome.self)
        server.rooms.join(room, id) { promise.succeed($0) }
        return try await promise.futureResult.get()
    }

    @Test(arguments: [1, 2, 3])
    func everyMemberOnEveryLoopHearsEveryMessageInOneOrder(_ loops: Int) async throws {
        let endpoint = TestEndpoint()
        try await withServer(loops: loops, [.webSocket("/e", endpoint)]) { server, port in
            var clients: [WebSocketTestClient] = []
            for _ in 0..<7 {
                clients.append(try await .connect(port: port, "/e"))
                #expect(try await join(server, "hall", try await endpoint.nextOpened()) == .joined)
            }
            #expect(try await count(server, "hall") == 7)
            // From many threads at once: the order is anybody's, but the same for all.
            await withTaskGroup(of: Void.self) { group in
                for sender in 0..<4 {
                    group.addTask {
                        for index in 0..<50 {
                            let text = "\(sender):\(index) " + String(repeating: "x", count: index * 7)
                            Array(text.utf8).withUnsafeBytes { server.rooms.send("hall", $0, .text) }
                        }
                    }
                }
            }
            var orders: [[String]] = []
            for client in clients {
                var order: [String] = []
                for _ in 0..<200 { order.append(try await client.receiveText()) }
                orders.append(order)
            }
            for order in orders { #expect(order == orders[0]) }
            for client in clients { try await client.close() }
        }
    }

    @Test func leaversAndTheExceptedHearNothing() async throws {
        let endpoint = TestEndpoint()
        try await withServer(loops: 2, [.webSocket("/e", endpoint)]) { server, port in
            var clients: [(WebSocketTestClient, ConnectionID)] = []
            for _ in 0..<3 {
                let client = try await WebSocketTestClient.connect(port: port, "/e")
                clients.append((client, try await endpoint.nextOpened()))
            }
            for (_, id) in clients { _ = try await join(server, "r", id) }
            #expect(try await join(server, "r", clients[0].1) == .already)
            server.rooms.leave("r", clients[0].1)
            server.rooms.leave("r", clients[0].1)
            #expect(try await count(server, "r") == 2)
            server.rooms.send("r", SharedFrame("one"), except: clients[1].1)
            server.rooms.send("r", SharedFrame("two"))
            #expect(try await clients[2].0.receiveText() == "one")
            #expect(try await clients[2].0.receiveText() == "two")
            #expect(try await clients[1].0.receiveText() == "two")
            try await clients[0].0.send("alone")
            #expect(try await clients[0].0.receiveText() == "alone")
            for (client, _) in clients { try await client.close() }
        }
    }

    @Test(arguments: [1, 2])
    func endedConnectionsAreNotCounted(_ loops: Int) async throws {
        let endpoint = TestEndpoint()
        try await withServer(loops: loops, [.webSocket("/e", endpoint)]) { server, port in
            server.rooms.own(prefix: "pkg:", loopIndex: loops - 1)
            #expect(server.rooms.ownerLoop(of: "pkg:a") == loops - 1)
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            let id = try await endpoint.nextOpened()
            for room in ["pkg:a", "pkg:b", "c"] { #expect(try await join(server, room, id) == .joined) }
            await client.disconnect()
            _ = try await endpoint.nextClosed()
            for room in ["pkg:a", "pkg:b", "c"] {
                // What `closed` posts to the owner comes after the leave.
                let owner = server.rooms.ownerLoop(of: room)
                try await server.eventLoops[owner].submit {}.get()
                #expect(try await count(server, room) == 0)
            }
            let late = try await join(server, "pkg:a", id)
            #expect(late == .gone || late == .joined)
            // A late join on another loop is taken back.
            for loop in server.eventLoops + server.eventLoops { try await loop.submit {}.get() }
            #expect(try await count(server, "pkg:a") == 0)
        }
    }

    @Test func countIsExactInsideClosedOnTheOwnerLoop() async throws {
        let counts = Letterbox<Int>("the number of members")
        let endpoint = CountingEndpoint(counts)
        let group = TestEndpoint()
        try await withServer([.webSocket("/other", group)]) { server, port in
            try await server.prepare(0) {
                try $0.setRoutes(listener: "main", owner: "counting", [.webSocket("/c", endpoint)])
            }
            let first = try await WebSocketTestClient.connect(port: port, "/c")
            #expect(try await counts.next() == 1)
            let second = try await WebSocketTestClient.connect(port: port, "/c")
            #expect(try await counts.next() == 2)
            await first.disconnect()
            #expect(try await counts.next() == 1)
            await second.disconnect()
            #expect(try await counts.next() == 0)
        }
    }

    @Test func namesAreBounded() async throws {
        let endpoint = TestEndpoint()
        try await withServer([.webSocket("/e", endpoint)]) { server, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            let id = try await endpoint.nextOpened()
            #expect(try await join(server, "", id) == .badName)
            #expect(try await join(server, String(repeating: "x", count: 257), id) == .badName)
            #expect(try await join(server, String(repeating: "x", count: 256), id) == .joined)
            #expect(try await join(server, "r", ConnectionID(rawValue: 12_345)) == .gone)
            #expect(try await join(server, "r", ConnectionID(rawValue: .max)) == .gone)
            for index in 1..<Rooms.roomsPerConnectionMax { server.rooms.join("room \(index)", id) }
            #expect(try await join(server, "one too many", id) == .full)
            #expect(try await count(server, "one too many") == 0)
            try await client.close()
        }
    }
}

/// Joins everybody and tells the count after every opening and ending.
private final class CountingEndpoint: WebSocketEndpoint, Sendable {
    let options = WebSocketOptions()
    let counts: Letterbox<Int>
    init(_ counts: Letterbox<Int>) { self.counts = counts }

    private func tell(_ connection: Connection) {
        let counts = self.counts
        connection.context.rooms.count("all", on: connection.context.eventLoop) { counts.put($0) }
    }
    func opened(_ connection: Connection) {
        connection.context.rooms.join("all", connection.id)
        tell(connection)
    }
    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {}
    func closed(_ connection: Connection, code: UInt16, reason: String) { tell(connection) }
}
