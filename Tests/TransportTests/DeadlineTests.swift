import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

/// A connection on an embedded loop, whose clock the test turns.
private final class Embedded {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let context: LoopContext
    let endpoint: TestEndpoint

    init(
        limits: TransportLimits = TransportLimits(), _ configure: (inout WebSocketOptions) -> Void = { _ in },
        responder: TestResponder = TestResponder { _, reply in reply.send(text: "ok") }
    ) throws {
        let loops = Loops(eventLoops: [loop])
        let rooms = Rooms(loops: loops)
        let shared = SharedState(loopCount: 1)
        loops.fill { index, loop in
            LoopContext(
                index: index, eventLoop: loop, rooms: rooms, limits: limits, shared: shared,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        }
        context = loops.local(0)
        endpoint = TestEndpoint(configure)
        try context.setRoutes(
            listener: "main", owner: "test",
            [.webSocket("/e", endpoint), .get("/", responder), .post("/", responder)])
        channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(HTTPHandler(HTTPConnection(loop: context, listener: "main", hosts: .any, isPlain: true)))
    }

    func send(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func upgrade() throws {
        try send(WebSocketTestClient.handshake("/e"))
        loop.run()
        #expect(try received().hasPrefix("HTTP/1.1 101"))
    }

    /// Everything that was sent.
    func received() throws -> String { String(decoding: try receivedBytes(), as: UTF8.self) }

    func receivedBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }
}

@Suite struct DeadlineTests {
    @Test func silentConnectionsAreCutAfterTheHeaderTimeout() throws {
        let test = try Embedded()
        test.loop.advanceTime(by: .seconds(9))
        #expect(test.channel.isActive)
        test.loop.advanceTime(by: .seconds(2))
        #expect(!test.channel.isActive)
    }

    @Test func bytesThatDripInDoNotExtendTheHead() throws {
        let test = try Embedded()
        for byte in "GET / HT".utf8 {
            try test.send([byte])
            test.loop.advanceTime(by: .seconds(1))
        }
        #expect(test.channel.isActive)
        test.loop.advanceTime(by: .seconds(3))
        #expect(!test.channel.isActive)
    }

    @Test func idleKeepAliveEndsAndALaterHeadHasItsOwnTime() throws {
        let test = try Embedded()
        try test.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(try test.received().hasPrefix("HTTP/1.1 200"))
        test.loop.advanceTime(by: .seconds(50))
        #expect(test.channel.isActive)
        try test.send("GET /")
        test.loop.advanceTime(by: .seconds(9))
        #expect(try test.received() == "")
        test.loop.advanceTime(by: .seconds(2))
        #expect(try test.received().hasPrefix("HTTP/1.1 408"))
    }

    @Test func idleKeepAliveIsBounded() throws {
        let test = try Embedded()
        try test.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        test.loop.advanceTime(by: .seconds(59))
        #expect(test.channel.isActive)
        test.loop.advanceTime(by: .seconds(2))
        #expect(!test.channel.isActive)
    }

    @Test func slowBodiesAre408() throws {
        let test = try Embedded()
        try test.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n")
        for _ in 0..<29 {
            try test.send("x")
            test.loop.advanceTime(by: .seconds(1))
        }
        #expect(try test.received() == "")
        test.loop.advanceTime(by: .seconds(2))
        #expect(try test.received().hasPrefix("HTTP/1.1 408"))
    }

    @Test func aResponderMayTakeItsTime() throws {
        let kept = Letterbox<NIOLoopBound<HTTPReply>>("a request")
        let test = try Embedded(responder: TestResponder { _, reply in kept.put(NIOLoopBound(reply, eventLoop: reply.eventLoop)) })
        try test.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        let held = kept.takeAll().first?.value
        test.loop.advanceTime(by: .minutes(5))
        #expect(test.channel.isActive)
        held?.send(text: "late")
        #expect(try test.received().hasSuffix("late"))
        test.loop.advanceTime(by: .seconds(55))
        #expect(test.channel.isActive)
    }

    @Test func silentWebSocketsArePingedAndThenCut() throws {
        let test = try Embedded({ $0.pingInterval = .seconds(30); $0.pongTimeout = .seconds(20) })
        try test.upgrade()
        test.loop.advanceTime(by: .seconds(29))
        #expect(try test.receivedBytes() == [])
        test.loop.advanceTime(by: .seconds(2))
        #expect(try test.receivedBytes() == [0x89, 0])
        test.loop.advanceTime(by: .seconds(18))
        #expect(test.channel.isActive)
        test.loop.advanceTime(by: .seconds(3))
        #expect(!test.channel.isActive)
        test.loop.run()
        #expect(test.endpoint.events.takeAll().last.map { if case .closed(_, 1006, _) = $0 { true } else { false } } == true)
        #expect(test.context.connectionCount == 0)
    }

    @Test func pongsKeepAWebSocketOpen() throws {
        let test = try Embedded({ $0.pingInterval = WebSocketOptions().pingInterval })
        try test.upgrade()
        for _ in 0..<10 {
            test.loop.advanceTime(by: .seconds(31))
            #expect(try test.receivedBytes() == [0x89, 0])
            try test.send(WebSocketTestClient.frame(10, []))
        }
        #expect(test.channel.isActive)
    }

    @Test func idleWebSocketsAreClosed() throws {
        let test = try Embedded({ $0.idleTimeout = .seconds(60); $0.pingInterval = nil })
        try test.upgrade()
        test.loop.advanceTime(by: .seconds(58))
        try test.send(WebSocketTestClient.frame(1, [0x61]))
        test.loop.run()  // replies are written at the end of the loop's turn
        _ = try test.receivedBytes()
        test.loop.advanceTime(by: .seconds(58))
        #expect(try test.receivedBytes() == [])
        test.loop.advanceTime(by: .milliseconds(2_750))
        #expect(try test.receivedBytes() == [0x88, 6, 0x03, 0xE8] + Array("idle".utf8))
        // The client does not answer, and nobody waits for it as long as for one that was there just now.
        test.loop.advanceTime(by: .milliseconds(250))
        #expect(test.channel.isActive)
        test.loop.advanceTime(by: .milliseconds(1_500))
        #expect(!test.channel.isActive)
    }

    @Test(arguments: [true, false])
    func pingsFromTheClientCountOnlyWhereTheyAreSaidTo(_ keepAlive: Bool) throws {
        let test = try Embedded({ $0.idleTimeout = .seconds(10); $0.pingInterval = nil; $0.pingsKeepAlive = keepAlive })
        try test.upgrade()
        test.loop.advanceTime(by: .seconds(8))
        try test.send(WebSocketTestClient.frame(9, []))
        try test.send(WebSocketTestClient.frame(10, []))
        test.loop.run()
        #expect(try test.receivedBytes() == [0x8A, 0])
        test.loop.advanceTime(by: .seconds(8))
        #expect(try test.receivedBytes().isEmpty == keepAlive)
        // A pong is no sign of life for this time-out.
        try test.send(WebSocketTestClient.frame(10, []))
        test.loop.advanceTime(by: .milliseconds(2_750))
        #expect(try test.receivedBytes().isEmpty == !keepAlive)
    }

    @Test(arguments: [50, 250, 300, 1_000] as [Int64])
    func noConnectionIsIdleBeforeItsTime(_ milliseconds: Int64) throws {
        for offset in stride(from: 0 as Int64, to: 250, by: 10) {
            let test = try Embedded({ $0.idleTimeout = .milliseconds(milliseconds); $0.pingInterval = nil })
            try test.upgrade()
            test.loop.advanceTime(by: .milliseconds(offset % 40))
            try test.send(WebSocketTestClient.frame(2, [7]))
            test.loop.run()
            _ = try test.receivedBytes()
            for _ in 0..<max(1, milliseconds / 10) {
                #expect(try test.receivedBytes() == [])
                test.loop.advanceTime(by: .milliseconds(min(10, milliseconds - 1)))
            }
            test.loop.advanceTime(by: .milliseconds(750))
            #expect(try test.receivedBytes().first == 0x88)
        }
    }

    @Test func aSilentServerNeedsNoTimer() throws {
        let test = try Embedded({ $0.pingInterval = nil })
        try test.upgrade()
        test.loop.advanceTime(by: .hours(24))
        #expect(test.channel.isActive)
    }

    @Test func theOldestHalfOpenConnectionMakesRoom() throws {
        var limits = TransportLimits()
        limits.halfOpenMax = 3
        let test = try Embedded(limits: limits)
        var others: [EmbeddedChannel] = []
        for _ in 0..<3 {
            let channel = EmbeddedChannel(loop: test.loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            try channel.pipeline.syncOperations.addHandler(HTTPHandler(HTTPConnection(loop: test.context, listener: "main", hosts: .any, isPlain: true)))
            others.append(channel)
        }
        #expect(!test.channel.isActive)
        let isKept = others.allSatisfy { $0.isActive }
        #expect(isKept)
        // One that has sent a request does not count any more.
        try others[0].writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
        let another = EmbeddedChannel(loop: test.loop)
        try another.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try another.pipeline.syncOperations.addHandler(HTTPHandler(HTTPConnection(loop: test.context, listener: "main", hosts: .any, isPlain: true)))
        let areKept = others.allSatisfy { $0.isActive }
        #expect(areKept && another.isActive)
        #expect(test.context.halfOpen.count == 3)
    }
}
