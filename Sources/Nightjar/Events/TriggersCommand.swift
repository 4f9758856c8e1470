import ArgumentParser
import Foundation

/// Shows the triggers of a running server, and why one fires or not.
struct TriggersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "triggers",
        abstract: "Show the triggers of a running server, and why one fires or not.",
        discussion: """
            Without a name all triggers are listed, with what they have seen and how often they fired. With a name its latest events \
            are shown: the last that fired, and the last that failed at each test, with the value that did not fit.

              nightjar triggers print_levelup
              nightjar triggers print_levelup --event '{"payload":{"event_name":"BattleRankUp",…}}'
              nightjar triggers print_levelup --event event.json
              nightjar triggers --log

            Exit status 1: there is no such trigger, or the event is none.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "Name of a trigger.")
    var name: String?

    @Option(help: "An event, as text or as the name of a file that holds one: tells for it which test fails, without running the action.")
    var event: String?

    @Flag(help: "Show the connection instead: worlds, silence, downtime, what was odd.")
    var log = false

    @Option(help: "Package that has the triggers.")
    var package = "ps2"

    func run() async throws {
        let settings = try await shared.settings()
        var question: [String: Any] = ["log": log]
        question["name"] = name
        if let event { question["event"] = try Self.text(of: event) }
        let answer = try await ControlClient.with(settings) { try await $0.call("\(package).triggers", [question]) }
        try Self.show(answer, of: "\(package).triggers")
    }

    /// Bytes of a file with one event; longer ones hold something else.
    private static let eventBytesMax = 1 << 20

    private static func text(of event: String) throws(CommandFailure) -> String {
        if event.drop(while: \.isWhitespace).hasPrefix("{") { return event }
        guard let data = FileManager.default.contents(atPath: event) else {
            throw CommandFailure(
                code: "no_event", description: "--event: \"\(event)\" is neither JSON nor a file that can be read. Write an event, like '{\"payload\":{…}}'.")
        }
        guard data.count <= eventBytesMax else {
            throw CommandFailure(code: "no_event", description: "\(event): has more than \(eventBytesMax) bytes; one event is expected.")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Prints `{"ok": …, "lines": […]}`, the answer of a package to a person.
    static func show(_ answer: Any?, of function: String) throws {
        guard let answer = answer as? [String: Any], let lines = answer["lines"] as? [String] else {
            throw CommandFailure(code: "bad_answer", description: "\(function) answers something else than lines. Is the package of this release?")
        }
        for line in lines { Console.say(line) }
        if answer["ok"] as? Bool == false { throw ExitCode(1) }
    }
}
