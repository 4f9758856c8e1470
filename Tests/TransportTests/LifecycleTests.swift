import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NightjarTesting
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct LifecycleTests {
    @Test func drainTellsWebSocketsAndWaitsForAnswers() async throws {
        let endpoint = TestEndpoint()
        let held = Letterbox<NIOLoopBound<HTTPReply>>("a request")
        let slow = TestResponder { _, reply in held.put(NIOLoopBound(reply, eventLoop: reply.eventLoop)) }
        try await withServer(loops: 2, [.webSocket("/e", endpoint), .http(.GET, "/", slow)]) { server, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            let idle = try await TestConnection.connect(port: port)
            let busy = try await TestConnection.connect(port: port)
            try await busy.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            let reply = try await held.next()
            async let drained: Void = server.drain(within: .seconds(20))
            #expect(try await client.receiveClose().code == 1012)
            try await client.sendClose(1012)
            _ = try await client.connection.receiveEnd()
            _ = try await idle.receiveEnd()
            reply.hand { $0.send(text: "last") }
            let answer = try await HTTPTestClient(busy).receive()
            #expect(answer.text == "last" && answer["connection"] == "close")
            await drained
            #expect(server.connectionCount == 0)
            #expect(try await endpoint.nextClosed().code == 1012)
            await #expect(throws: (any Error).self) { try await TestConnection.connect(port: port) }
        }
    }

    @Test func drainDeliversFirstWhatIsOnItsWay() async throws {
        let endpoint = TestEndpoint({ $0.maxUnsent = 32 << 20 }, received: { connection, _, _ in
            [UInt8](repeating: 1, count: 8 << 20).withUnsafeBytes { connection.send($0, .binary) }
        })
        let big = TestResponder { _, reply in reply.send(status: 200, body: ByteBuffer(repeating: 0x61, count: 8 << 20)) }
        try await withServer([.webSocket("/e", endpoint), .http(.GET, "/", big)]) { server, port in
            let socket = try await WebSocketTestClient.connect(port: port, "/e", receiveBufferBytes: 16 * 1024)
            let plain = try await TestConnection.connect(port: port, receiveBufferBytes: 16 * 1024)
            try await socket.connection.setReading(false)
            try await plain.setReading(false)
            try await socket.send("give")
            try await plain.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            try await eventually("both answers are on their way") {
                try await server.prepare(0) { context in
                    var holders = 0
                    context.forEachConnection { if $0.heldBytes > 0 { holders += 1 } }
                    context.forEachRequest { if $0.heldBytes > 0 { holders += 1 } }
                    return holders == 2
                }
            }
            async let drained: Void = server.drain(within: .seconds(20))
            // The drain has begun when nobody is let in any more.
            try await eventually("the server takes nobody in") { (try? await TestConnection.connect(port: port)) == nil }
            try await socket.connection.setReading(true)
            try await plain.setReading(true)
            guard case .binary(let bytes) = try await socket.receive() else { throw ServerViolation(reason: "no message") }
            #expect(bytes.count == 8 << 20)
            #expect(try await socket.receiveClose().code == 1012)
            try await socket.sendClose(1012)
            #expect(try await HTTPTestClient(plain).receive().body.count == 8 << 20)
            _ = try await plain.receiveEnd()
            await plain.close()
            await drained
        }
    }

    @Test func drainCutsWhatDoesNotEndInTime() async throws {
        let endpoint = TestEndpoint()
        try await withServer([.webSocket("/e", endpoint)]) { server, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            await server.drain(within: .milliseconds(50))
            #expect(server.connectionCount == 0)
            #expect(try await endpoint.nextClosed().code == 1012)
            await client.disconnect()
        }
    }

    @Test func connectionsAreBounded() async throws {
        var limits = TransportLimits()
        limits.connectionsMax = 2
        try await withServer(limits: limits, [.webSocket("/e", TestEndpoint())]) { server, port in
            let first = try await WebSocketTestClient.connect(port: port, "/e")
            let second = try await WebSocketTestClient.connect(port: port, "/e")
            let third = try await TestConnection.connect(port: port)
            #expect(try await third.receiveEnd().isEmpty)
            #expect(server.connectionCount == 2)
            try await first.close()
            try await second.close()
        }
    }

    @Test func halfOpenFloodKeepsNobodyOut() async throws {
        var limits = TransportLimits()
        limits.halfOpenMax = 50
        try await withServer(limits: limits, [.webSocket("/e", TestEndpoint())]) { _, port in
            let good = try await WebSocketTestClient.connect(port: port, "/e")
            var flood: [TestConnection] = []
            for _ in 0..<200 {
                let connection = try await TestConnection.connect(port: port)
                connection.post(Array("GET /e HT".utf8))
                flood.append(connection)
            }
            try await good.send("still")
            #expect(try await good.receiveText() == "still")
            let late = try await WebSocketTestClient.connect(port: port, "/e")
            try await late.close()
            _ = try await flood[0].receiveEnd()
            for connection in flood { await connection.close() }
            try await good.close()
        }
    }

    @Test func unixListenersAreForTheirOwnerOnly() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/nj-\(UInt32.random(in: 0...UInt32.max)).sock"
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = TransportServer(group: group, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        for _ in 0..<2 {
            // The second time replaces the file that the first one left.
            try await server.prepare(0) {
                try $0.setRoutes(listener: "control", owner: "test", [
                    .get("/", TestResponder { request, reply in reply.send(text: "\(request.listener) \(request.remote)") }),
                    .webSocket("/e", TestEndpoint()),
                ])
            }
            _ = try await server.listen(ListenerConfiguration(name: "control", address: .unix(path: path)))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let client = HTTPTestClient(try await TestConnection.connect(unixPath: path))
            #expect(try await client.request("GET", "/").text == "control unix")
            await client.connection.close()
            try await WebSocketTestClient.connect(unixPath: path, "/e").close()
            await server.stopAccepting()
        }
        await server.shutdown()
        try await group.shutdownGracefully()
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test func takenAddressesAndOtherFilesAreNamed() async throws {
        try await withServer([]) { server, port in
            let taken = try await #require(throws: ListenFailure.self) {
                try await server.listen(ListenerConfiguration(name: "b", address: .tcp(host: "127.0.0.1", port: port)))
            }
            #expect(taken.code == .addressInUse)
            let path = FileManager.default.temporaryDirectory.path + "/nj-\(UInt32.random(in: 0...UInt32.max)).txt"
            try Data("keep me".utf8).write(to: URL(fileURLWithPath: path))
            let other = try await #require(throws: ListenFailure.self) {
                try await server.listen(ListenerConfiguration(name: "c", address: .unix(path: path)))
            }
            #expect(other.code == .badSocketPath)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "keep me")
            try FileManager.default.removeItem(atPath: path)
        }
    }

    @Test func whoConnectsBeforeTheStartIsServedAfterIt() async throws {
        try await withServer([.http(.GET, "/", TestResponder { _, reply in reply.send(text: "early") })]) { server, _ in
            let early = try await server.listen(ListenerConfiguration(), accepting: false)
            // The kernel has the connection; its request is read as soon as the routes are those that count.
            let client = try await HTTPTestClient.connect(port: early.port!)
            async let answer = client.request("GET", "/")
            try await server.prepare(0) {
                try $0.setRoutes(listener: "main", owner: "test", [.get("/", TestResponder { _, reply in reply.send(text: "started") })])
            }
            await server.startAccepting()
            #expect(try await answer.text == "started")
            await client.connection.close()
        }
    }

    @Test func routesOfAListenerAreItsOwn() async throws {
        try await withServer([.http(.GET, "/", TestResponder { _, reply in reply.send(text: "main") })]) { server, port in
            try await server.prepare(0) {
                try $0.setRoutes(listener: "gateway", owner: "g", [.get("/", TestResponder { _, reply in reply.send(text: "gateway") })])
            }
            let other = try await server.listen(ListenerConfiguration(name: "gateway"))
            #expect(try await HTTPTestClient.request(port: port, "GET", "/").text == "main")
            #expect(try await HTTPTestClient.request(port: other.port!, "GET", "/").text == "gateway")
        }
    }

    @Test func openConnectionsSeeReplacedRoutes() async throws {
        try await withServer([.http(.GET, "/", TestResponder { _, reply in reply.send(text: "old") })]) { server, port in
            let client = try await HTTPTestClient.connect(port: port)
            #expect(try await client.request("GET", "/").text == "old")
            try await server.prepare(0) {
                try $0.setRoutes(listener: "main", owner: "test", [.get("/", TestResponder { _, reply in reply.send(text: "new") })])
            }
            #expect(try await client.request("GET", "/").text == "new")
            await client.connection.close()
        }
    }

    @Test func idsAreNeverUsedTwice() {
        var table = ConnectionTable(loop: 5)
        var seen: Set<ConnectionID> = []
        for _ in 0..<100 {
            let id = table.reserve()
            #expect(id.map { seen.insert($0).inserted && $0.loopIndex == 5 } == true)
        }
        #expect(table[ConnectionID(rawValue: .max)] == nil && table[ConnectionID(rawValue: 0)] == nil)
        let reused = ConnectionID(loop: 5, use: 2, slot: 3)
        #expect(!seen.contains(reused) && reused.slot == 3 && Int64(exactly: reused.rawValue) != nil)
    }
}
