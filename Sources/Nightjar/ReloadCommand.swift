import ArgumentParser

/// Asks a running server, over its control socket, to take over changed scripts.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make a running server take over changed scripts.",
        discussion: "Without a name everything that changed is reloaded. A broken script changes nothing; its error is printed and the exit status is 1."
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "Package or game to reload, changed or not.")
    var unit: String?

    func run() async throws {
        let settings = try await shared.settings()
        let reply = try await ControlClient.with(settings) { try await $0.post(["reload"] + (unit.map { [$0] } ?? []), as: ControlReply.self) }
        for line in reply.lines { Console.say(line) }
        if !reply.ok { throw ExitCode(1) }
    }
}

/// What the control socket answers: lines for a person and whether all went well.
struct ControlReply: Codable, Sendable {
    var ok: Bool
    var lines: [String]
}
