import Bytes
import Foundation
import Logging
import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Synchronization
import Testing
import Transport

@testable import Nightjar

/// A clock that stands still until the test turns it.
final class TestClock: Clock {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        var offset: Swift.Duration
        func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let due: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
    }
    private let state = Lock(State())
    /// Length of every sleep, as it begins.
    let sleeps = Letterbox<Swift.Duration>("the dumper to sleep")

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Swift.Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        let (id, start) = state.withLock { state in
            state.next += 1
            return (state.next, state.now)
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if Task.isCancelled { return true }
                    state.sleepers[id] = Sleeper(due: deadline, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume(throwing: CancellationError()) }
                sleeps.put(start.duration(to: deadline))
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }

    func advance(by duration: Swift.Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.due <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }
}

/// Log lines, as `level message`.
final class LogLines: Sendable {
    private let lines = Lock<[String]>([])
    /// One for each time the dumper found itself connected.
    let connections = Letterbox<Void>("the dumper to connect")

    var all: [String] { lines.withLock { $0 } }
    func count(_ part: String) -> Int { all.count { $0.contains(part) } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            lines.lines.withLock { $0.append("\(event.level) \(event.message)\(fields)") }
            if event.message == "connected" { lines.connections.put(()) }
        }
    }
}

/// A live log on 127.0.0.1 whose entries come from the test.
final class LogSource: WebSocketEndpoint, Sendable {
    /// What waits for a dumper that does not read must not be what ends its connection.
    let options: WebSocketOptions = {
        var options = WebSocketOptions()
        options.maxUnsent = 64 * 1024 * 1024
        return options
    }()
    let listeners = Letterbox<ConnectionID>("a listener of the log")
    private let greeting: [String]

    /// - Parameter greeting: Frames for every listener, before anything else.
    init(greeting: [String] = []) { self.greeting = greeting }

    func opened(_ connection: Connection) {
        for text in greeting { connection.send(text) }
        listeners.put(connection.id)
    }

    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {}

    func closed(_ connection: Connection, code: UInt16, reason: String) {}
}

/// A dumper that runs against a `LogSource`, with a file of its own.
final class DumpFixture: Sendable {
    let source: LogSource
    let transport: TransportServer
    let clock = TestClock()
    let lines = LogLines()
    let dumper: LogDumper<TestClock>
    let table: LogEntryTable
    let path: String
    private let folder: URL
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let running: Task<Void, any Error>

    private init(_ source: LogSource) async throws {
        self.source = source
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-dump-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("logs.sqlite").path
        table = try LogEntryTable(path: path, lockWait: .zero)
        transport = TransportServer(group: group, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await transport.prepare(0) { try $0.setRoutes(listener: "main", owner: "test", [.webSocket("/logs/listen", source)]) }
        let port = try await transport.listen(ListenerConfiguration()).port!
        dumper = LogDumper(
            endpoint: try WebSocketURL("ws://127.0.0.1:\(port)/logs/listen"), table: table, clock: clock,
            group: MultiThreadedEventLoopGroup.singleton, logger: lines.logger)
        let dumper = self.dumper
        running = Task { try await dumper.run() }
    }

    /// Runs a dumper for the time of `body`, which must stop it.
    static func run(greeting: [String] = [], _ body: (DumpFixture) async throws -> Void) async throws {
        let fixture = try await DumpFixture(LogSource(greeting: greeting))
        do {
            try await body(fixture)
        } catch {
            await fixture.tidy()
            throw error
        }
        await fixture.tidy()
    }

    private func tidy() async {
        dumper.stop()
        running.cancel()
        _ = try? await finishes("the end of the dumper") { [running] in await running.result }
        table.close()
        await transport.shutdown()
        try? await group.shutdownGracefully()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The next connection, once both sides know of it: a dumper that is stopped before gives up the attempt.
    func listener() async throws -> ConnectionID {
        let id = try await source.listeners.next()
        try await lines.connections.next()
        return id
    }

    /// Sends one frame to a listener; returns when it is on its way.
    func send(_ text: String, to listener: ConnectionID) async throws {
        try await transport.prepare(0) { $0.connection(listener)?.send(text) }
    }

    /// Sends a frame and drops the listener in the same breath.
    func send(_ text: String, andClose listener: ConnectionID, code: UInt16 = 1012) async throws {
        try await transport.prepare(0) {
            $0.connection(listener)?.send(text)
            $0.close(listener, code: code)
        }
    }

    /// Stops the dumper and waits for its end.
    func stop() async throws {
        dumper.stop()
        try await finishes("the end of the dumper") { [running] in try await running.value }
    }

    /// The values of a column in the order of the rows.
    func column(_ name: String) async throws -> [String?] {
        try await table.onQueue { database in
            let rows = try database("SELECT CAST(\(name) AS TEXT) FROM LogEntry ORDER BY Id")
            var values: [String?] = []
            while try rows.step() { values.append(rows.isNull(0) ? nil : rows.text(0)) }
            return values
        }
    }
}

/// An entry in JSON.
func entry(_ msg: String, _ more: String = "") -> String {
    #"{"timestamp":1763000000007,"level":"Info","msg":"\#(msg)","text":"x","user":"ann","room":"r1","serverTime":1763000000100,"seqNumber":912345678901\#(more)}"#
}
