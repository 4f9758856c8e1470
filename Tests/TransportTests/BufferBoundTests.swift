import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

/// What all connections hold together is bounded; those that hold most go first.
@Suite(.timeLimit(.minutes(1))) struct BufferBoundTests {
    private func limits(_ bytes: Int) -> TransportLimits {
        var limits = TransportLimits()
        limits.bufferedBytesMax = bytes
        return limits
    }

    /// All but the last byte of a message of `count` bytes.
    private func unfinished(_ count: Int) -> [UInt8] { WebSocketTestClient.frame(2, [UInt8](repeating: 0, count: count)).dropLast() }

    @Test func unfinishedMessagesAreBoundedTogether() async throws {
        let endpoint = TestEndpoint { $0.maxMessage = 8 << 20 }
        try await withServer(limits: limits(6 << 20), [.webSocket("/", endpoint)]) { server, port in
            var small: [WebSocketTestClient] = []
            for _ in 0..<4 {
                let client = try await WebSocketTestClient.connect(port: port, "/")
                try await client.sendRaw(unfinished(300_000))
                small.append(client)
            }
            let large = try await WebSocketTestClient.connect(port: port, "/")
            // On a slow machine it is cut before all of it is sent.
            try? await large.sendRaw(unfinished(7 << 20))
            _ = try await large.connection.receiveEnd()
            for client in small {
                try await client.sendRaw([0x37])
                guard case .binary(let bytes) = try await client.receive() else { throw ServerViolation(reason: "no echo") }
                #expect(bytes.count == 300_000, "the others are heard out")
                await client.disconnect()
            }
        }
    }

    @Test func ofEqualOnesTheOldestGoFirst() async throws {
        let endpoint = TestEndpoint { $0.maxMessage = 8 << 20 }
        try await withServer(limits: limits(5 << 20), [.webSocket("/", endpoint)]) { _, port in
            var clients: [WebSocketTestClient] = []
            for _ in 0..<6 {
                let client = try await WebSocketTestClient.connect(port: port, "/")
                try await client.sendRaw(unfinished(1 << 20))
                clients.append(client)
            }
            _ = try await clients[0].connection.receiveEnd()
            try await clients[5].sendRaw([0x37])
            guard case .binary = try await clients[5].receive() else { throw ServerViolation(reason: "no echo") }
            for client in clients { await client.disconnect() }
        }
    }

    @Test func unsentBytesCountToo() async throws {
        let endpoint = TestEndpoint({ $0.maxUnsent = 64 << 20 }, received: { connection, _, _ in
            [UInt8](repeating: 1, count: 32 << 20).withUnsafeBytes { connection.send($0, .binary) }
        })
        try await withServer(limits: limits(4 << 20), [.webSocket("/", endpoint)]) { _, port in
            let deaf = try await WebSocketTestClient.connect(port: port, "/", receiveBufferBytes: 16 * 1024)
            try await deaf.connection.setReading(false)
            try await deaf.send("give")
            #expect(try await endpoint.nextClosed().code == 1006)
            await deaf.disconnect()
        }
    }

    @Test func unfinishedBodiesCountToo() async throws {
        let upload = TestResponder({ $0.maxBody = 64 << 20 }) { _, reply in reply.send(text: "") }
        try await withServer(limits: limits(4 << 20), [.http(.POST, "/", upload)]) { _, port in
            let client = try await TestConnection.connect(port: port)
            try await client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 60000000\r\n\r\n")
            client.post([UInt8](repeating: 0, count: 16 << 20))
            #expect(try await client.receiveEnd().isEmpty)
            await client.close()
        }
    }
}
