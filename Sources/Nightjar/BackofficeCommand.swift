import ArgumentParser
import Foundation

/// Starts the reference back office: the package `backoffice` alone, with a store of its own.
struct BackofficeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backoffice",
        abstract: "Start a back office to try the casino with.",
        discussion: """
            It knows sites and players, keeps every round once and shows all of it on a page, on port 5040 if nothing else is said. Servers of games find it by the setting rgs_base, like \
            http://127.0.0.1:5040/rgs-api/. Its books are in the folder backoffice of the data folder, unless --data-dir names another one. \
            docs/casino-backoffice.md tells what servers ask of it.
            """
    )

    @OptionGroup var shared: SharedOptions

    @OptionGroup var server: ServingOptions

    func run() async throws {
        umask(0o077)
        var settings = try await shared.settings().forBackoffice(ownsDataFolder: shared.dataDir != nil)
        server.apply(to: &settings)
        try settings.validate()
        try settings.checkFolders()
        guard settings.packageNames.contains(Settings.backofficePackage) else {
            throw CommandFailure(
                code: "no_package",
                description: "there is no package \(Settings.backofficePackage) in \(settings.scriptsDirectory). Name the folder that holds it with --scripts.")
        }
        try await Server.run(settings)
    }
}

extension Settings {
    static let backofficePackage = "backoffice"

    /// The settings of a server of games, as far as they concern a back office beside it: nothing of what the other one opens or
    /// writes, and a data folder of its own.
    func forBackoffice(ownsDataFolder: Bool) -> Settings {
        var settings = Settings()
        settings.mainListener = Self.backofficePackage
        settings.onlyPackages = [Self.backofficePackage]
        let listener = listeners[Self.backofficePackage]
        settings.host = listener?.host ?? "127.0.0.1"
        settings.httpPort = listener?.port ?? Self.knownListeners[Self.backofficePackage] ?? 0
        settings.scriptsDirectory = scriptsDirectory
        settings.packageDirectories = packageDirectories
        settings.dataDirectory = ownsDataFolder ? dataDirectory : dataDirectory + "/backoffice"
        settings.hosts = hosts
        settings.workers = 1
        settings.packageSettings = packageSettings.filter { $0.key == Self.backofficePackage }
        settings.packageSecrets = packageSecrets.filter { $0.key == Self.backofficePackage }
        return settings
    }
}
