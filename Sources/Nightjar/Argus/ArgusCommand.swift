import ArgumentParser

/// The overlay: what its operator needs, and the client that the game starts.
struct ArgusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "argus",
        abstract: "Work with the stream overlay of the package argus, and send it runs.",
        discussion: """
              nightjar argus send --pluginpath FOLDER --login     log in at Twitch, once
              nightjar argus send --pluginpath FOLDER             send the run that comes on standard input
              nightjar argus tokens                               who has logged in at the running server
              nightjar argus mappings ui_mappings.json            check a mapping and install it
              nightjar argus parse run.json                       what a run comes to, without a server
              nightjar argus unknown                              traits that no list knows

            See docs/argus.md.
            """,
        subcommands: [
            ArgusSendCommand.self, ArgusTokensCommand.self, ArgusMappingsCommand.self, ArgusParseCommand.self, ArgusUnknownCommand.self,
        ]
    )

    /// The package.
    static let package = "argus"
}

/// Lists who has logged in, or takes tokens back.
struct ArgusTokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "List the tokens of the running server, masked, or erase them.",
        discussion: """
            The server knows no token, only its SHA-256, of which the first digits are shown. Whose token is erased must log in again. Exit \
            status 1: nobody has this id, or no server answers.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Option(help: "Erase the token of this Twitch id.")
    var erase: String?

    @Flag(help: "Erase all tokens.")
    var eraseAll = false

    func run() async throws {
        let settings = try await shared.settings()
        guard erase == nil || !eraseAll else {
            throw CommandFailure(code: "usage", description: "--erase and --erase-all are two things. Say one of them.")
        }
        var question: [String: Any] = [:]
        if let erase { question["id"] = erase }
        if eraseAll { question["all"] = true }
        let function = "\(ArgusCommand.package)." + (question.isEmpty ? "tokens" : "erase")
        let answer = try await ControlClient.with(settings) { [question] in try await $0.call(function, [question]) }
        try TriggersCommand.show(answer, of: function)
    }
}

/// Lists what the scripts did not know.
struct ArgusUnknownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unknown",
        abstract: "List the traits that came and that no list of the running server knows, with counts and an example."
    )

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        let settings = try await shared.settings()
        let function = "\(ArgusCommand.package).unknown"
        let answer = try await ControlClient.with(settings) { try await $0.call(function, [[String: Any]()]) }
        try TriggersCommand.show(answer, of: function)
    }
}
