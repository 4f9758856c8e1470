import Foundation
import Glibc
import NightjarTesting
import Reload
import Synchronization

/// Counts what the loop's thread allocates while it echoes messages. Runs under `Benchmarks/allocations.sh`, whose library counts
/// the calls of `malloc` and its kin, by thread.
struct AllocationRun: Sendable {
    private static let clients = 8
    private static let rounds = 2_500
    /// Allocations in a thousand messages, at most. The way of a message has none; what is left comes with the loop's ticks.
    private static let most = 20.0

    private struct Finding: Error, CustomStringConvertible { let description: String }

    func run() async -> Bool {
        do {
            let found = try await measure()
            let isFine = found <= Self.most
            say(String(format: "allocations: \(isFine ? "ok" : "FAILED"): %.1f in 1,000 messages (bound %.0f)", found, Self.most))
            return isFine
        } catch {
            say("allocations: FAILED: \(error)")
            return false
        }
    }

    private func measure() async throws -> Double {
        guard let symbol = dlsym(nil, "allocations_of_this_thread") else {
            throw Finding(description: "nobody counts; run Benchmarks/allocations.sh")
        }
        let count = unsafeBitCast(symbol, to: (@convention(c) () -> UInt64).self)
        let server = try await TestServer(packages: ["neighbour": Neighbour.package("neighbour")])
        let port = server.port
        let echoes = try await blocking { try Echoes(port, clients: Self.clients) }
        // What grows to its size at first does so.
        try await blocking { try echoes.run(Self.rounds) }
        let before = await Self.onLoop(server, count)
        try await blocking { try echoes.run(Self.rounds) }
        let after = await Self.onLoop(server, count)
        await server.stop()
        // Asking is a hop to the loop, too.
        return Double(after - before) * 1_000 / Double(Self.rounds * Self.clients)
    }

    private static func onLoop(_ server: TestServer, _ count: @escaping @convention(c) () -> UInt64) async -> UInt64 {
        await withCheckedContinuation { continuation in
            server.host.withWorker(0) { _ in continuation.resume(returning: count()) }
        }
    }

    // @unchecked: used by one thread at a time.
    private final class Echoes: @unchecked Sendable {
        private let sockets: [BlockingWebSocket]
        private let text = String(repeating: "x", count: 128)

        init(_ port: Int, clients: Int) throws {
            sockets = try (0..<clients).map { _ in try BlockingWebSocket(port: port, path: "/neighbour") }
        }

        /// All clients send a message and read its answer, so often.
        func run(_ rounds: Int) throws {
            for _ in 0..<rounds {
                for socket in sockets { try socket.send(text) }
                for socket in sockets {
                    guard try socket.receive() == text else { throw Finding(description: "another answer") }
                }
            }
        }
    }
}
