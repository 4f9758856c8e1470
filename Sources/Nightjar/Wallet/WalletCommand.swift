import ArgumentParser

/// `nightjar wallet`: for operators whose wallet the casino plays from.
struct WalletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wallet",
        abstract: "Tools for operators whose wallet the casino plays from.",
        subcommands: [WalletCheckCommand.self]
    )
}
