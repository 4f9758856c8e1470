import ArgumentParser

/// `nightjar`: the server and the tools around it.
@main
struct NightjarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightjar",
        abstract: "A game-service server that is programmed in Lua while it runs.",
        discussion: """
            Scripts are read from ./Scripts, games from ./games; start it where these folders are, or name them.

              nightjar serve --debug     start; saved scripts become live
              nightjar check             find mistakes in scripts and games before they are live
              nightjar reload casino     take over changed scripts in production
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, CheckCommand.self, ReloadCommand.self, VerifyCommand.self, AnnotationsCommand.self, LogsCommand.self,
        ]
    )
}

enum Version {
    /// The server's version; CHANGELOG.md says what came with it.
    static let current = "0.1.0"
}

/// Options that several commands share. What is given here wins over the environment and the file.
struct SharedOptions: ParsableArguments {
    @Option(help: "Configuration file, JSON. Default: config.json, if it is there.")
    var config: String?

    @Option(help: "Folder with packages and shared Lua.")
    var scripts: String?

    @Option(help: "Folder with one folder per game.")
    var games: String?

    @Option(name: .customLong("packages"), help: "Further folder that holds packages; may be repeated.")
    var packages: [String] = []

    @Option(help: "Folder of the SQLite file and the control socket.")
    var dataDir: String?

    func settings() async throws -> Settings {
        var settings = try await Settings.load(path: config, environment: Process.environment)
        if let scripts { settings.scriptsDirectory = scripts }
        if let games { settings.gamesDirectory = games }
        if !packages.isEmpty { settings.packageDirectories = packages }
        if let dataDir { settings.dataDirectory = dataDir }
        return settings
    }
}
