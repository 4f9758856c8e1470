import Bytes
import Logging
import NIOCore
import Synchronization
import Transport

/// Listens to a live log for ever and stores every entry. May be used from any task; `run` once.
final class LogDumper<Time: Clock>: Sendable where Time.Duration == Duration {
    /// Between connections.
    private let pause: Duration = .seconds(2)
    /// Between attempts at a file that cannot be written.
    private let retryPause: Duration = .milliseconds(250)
    /// How long a stop waits for a file that cannot be written: well below the time after which a process manager kills.
    private let stopPatience: Duration = .seconds(5)
    /// Between two lines that say how much was stored.
    private let reportInterval: Duration = .seconds(60)

    private let endpoint: WebSocketURL
    private let token: String?
    private let table: LogEntryTable
    private let clock: Time
    private let group: any EventLoopGroup
    private let logger: Logger

    private struct State {
        var isStopping = false
        /// Cuts short what `run` is waiting for.
        var interrupt: (@Sendable () -> Void)?
    }
    private let state = Lock(State())

    /// - Parameter token: Of the server, see ``LogDumpSettings/token``.
    init(endpoint: WebSocketURL, token: String? = nil, table: LogEntryTable, clock: Time, group: any EventLoopGroup, logger: Logger) {
        self.endpoint = endpoint
        self.token = token
        self.table = table
        self.clock = clock
        self.group = group
        self.logger = logger
    }

    private var clientOptions: WebSocketClientOptions {
        var options = Self.clientOptions
        if let token { options.headers = [("authorization", "Bearer \(token)")] }
        return options
    }

    /// What the dump wants from a connection.
    static var clientOptions: WebSocketClientOptions {
        var options = WebSocketClientOptions()
        // What listeners of the protocol do; every connection has its own.
        options.pingInterval = .seconds(3)
        // One frame has what reached a room within 100 ms, from any number of requests of up to 100 kB.
        options.maxMessage = 16 * 1024 * 1024
        return options
    }

    /// What may wait for the file.
    private static var buffer: WebSocketClientStream.Buffer {
        var buffer = WebSocketClientStream.Buffer()
        buffer.messagesMax = 1_024
        buffer.bytesMax = 4 * 1024 * 1024
        return buffer
    }

    /// Listens until `stop` was called or the task was cancelled. What has arrived by then is stored.
    /// - Throws: ``LogDumpError`` with the code `not_stored`.
    func run() async throws {
        try await withTaskCancellationHandler { try await listenForEver() } onCancel: { stop() }
    }

    /// Makes `run` close its connection and return. Any number of times.
    func stop() {
        let interrupt = state.withLock { state in
            state.isStopping = true
            return state.interrupt
        }
        interrupt?()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    // MARK: Connections

    private func listenForEver() async throws {
        var machine = ReconnectMachine(pause: pause)
        var report = Report<Time>(now: clock.now)
        var stream: WebSocketClientStream?
        if isStopping { machine.stop() }
        var action = machine.first
        while action != .finish {
            let event: ReconnectMachine.Event
            switch action {
            case .connect:
                switch await connect() {
                case .success(let opened):
                    stream = opened
                    event = .opened
                    logger.info("connected")
                case .failure(let error):
                    event = .failed
                    if error.code != .cancelled, machine.isFailureNews {
                        logger.warning("cannot connect, trying again every 2 s", metadata: ["error": "\(error)"])
                    }
                }
            case .listen:
                if let stream { try await listen(to: stream, &report) }
                stream = nil
                event = .ended
            case .wait(let pause):
                await interruptible { [clock] in try? await clock.sleep(for: pause) }
                event = .waited
            case .finish: return
            }
            if isStopping { machine.stop() }
            action = machine.next(after: event)
        }
        logger.info("stopped", metadata: ["stored": "\(report.stored)"])
    }

    private func connect() async -> Result<WebSocketClientStream, WebSocketClientError> {
        let (endpoint, group) = (self.endpoint, self.group)
        let options = clientOptions
        return await interruptible {
            do throws(WebSocketClientError) {
                return .success(
                    try await WebSocketClientStream.connect(
                        to: endpoint, options: options, buffer: Self.buffer, on: group))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Runs `body` in a task that `stop` cancels.
    private func interruptible<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let task = Task { await body() }
        interrupt { task.cancel() }
        defer { state.withLock { $0.interrupt = nil } }
        return await task.value
    }

    /// What `stop` is to do from now on; done at once if it was called already.
    private func interrupt(_ body: @escaping @Sendable () -> Void) {
        let isStopping = state.withLock { state in
            state.interrupt = body
            return state.isStopping
        }
        if isStopping { body() }
    }

    // MARK: Entries

    private func listen(to stream: WebSocketClientStream, _ report: inout Report<Time>) async throws {
        interrupt { stream.close() }
        defer { state.withLock { $0.interrupt = nil } }
        let before = report.stored
        for await message in stream {
            guard let frame = decode(message) else { continue }
            if !frame.rows.isEmpty { try await store(frame.rows) }
            report.stored += frame.rows.count
            if report.isDue(clock.now, interval: reportInterval) {
                logger.info("storing", metadata: ["stored": "\(report.stored)"])
            }
        }
        let why = stream.end.map(\.description) ?? "cancelled"
        logger.info("disconnected", metadata: ["reason": "\(why)", "stored": "\(report.stored - before)"])
    }

    /// Nil, and a line in the log, for what is no log entry.
    private func decode(_ message: WebSocketMessage) -> LogFrame? {
        guard message.kind == .text else {
            logger.warning("skipped a binary frame", metadata: ["bytes": "\(message.bytes.count)"])
            return nil
        }
        guard let frame = try? LogFrame(json: message.bytes) else {
            // Its start only, as it is: the log writes control characters in a safe way.
            let start = String(decoding: message.bytes.prefix(80), as: UTF8.self)
            logger.warning("skipped a malformed frame", metadata: ["bytes": "\(message.bytes.count)", "start": "\(start)"])
            return nil
        }
        if frame.skipped > 0 { logger.warning("skipped what is no entry", metadata: ["count": "\(frame.skipped)"]) }
        return frame
    }

    /// Stores one frame's rows, trying until they are stored. Nothing more is read meanwhile once the buffer is full.
    private func store(_ rows: [LogRow]) async throws(LogDumpError) {
        var failures = 0
        var stoppedAt: Time.Instant?
        while true {
            do {
                try await table.insert(rows)
                if failures > 0 { logger.notice("the database takes entries again") }
                return
            } catch {
                // The first time, then every ten seconds or so.
                if failures % 40 == 0 {
                    logger.error("the database takes no entries, trying on; reading pauses", metadata: ["error": "\(error)"])
                }
                failures += 1
                if isStopping {
                    let since = stoppedAt ?? clock.now
                    stoppedAt = since
                    if since.duration(to: clock.now) >= stopPatience { throw Self.notStored(rows.count, error) }
                }
                guard (try? await clock.sleep(for: retryPause)) != nil else { throw Self.notStored(rows.count, error) }
            }
        }
    }

    private static func notStored(_ count: Int, _ error: any Error) -> LogDumpError {
        LogDumpError(code: "not_stored", description: "the last entries, \(count) or more, could not be stored: \(error)")
    }
}

/// How much was stored and when that was last said.
private struct Report<Time: Clock> where Time.Duration == Duration {
    var stored = 0
    private var last: Time.Instant

    init(now: Time.Instant) { last = now }

    mutating func isDue(_ now: Time.Instant, interval: Duration) -> Bool {
        guard last.duration(to: now) >= interval else { return false }
        last = now
        return true
    }
}
