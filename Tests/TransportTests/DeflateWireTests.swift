import NIOCore
import NightjarTesting
import Testing
@testable import Transport

private let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

@Suite(.timeLimit(.minutes(1))) struct DeflateWireTests {
    private func endpoint(takeover: Bool = false, _ configure: (inout WebSocketOptions) -> Void = { _ in }) -> TestEndpoint {
        TestEndpoint { options in
            options.compression = Compression()
            options.compression?.contextTakeover = takeover
            configure(&options)
        }
    }

    @Test func compressionIsAgreedOnOnlyIfBothWantIt() async throws {
        try await withServer([.webSocket("/on", endpoint()), .webSocket("/off", TestEndpoint())]) { _, port in
            let both = try await WebSocketTestClient.connect(port: port, "/on", offer: "permessage-deflate; client_max_window_bits")
            #expect(both.agreed == plain)
            let silent = try await WebSocketTestClient.connect(port: port, "/on")
            #expect(silent.agreed == nil)
            let declined = try await WebSocketTestClient.connect(port: port, "/on", offer: "permessage-deflate; unknown")
            #expect(declined.agreed == nil)
            let unwanted = try await WebSocketTestClient.connect(port: port, "/off", offer: "permessage-deflate")
            #expect(unwanted.agreed == nil)
            let long = String(repeating: "long enough ", count: 20)
            for client in [silent, declined, unwanted] {
                try await client.send(long)
                #expect(try await client.receiveFrame() == WireFrame(opcode: 1, isCompressed: false, payload: Array(long.utf8)))
                try await client.send(compressed: [0x61])
                #expect(try await client.receiveClose().code == 1002)
                await client.disconnect()
            }
            try await both.close()
        }
    }

    @Test func shortMessagesStayPlainAndLongOnesDoNot() async throws {
        try await withServer([.webSocket("/e", endpoint())]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e", offer: "permessage-deflate")
            for (count, isCompressed) in [(0, false), (1, false), (49, false), (50, true), (500, true), (200_000, true)] {
                let message = [UInt8](repeating: 0x61, count: count)
                for opcode in [1, 2] as [UInt8] {
                    // The client may do as it likes.
                    try await client.sendFrame(opcode, message)
                    try await client.send(compressed: message, opcode)
                    for _ in 0..<2 {
                        let frame = try await client.receiveFrame()
                        #expect(frame.opcode == opcode && frame.isCompressed == isCompressed)
                        #expect((isCompressed ? PlainInflater().message(frame.payload) : frame.payload) == message)
                    }
                }
            }
            try await client.ping([1])
            #expect(try await client.receiveFrame() == WireFrame(opcode: 10, isCompressed: false, payload: [1]))
            try await client.close()
        }
    }

    @Test func keptContextsGoOnFromMessageToMessage() async throws {
        try await withServer([.webSocket("/e", endpoint(takeover: true))]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e", offer: "permessage-deflate; client_max_window_bits")
            #expect(client.agreed == "permessage-deflate; client_max_window_bits=12")
            let sender = PlainDeflater(windowBits: 12), receiver = PlainInflater(windowBits: 12)
            var random = Seeded(9)
            let message = random.bytes(600)
            var sizes: [Int] = []
            for _ in 0..<5 {
                try await client.sendFrame(2, sender.message(message), reserved: 4)
                let frame = try await client.receiveFrame()
                #expect(frame.isCompressed && receiver.message(frame.payload) == message)
                sizes.append(frame.payload.count)
            }
            #expect(sizes[0] > 600 && sizes.dropFirst().allSatisfy { $0 < 30 })
            try await client.close()
        }
    }

    @Test(arguments: [1, 3])
    func aRoomHearsTheSameInEveryForm(_ loops: Int) async throws {
        let forgetful = endpoint(), keeping = endpoint(takeover: true), off = TestEndpoint()
        let routes: [TestRoute] = [.webSocket("/forget", forgetful), .webSocket("/keep", keeping), .webSocket("/off", off)]
        try await withServer(loops: loops, routes) { server, port in
            var members: [(client: WebSocketTestClient, inflater: PlainInflater?, keeps: Bool)] = []
            for (path, endpoint) in [("/forget", forgetful), ("/keep", keeping), ("/off", off)] {
                for offer in ["permessage-deflate", "permessage-deflate; server_max_window_bits=9", ""] {
                    let client = try await WebSocketTestClient.connect(port: port, path, offer: offer)
                    let id = try await endpoint.nextOpened()
                    let joined = server.eventLoops[0].makePromise(of: Rooms.JoinOutcome.self)
                    server.rooms.join("r", id) { joined.succeed($0) }
                    #expect(try await joined.futureResult.get() == .joined)
                    let keeps = path == "/keep"
                    members.append((client, client.agreed == nil ? nil : PlainInflater(), keeps))
                }
            }
            var frames: [SharedFrame] = []
            var texts: [String] = []
            for index in 0..<30 {
                let text = "\(index) " + String(repeating: "news of the day ", count: index)
                texts.append(text)
                frames.append(SharedFrame(text))
                server.rooms.send("r", frames[index])
            }
            for var member in members {
                for text in texts {
                    let frame = try await member.client.receiveFrame()
                    #expect(frame.isCompressed == (member.inflater != nil && text.utf8.count >= 50))
                    if !frame.isCompressed {
                        #expect(frame.payload == Array(text.utf8))
                        continue
                    }
                    if !member.keeps { member.inflater = PlainInflater() }
                    #expect(member.inflater?.message(frame.payload) == Array(text.utf8))
                }
            }
            // Once for each of the two windows, however many receive it on however many loops; short ones not at all.
            for (frame, text) in zip(frames, texts) { #expect(frame.formCount == (text.utf8.count >= 50 ? 2 : 0)) }
            for member in members { try await member.client.close() }
        }
    }

    @Test func silentConnectionsHoldNoContexts() async throws {
        try await withServer([.webSocket("/e", endpoint { $0.pingInterval = nil })]) { server, port in
            var clients: [WebSocketTestClient] = []
            for _ in 0..<60 { clients.append(try await .connect(port: port, "/e", offer: "permessage-deflate")) }
            func contexts() async throws -> [Int] {
                try await server.prepare(0) { [$0.compression.deflaterCount, $0.compression.inflaterCount] }
            }
            #expect(try await contexts() == [0, 0])
            let message = [UInt8](repeating: 0x62, count: 300)
            for client in clients {
                try await client.send(compressed: message)
                #expect(PlainInflater().message(try await client.receiveFrame().payload) == message)
            }
            #expect(try await contexts() == [1, 1])
            for client in clients { try await client.close() }
        }
    }

    enum Violation: String, CaseIterable {
        case bomb, invalidData, badText, compressedPing

        var bytes: [UInt8] {
            switch self {
            case .bomb: WebSocketTestClient.frame(2, deflated([UInt8](repeating: 0, count: 1 << 20)), reserved: 4)
            case .invalidData: WebSocketTestClient.frame(2, [0x06], reserved: 4)
            case .badText: WebSocketTestClient.frame(1, deflated([0xC0, 0x80]), reserved: 4)
            case .compressedPing: WebSocketTestClient.frame(9, [], reserved: 4)
            }
        }
        var code: UInt16 {
            switch self {
            case .bomb: 1009
            case .invalidData, .badText: 1007
            case .compressedPing: 1002
            }
        }
    }

    @Test(arguments: Violation.allCases)
    func violationsAreAnsweredWithTheirCode(_ violation: Violation) async throws {
        let endpoint = endpoint { $0.maxMessage = 65_536 }
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e", offer: "permessage-deflate")
            try await client.sendRaw(violation.bytes)
            #expect(try await client.receiveClose().code == violation.code)
            _ = try await client.connection.receiveEnd()
            await client.disconnect()
            #expect(try await endpoint.nextClosed().code == violation.code)
        }
    }
}
