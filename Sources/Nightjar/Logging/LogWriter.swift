import Foundation
import Logging

/// Writes the log on a descriptor, from a thread of its own: whoever logs puts its line into a queue and goes on, whether
/// somebody reads the log or not.
///
///     loops → queue (bounded) → writer thread → standard error, or a file
///
/// A full queue drops what comes until the writer has taken it, counts it, and one line says how many are missing, at the
/// place where they are missing. A descriptor that cannot be written (a reader that is gone, a full disk) costs the lines of
/// that attempt, which are counted too; the next line is the next attempt. Any thread.
final class LogWriter: Sendable {
    /// What may wait at most. The writer holds as much again while it writes.
    struct Limits: Sendable {
        /// Short lines cost more to write than their bytes say.
        var lines = 16_384
        /// Some seconds of a busy server; small beside what the server needs anyway.
        var bytes = 2 << 20
    }

    /// Bytes of one `write`. A pipe that reports itself as writable takes as many without waiting, and whole.
    private static let pieceBytesMax = Int(PIPE_BUF)
    /// Files take any amount at once.
    private static let filePieceBytesMax = 64 * 1_024
    /// How often a writer that waits for a reader looks whether it shall end, milliseconds.
    private static let waitMilliseconds: Int32 = 100

    /// Guarded by `changed`. `Mutex` has nothing to wait with.
    private struct State {
        var bytes: [UInt8] = []
        var lines = 0
        /// Lines that came since the queue was full.
        var dropped = 0
        var isStarted = false
        /// The thread has nothing to do and waits for a line.
        var isIdle = false
        /// The file is to be opened anew before the next line.
        var shallReopen = false
        /// All lines that were ever dropped or lost.
        var missing: Int64 = 0
        /// When the thread gives up; nil: it goes on.
        var end: ContinuousClock.Instant?
        var hasEnded = false
    }

    /// Of a file that may be opened anew; nil: the descriptor is somebody else's.
    private let path: String?
    // After the beginning the writer thread's alone.
    private nonisolated(unsafe) var descriptor: CInt
    private let pieceBytesMax: Int
    private let limits: Limits
    /// Makes a line of the writer's own, without the line feed.
    private let ownLine: @Sendable (Logger.Level, String, Logger.Metadata) -> [UInt8]
    private let changed = NSCondition()
    // Owned by whoever holds `changed`.
    private nonisolated(unsafe) var state = State()

    /// - Parameters:
    ///   - descriptor: Must stay open; it is not closed.
    ///   - ownLine: Makes the lines about missing ones.
    init(
        descriptor: CInt, limits: Limits = Limits(), ownLine: @escaping @Sendable (Logger.Level, String, Logger.Metadata) -> [UInt8]
    ) {
        self.descriptor = descriptor
        path = nil
        self.limits = limits
        self.ownLine = ownLine
        var info = stat()
        let isFile = fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
        pieceBytesMax = isFile ? Self.filePieceBytesMax : Self.pieceBytesMax
    }

    /// Writes on the end of a file, which is made with mode 0600 if it is not there.
    /// - Throws: ``CommandFailure`` if it cannot be opened.
    init(
        path: String, limits: Limits = Limits(), ownLine: @escaping @Sendable (Logger.Level, String, Logger.Metadata) -> [UInt8]
    ) throws(CommandFailure) {
        descriptor = Self.open(path)
        guard descriptor >= 0 else {
            throw CommandFailure(
                code: "log_file",
                description: "the log file \(path) cannot be opened: \(String(cString: strerror(errno))). Give one that this user may write with --log-file.")
        }
        self.path = path
        self.limits = limits
        self.ownLine = ownLine
        pieceBytesMax = Self.filePieceBytesMax
    }

    /// A pipe that nobody reads is refused instead of waited for, at the start and at SIGUSR1; files do not know `O_NONBLOCK`.
    private static func open(_ path: String) -> CInt { Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600) }

    /// Opens the file anew before the next line: whoever has moved it (logrotate) gets a fresh one in its place. Nothing for
    /// standard error. Any thread.
    func reopen() {
        guard path != nil else { return }
        changed.lock()
        state.shallReopen = true
        wake()
        changed.unlock()
    }

    /// Lines that were dropped or could not be written, so far. Any thread.
    var missing: Int64 {
        changed.lock()
        defer { changed.unlock() }
        return state.missing
    }

    /// Queues a line of the writer's own.
    func write(_ level: Logger.Level, _ message: String) { write(ownLine(level, message, [:])) }

    /// Queues a line (without its line feed) or counts it as dropped. Never waits for the descriptor.
    func write(_ line: [UInt8]) {
        changed.lock()
        defer { changed.unlock() }
        guard state.end == nil else { return }
        guard state.dropped == 0, state.lines < limits.lines, state.bytes.count + line.count < limits.bytes else {
            state.dropped += 1
            state.missing += 1
            return
        }
        state.bytes += line
        state.bytes.append(UInt8(ascii: "\n"))
        state.lines += 1
        wake()
    }

    /// Lets the thread look at what is new. While `changed` is held.
    private func wake() {
        if !state.isStarted {
            state.isStarted = true
            let thread = Thread { [self] in run() }
            thread.name = "log-writer"
            thread.start()
        } else if state.isIdle {
            state.isIdle = false
            changed.broadcast()
        }
    }

    /// Writes what waits, for so long at most, and ends the thread. Lines that come later are gone. Blocks: not on an event
    /// loop.
    func finish(within patience: Duration) {
        changed.lock()
        defer { changed.unlock() }
        let end = ContinuousClock.now + patience
        state.end = min(state.end ?? end, end)
        guard state.isStarted else { return }
        changed.broadcast()
        let seconds = Double(patience.components.seconds) + Double(patience.components.attoseconds) / 1e18
        // A little longer than the thread itself, which may be inside a `write` that another process made wait.
        let last = Date(timeIntervalSinceNow: seconds + 0.05)
        while !state.hasEnded, changed.wait(until: last) {}
    }

    // MARK: The thread

    private func notice(_ dropped: Int) -> [UInt8] {
        ownLine(.warning, "log lines were dropped: nobody read the log, or it could not be written", ["count": "\(dropped)"])
            + [UInt8(ascii: "\n")]
    }

    private func note(missing count: Int) {
        changed.lock()
        state.missing += Int64(count)
        changed.unlock()
    }

    private func run() {
        var batch: [UInt8] = []
        // Lines of attempts that failed; told before what is written next.
        var lost = 0
        while let (lines, dropped, shallReopen) = take(&batch) {
            if shallReopen { openAnew(&batch) }
            let told = lost
            if lost > 0 { batch = notice(lost) + batch }
            let unwritten = writeAll(batch)
            lost = unwritten == 0 ? 0 : told + min(lines, unwritten)
            if unwritten > 0 { note(missing: min(lines, unwritten)) }
            guard dropped > 0 else { continue }
            if unwritten > 0 || writeAll(notice(dropped)) > 0 { lost += dropped }
        }
        changed.lock()
        state.hasEnded = true
        changed.broadcast()
        changed.unlock()
    }

    /// Waits for lines and takes them all; nil: this is the end.
    private func take(_ batch: inout [UInt8]) -> (lines: Int, dropped: Int, shallReopen: Bool)? {
        changed.lock()
        defer { changed.unlock() }
        while state.lines == 0, state.dropped == 0, !state.shallReopen {
            guard state.end == nil else { return nil }
            state.isIdle = true
            changed.wait()
        }
        state.isIdle = false
        batch.removeAll(keepingCapacity: true)
        swap(&batch, &state.bytes)
        defer { (state.lines, state.dropped, state.shallReopen) = (0, 0, false) }
        return (state.lines, state.dropped, state.shallReopen)
    }

    /// What was queued goes into the new file; if there is none, into the former one, with a line that says so.
    private func openAnew(_ batch: inout [UInt8]) {
        guard let path else { return }
        let new = Self.open(path)
        guard new >= 0 else {
            let reason = String(cString: strerror(errno))
            batch = ownLine(.error, "the log file cannot be opened anew; the former one is used", ["file": "\(path)", "error": "\(reason)"])
                + [UInt8(ascii: "\n")] + batch
            return
        }
        close(descriptor)
        descriptor = new
    }

    /// - Returns: How many lines could not be written.
    private func writeAll(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { whole in
            var rest = whole[...]
            while !rest.isEmpty {
                guard waitUntilWritable() else { break }
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(pieceBytesMax))
                let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR && errno != EAGAIN {
                    break
                }
            }
            return rest.count { $0 == UInt8(ascii: "\n") }
        }
    }

    /// False: the descriptor is of no use, or it is time to end.
    private func waitUntilWritable() -> Bool {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&entry, 1, Self.waitMilliseconds)
            // A reader that is gone counts as writable: `write` says what is wrong.
            if ready > 0 { return entry.revents & Int16(POLLNVAL) == 0 }
            if ready < 0 && errno != EINTR { return false }
            guard !isOverdue else { return false }
        }
    }

    private var isOverdue: Bool {
        changed.lock()
        defer { changed.unlock() }
        return state.end.map { ContinuousClock.now >= $0 } ?? false
    }
}
