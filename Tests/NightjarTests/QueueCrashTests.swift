import Bytes
import Foundation
import NightjarTesting
import Synchronization
import Testing

/// Kills the gateway under load, again and again on the same data: every message that was said to be stored is handed out.
@Suite("Queues after SIGKILL", .serialized)
struct QueueCrashTests {
    @Test("every stored message is handed out, whatever moment the server is killed at", .timeLimit(.minutes(3)))
    func survivesKills() async throws { try await killRepeatedly(rounds: 8, seed: 3) }

    @Test(
        "Soak: two hundred kills of the queues", .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil),
        .timeLimit(.minutes(60)))
    func soakManyKills() async throws { try await killRepeatedly(rounds: 200, seed: 4) }

    private func killRepeatedly(rounds: Int, seed: UInt64) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-queues-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var random = SplitMix(state: seed)
        let tally = QueueTally()
        for _ in 0..<rounds {
            let (server, port) = try Self.start(in: directory)
            let senders = (0..<4).map { QueueSender(name: "sender-\($0)", port: port, tally: tally) }
            let readers = (0..<3).map { QueueReader(name: "reader-\($0)", port: port, tally: tally) }
            let threads = senders.map { Self.run($0.send) } + readers.map { Self.run($0.read) }
            let target = tally.storedCount + 1 + Int(random.next() % 400)
            try await blocking { tally.wait { $0.stored.count >= target } }
            server.kill()
            try await blocking { try threads.forEach { thread in
                guard thread.wait(timeout: .now() + 60) == .success else { throw WaitedInVain("the end of a client", .seconds(60)) }
            } }
        }
        let (server, port) = try Self.start(in: directory)
        let readers = (0..<3).map { QueueReader(name: "reader-\($0)", port: port, tally: tally) }
        let threads = readers.map { Self.run($0.read) }
        try await blocking { tally.wait { $0.stored.isSubset(of: $0.read) } }
        #expect(server.terminate() == 0)
        try await blocking { try threads.forEach { thread in
                guard thread.wait(timeout: .now() + 60) == .success else { throw WaitedInVain("the end of a client", .seconds(60)) }
            } }
        let (stored, read) = tally.all
        #expect(stored.count > rounds)
        #expect(stored.isSubset(of: read), "\(stored.subtracting(read).count) of \(stored.count) stored messages were never handed out")
        #expect(tally.complaints.isEmpty, "\(tally.complaints.first ?? "")")
    }

    /// Starts the server with the gateway's listener and returns that one's port.
    private static func start(in directory: URL) throws -> (ServerProcess, Int) {
        let file = directory.appendingPathComponent("port")
        try? FileManager.default.removeItem(atPath: file.path + ".gateway")
        let server = try ServerProcess(
            arguments: [
                "--data-dir", directory.path, "--log-level", "error", "--workers", "2", "--listen", "gateway=127.0.0.1:0", "--port-file",
                file.path,
            ], directory: directory)
        let text = try String(contentsOfFile: file.path + ".gateway", encoding: .utf8)
        guard let port = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw ServerProcess.Failure.didNotStart(text) }
        return (server, port)
    }

    private static func run(_ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        Thread {
            body()
            done.signal()
        }.start()
        return done
    }
}

/// What was said to be stored, and what was handed out.
private final class QueueTally: Sendable {
    struct State {
        var sent = 0
        var stored: Set<Int> = []
        var read: Set<Int> = []
        var complaints: [String] = []
    }

    private let state = Lock(State())
    private let changed = NSCondition()

    var storedCount: Int { state.withLock { $0.stored.count } }
    var all: (stored: Set<Int>, read: Set<Int>) { state.withLock { ($0.stored, $0.read) } }
    var complaints: [String] { state.withLock { $0.complaints } }

    func update<Value: Sendable>(_ body: (inout State) -> sending Value) -> Value {
        let value = state.withLock { body(&$0) }
        changed.lock()
        changed.broadcast()
        changed.unlock()
        return value
    }

    /// Blocks until it is so, or nothing has come for 20 s.
    func wait(until isSo: (State) -> Bool) {
        changed.lock()
        defer { changed.unlock() }
        while !state.withLock({ isSo($0) }) {
            guard changed.wait(until: Date(timeIntervalSinceNow: 20)) else { return }
        }
    }
}

/// Puts messages as fast as they are stored, ten under way at a time, until the server is gone.
private struct QueueSender: Sendable {
    let name: String
    let port: Int
    let tally: QueueTally

    func send() {
        do {
            let socket = try BlockingWebSocket(port: port, path: "/gateway")
            try socket.send(#"{"s":"\#(name)","t":"gateway:opcode","d":{"opcode":0}}"#)
            _ = try socket.receive()
            while true {
                for _ in 0..<10 {
                    let number = tally.update { state in
                        state.sent += 1
                        return state.sent
                    }
                    try socket.send(#"{"s":"\#(name)","t":"gateway-proxy:\#(name):jobs@+:do","d":{"n":\#(number)},"id":"\#(number)"}"#)
                }
                for _ in 0..<10 {
                    let answer = try socket.receiveObject()["d"] as? [String: Any] ?? [:]
                    if answer["opcode"] as? Int == 21, let number = (answer["id"] as? String).flatMap(Int.init) {
                        tally.update { _ = $0.stored.insert(number) }
                    } else if answer["code"] as? String != "queue_full" {
                        tally.update { $0.complaints.append("\(answer)") }
                    }
                }
            }
        } catch {
            // The server was killed: the end of this sender.
        }
    }
}

/// Reads and acknowledges, until the server is gone.
private struct QueueReader: Sendable {
    let name: String
    let port: Int
    let tally: QueueTally

    func read() {
        do {
            let socket = try BlockingWebSocket(port: port, path: "/gateway")
            try socket.send(#"{"s":"\#(name)","t":"gateway:opcode","d":{"opcode":0}}"#)
            _ = try socket.receive()
            try socket.send(#"{"s":"\#(name)","t":"gateway:opcode","d":{"opcode":22,"queue":"jobs","prefetch":30}}"#)
            while true {
                let message = try socket.receiveObject()["d"] as? [String: Any] ?? [:]
                guard message["opcode"] as? Int == 25, let id = message["message"] as? String,
                    let number = (message["d"] as? [String: Any])?["n"] as? Int
                else { continue }
                tally.update { _ = $0.read.insert(number) }
                try socket.send(#"{"s":"\#(name)","t":"gateway:opcode","d":{"opcode":26,"message":"\#(id)"}}"#)
            }
        } catch {
            // The server was killed: the end of this reader.
        }
    }
}
