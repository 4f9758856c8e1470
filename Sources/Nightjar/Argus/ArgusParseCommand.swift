import ArgumentParser
import Foundation

/// Shows what a run comes to.
struct ArgusParseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse",
        abstract: "Show what a run comes to with the scripts as they are now, without a server.",
        discussion: """
            The file holds what the game sends (run data with its eight strings, or a game state), a Lua table as a save has it, or a \
            recording made by nightjar events record --package argus. What viewers would get goes to standard output, a line of JSON for \
            each run; what was odd goes to standard error. Exit status 1: something in the file could not be read.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "The file; - is standard input.")
    var file: String

    private static let function = "\(ArgusCommand.package).parse"

    func run() async throws {
        let settings = try await shared.settings()
        let isRecording = file != "-" && Self.isRecording(file)
        let text = isRecording ? "" : try ArgusPackage.text(of: file)
        let isFine = try await ArgusPackage.with(settings) { host in
            guard isRecording else { return try await Self.show(host, text, "") }
            var reader = try RecordingReader(path: file, package: ArgusCommand.package)
            var isFine = true
            while let line = try reader.next() {
                let isGood = try await Self.show(host, line.text, "line \(line.number): ")
                isFine = isFine && isGood
            }
            return isFine
        }
        if !isFine { throw ExitCode(1) }
    }

    /// Recordings begin with a line that says so.
    private static func isRecording(_ file: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: file), let head = try? handle.read(upToCount: 256) else { return false }
        return String(decoding: head, as: UTF8.self).hasPrefix(#"{"\#(RecordingWriter.mark)""#)
    }

    /// - Returns: Whether it could be read.
    private static func show(_ host: ReplayHost, _ text: String, _ place: String) async throws -> Bool {
        guard let answer = try await host.call(function, [["text": text]]) as? [String: Any], let isFine = answer["ok"] as? Bool else {
            throw CommandFailure(code: "bad_answer", description: "\(function) answers something else than a run. Is the package of this release?")
        }
        if let output = answer["output"] as? String { Console.say(output) }
        for warning in answer["warnings"] as? [String] ?? [] { Console.note("\(place)\(warning)\n") }
        for line in answer["lines"] as? [String] ?? [] { Console.note("\(place)\(line)\n") }
        return isFine
    }
}
