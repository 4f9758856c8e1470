import ArgumentParser
import Foundation
import UnixSignals

/// Writes what a running server gets from an event stream into a file.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Write what a running server gets into a file, until it is stopped.",
        discussion: """
            Everything the stream sends is recorded, as it comes, and what the scripts look up meanwhile. The stream sends what the \
            triggers of the server have subscribed to. Ends with Ctrl-C, or at one of the limits. Exit status 0: the file is complete; \
            1: there is none, or the server went away, or messages are missing in it.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "File to make; it must not be there yet.")
    var file: String

    @Option(help: "Messages at most.")
    var limit = 1_000_000

    /// A hundred years, and a terabyte: beyond that it is a slip.
    private static let most = (seconds: 3_153_600_000.0, megabytes: 1 << 20)

    @Option(help: "Seconds at most; 0: until it is stopped.")
    var seconds = 0.0

    @Option(help: "Megabytes at most.")
    var megabytes = 1_024

    @Option(help: "Package that has the stream.")
    var package = "ps2"

    /// How often the server is asked. It keeps what comes meanwhile.
    private static let pause = Duration.milliseconds(250)

    func run() async throws {
        umask(0o077)
        let settings = try await shared.settings()
        guard limit > 0, (0...Self.most.seconds).contains(seconds), (1...Self.most.megabytes).contains(megabytes) else {
            throw CommandFailure(
                code: "range",
                description: "--limit must be above 0, --megabytes from 1 to \(Self.most.megabytes), --seconds from 0 to \(Int(Self.most.seconds)).")
        }
        let function = "\(package).record"
        let stop = StopFlag()
        // Trapped before there is a file: who sees it may stop this.
        let trapped = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let signals = Task { for await _ in trapped { stop.set() } }
        defer { signals.cancel() }
        try await ControlClient.with(settings) { control in
            // Before the file is made: without a server there is none.
            var cursor = try Piece(try await control.call(function, [NSNull()]), function)
            let writer = try RecordingWriter(path: file, package: package)
            try await record(control, function, &cursor, writer, stop)
        }
    }

    private func record(
        _ control: ControlClient, _ function: String, _ cursor: inout Piece, _ writer: RecordingWriter, _ stop: StopFlag
    ) async throws {
        let end = seconds > 0 ? ContinuousClock.now + .seconds(seconds) : nil
        var progress = Progress()
        var missing = 0
        var why = "stopped"
        while true {
            let isLast = stop.isSet || end.map { ContinuousClock.now >= $0 } == true
            let piece: Piece
            do { piece = try Piece(try await control.call(function, [cursor.next]), function) } catch {
                progress.end()
                try writer.close()
                Console.say(words(writer, missing))
                throw error
            }
            missing += piece.missing
            for line in piece.lines where writer.count < limit { try writer.write(line) }
            cursor = piece
            let state = piece.state
            progress.tell("\(writer.count) messages, \(writer.bytes >> 10) KiB\(state.isEmpty ? "" : ", \(state)")")
            if writer.count >= limit { why = "that is the limit" }
            if writer.bytes >= megabytes << 20 { why = "\(megabytes) MB are the limit" }
            if isLast || why != "stopped" { break }
            // More waits: ask again at once.
            if !piece.isFull { try await Task.sleep(for: Self.pause) }
        }
        progress.end()
        try writer.close()
        Console.say("\(words(writer, missing)); \(why)")
        if missing > 0 { throw ExitCode(1) }
    }

    private func words(_ writer: RecordingWriter, _ missing: Int) -> String {
        "\(file): \(writer.count) messages" + (missing > 0 ? ", \(missing) are missing: more came than could be fetched, or they were too long" : "")
    }

    /// What a package answers to `PACKAGE.record`.
    private struct Piece {
        var lines: [String]
        var next: Int
        var missing: Int
        var isFull: Bool
        /// About the stream, for a person.
        var state: String

        init(_ answer: Any?, _ function: String) throws(CommandFailure) {
            guard let answer = answer as? [String: Any], let next = answer["next"] as? Int, let lines = answer["lines"] as? [String] else {
                throw CommandFailure(code: "bad_answer", description: "\(function) answers something else than a piece of a recording. Is the package of this release?")
            }
            self.lines = lines
            self.next = next
            missing = answer["missing"] as? Int ?? 0
            isFull = answer["more"] as? Bool ?? false
            state = answer["state"] as? String ?? ""
        }
    }
}
