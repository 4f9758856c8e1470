import ArgumentParser
import Foundation
import Logging
import Reload
import UnixSignals

/// Plays a recording to the scripts of a package, in a process of its own.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a recording to the scripts, without a server and without the stream.",
        discussion: """
            The scripts are loaded from the folder of scripts as they are now, in this process: a server that runs is not touched, and \
            nothing is stored. Every message goes the way it goes when it comes from the stream, at the recorded time (ps2.now()). \
            What the scripts look up is answered from the recording; with --online Census is asked for the rest. Lines that scripts \
            write go to standard output, then a table of the triggers; the log goes to standard error.

            Exit status 1: the package does not load, or the recording is none from some line on, which is named.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "A file made by nightjar events record.")
    var file: String

    @Option(help: "How many times as fast as recorded; 0: as fast as it goes.")
    var speed = 0.0

    @Flag(help: "Ask Census for what the recording does not know.")
    var online = false

    @Option(help: "Show the page on this port of 127.0.0.1 and take over saved scripts; goes on after the end, until Ctrl-C. 0: the system chooses.")
    var page: Int?

    @Option(help: "Show at the end what this trigger remembers instead of the table.")
    var trigger: String?

    @Option(help: "Least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
    var logLevel = "warning"

    @Option(help: "Package that has the triggers.")
    var package = "ps2"

    /// Messages of one call, and their bytes: a call is short enough for others in between.
    private static let callMessagesMax = 100
    private static let callBytesMax = 256 << 10

    func run() async throws {
        var settings = try await shared.settings()
        guard speed >= 0, speed.isFinite else { throw CommandFailure(code: "range", description: "--speed must be at least 0.") }
        guard page.map({ (0...65_535).contains($0) }) != false else { throw CommandFailure(code: "range", description: "--page must be a port (0…65535).") }
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw CommandFailure(code: "log_level", description: "--log-level must be one of trace, debug, info, notice, warning, error, critical.")
        }
        guard package != ArgusCommand.package else {
            throw CommandFailure(
                code: "no_replay", description: "the package argus takes each run for itself: nightjar argus parse \(file) tells what those of a recording come to.")
        }
        var reader = try RecordingReader(path: file, package: package)
        settings.packageSettings[package, default: [:]]["offline"] = "true"
        settings.packageSettings[package, default: [:]]["census"] = "\(online)"
        settings.debug = page != nil
        guard settings.packageNames.contains(package) else {
            throw CommandFailure(
                code: "no_package", description: "there is no package \(package) in \(settings.scriptsDirectory). Name the folder that holds it with --scripts.")
        }
        let output = LogWriter.standardError(.text)
        LoggingSystem.bootstrap { JSONLinesLogHandler(label: $0, format: .text, logLevel: level, output: output) }
        let host = try await ReplayHost(settings, package: package, page: page, logger: Logger(label: "nightjar.replay"))
        let stop = StopFlag()
        let signals = Task { for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { stop.set() } }
        let outcome: Result<Void, any Error>
        do {
            try await play(&reader, host, stop)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        signals.cancel()
        await host.stop()
        output.finish(within: LogWriter.farewell)
        try outcome.get()
    }

    private func play(_ reader: inout RecordingReader, _ host: ReplayHost, _ stop: StopFlag) async throws {
        if let address = host.address { Console.say("\(address)/triggers/") }
        var pacing = Pacing(speed: speed)
        var progress = Progress()
        var batch: [RecordingReader.Line] = []
        var bytes = 0, count = 0
        let function = "\(package).replay"

        func flush() async throws {
            guard !batch.isEmpty else { return }
            let answer = try await host.call(function, [batch.map(\.text)]) as? [String: Any]
            if let problem = answer?["problem"] as? String {
                progress.end()
                let index = (answer?["at"] as? Int ?? 1) - 1
                throw reader.failure(problem, line: batch.indices.contains(index) ? batch[index].number : nil)
            }
            count += batch.count
            batch.removeAll(keepingCapacity: true)
            bytes = 0
        }

        while let line = try reader.next(), !stop.isSet {
            if let wait = pacing.wait(line.time) {
                try await flush()
                try await sleep(wait, stop)
            }
            // A long line goes alone.
            if bytes + line.text.utf8.count > Self.callBytesMax { try await flush() }
            batch.append(line)
            bytes += line.text.utf8.count
            if batch.count >= Self.callMessagesMax { try await flush() }
            progress.tell("\(count) messages, \(reader.size > 0 ? reader.taken * 100 / reader.size : 100) %")
        }
        try await flush()
        progress.end()
        var question: [String: Any] = ["replayed": count]
        question["name"] = trigger
        let report = try await host.call("\(package).triggers", [question])
        try TriggersCommand.show(report, of: "\(package).triggers")
        guard page != nil, !stop.isSet else { return }
        Console.say("the page stays until Ctrl-C")
        while !stop.isSet { try await Task.sleep(for: .milliseconds(100)) }
    }

    private func sleep(_ duration: Duration, _ stop: StopFlag) async throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, !stop.isSet {
            try await Task.sleep(for: min(.milliseconds(100), end - ContinuousClock.now))
        }
    }

    /// When messages are due.
    private struct Pacing {
        let speed: Double
        private var last: (time: Int64, at: ContinuousClock.Instant)?

        /// Longest pause between two messages. A clock that jumped, or a file put together from two, shall not stop it for days.
        private static let pauseSecondsMax = 600.0

        init(speed: Double) { self.speed = speed }

        /// How long to wait before a message of this time; nil: not at all.
        mutating func wait(_ time: Int64?) -> Duration? {
            guard speed > 0, let time else { return nil }
            guard let last else {
                self.last = (time, .now)
                return nil
            }
            // As floating point: two times of a file may be further apart than an integer counts.
            let pause = max(0, (Double(time) - Double(last.time)) / 1_000 / speed)
            let due = last.at + .seconds(min(pause, Self.pauseSecondsMax))
            self.last = (time, due)
            let wait = due - .now
            return wait > .milliseconds(2) ? wait : nil
        }
    }
}
