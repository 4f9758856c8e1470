import ArgumentParser
import Games

/// Holds somebody's wallet against the protocol.
struct WalletCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a wallet against the protocol: every call, every refusal, and many calls at once.",
        discussion: """
            Give a player for trying, with a token that is valid now. The check moves some credits of this player to and fro and leaves \
            the balance as it was; it ends by saying so. docs/casino-wallets.md explains the protocol.

            The secret comes from NIGHTJAR_WALLET_SECRET or --secret; without either it is that of the example wallet \
            (Scripts/examples/wallet), so that the two can be tried as they are. Exit status 0: the wallet is as it should be; 1: it is not.
            """
    )

    @Argument(help: "The wallet's address; the calls' names come behind it. Like https://operator.example/wallet/")
    var url: String

    @Option(help: "Id of a player for trying.")
    var player: String

    @Option(help: "A token of this player that is valid now.")
    var token: String

    @Option(help: "The player's currency, as the denomination's rgs_id.")
    var currency = "CRE"

    @Option(help: "The shared secret; better in NIGHTJAR_WALLET_SECRET, where other users of the machine cannot see it.")
    var secret: String?

    @Option(help: "Milliseconds that a call may take.")
    var timeout = WalletSettings.timeoutUsual

    private static let exampleSecret = "a secret for trying out the wallet"

    func run() async throws {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw CommandFailure(code: "usage", description: "\(url): an address that begins with http:// or https:// is expected.", status: 2)
        }
        guard WalletSettings.timeoutRange.contains(timeout) else {
            throw CommandFailure(
                code: "usage",
                description: "--timeout \(timeout): \(WalletSettings.timeoutRange.lowerBound) to \(WalletSettings.timeoutRange.upperBound) milliseconds are expected.",
                status: 2)
        }
        let secret = secret ?? Console.environment["NIGHTJAR_WALLET_SECRET"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.exampleSecret
        let failed = try await WalletProbe.with(url: url, secret: Array(secret.utf8), timeoutMilliseconds: timeout) { probe in
            let trial = WalletTrial.Player(id: player, token: token, currency: currency)
            return await WalletTrial(probe: probe, player: trial, say: { Console.say($0) }).run()
        }
        guard failed == 0 else { throw ExitCode(1) }
    }
}
