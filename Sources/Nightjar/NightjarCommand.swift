import ArgumentParser
import Foundation
import LuaRuntime

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
            ServeCommand.self, CheckCommand.self, ReloadCommand.self, VerifyCommand.self, BackupCommand.self, RestoreCommand.self,
            RoundsCommand.self, ReplayRoundsCommand.self, ArchiveCommand.self,
            AnnotationsCommand.self, BackofficeCommand.self, LogsCommand.self, TriggersCommand.self, EventsCommand.self, ArgusCommand.self,
            WalletCommand.self,
        ]
    )

    static func main() async {
        let servers = [ServeCommand.configuration.commandName, BackofficeCommand.configuration.commandName]
        if servers.contains(CommandLine.arguments.dropFirst().first) { StartEnvironment.prepare() }
        Console.prepare()
        let status = await run(Array(CommandLine.arguments.dropFirst()))
        guard Console.lost != 0 else { Foundation.exit(status) }
        Console.complain("what was to be printed could not be written: \(String(cString: strerror(Console.lost))). Is there room?")
        Foundation.exit(max(status, 1))
    }

    /// Runs a command and tells what stopped it: one line, what and what to do.
    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            try checkName(arguments.first)
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch let failure as CommandFailure {
            Console.complain(failure.description)
            return failure.status
        } catch let error as SettingsError {
            Console.complain(error.description)
            return 1
        } catch {
            guard !exitCode(for: error).isSuccess else {
                Console.say(fullMessage(for: error))  // help or version
                return 0
            }
            let message = message(for: error).split(separator: "\n").first.map(String.init) ?? "this cannot be understood"
            Console.complain("\(message)\(message.hasSuffix(".") || message.hasSuffix("?") ? "" : ".") \(help(arguments)) lists what there is.")
            return 1
        }
    }

    private static func checkName(_ name: String?) throws(CommandFailure) {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let name, !name.hasPrefix("-"), name != "help", !names.contains(name) else { return }
        throw CommandFailure(
            code: "no_command",
            description: "there is no command \"\(name)\"\(Suggestion.hint(name, among: names)). nightjar --help lists what there is.")
    }

    private static func help(_ arguments: [String]) -> String {
        guard let name = arguments.first, configuration.subcommands.contains(where: { $0.configuration.commandName == name }) else {
            return "nightjar --help"
        }
        return "nightjar \(name) --help"
    }
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
        var settings = try await Settings.load(path: config, environment: Console.environment)
        if let scripts { settings.scriptsDirectory = scripts }
        if let games { settings.gamesDirectory = games }
        if !packages.isEmpty { settings.packageDirectories = packages }
        if let dataDir { settings.dataDirectory = dataDir }
        return settings
    }
}
