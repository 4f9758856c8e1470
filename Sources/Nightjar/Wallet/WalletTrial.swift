import Games

/// Runs all cases against a wallet, one after the other, and says of each whether the wallet is as it should be.
struct WalletTrial: Sendable {
    struct Player: Sendable {
        var id: String
        var token: String
        var currency: String
    }

    /// What is wrong, in words.
    struct Finding: Error {
        let text: String
    }

    /// Calls that are sent at the same time.
    static let atOnce = 16
    /// What the cases need at least; a player who has less is lent it for the time of the check.
    private static let funds: Int64 = 1_000

    let probe: WalletProbe
    let player: Player
    let say: @Sendable (String) -> Void

    /// How many cases failed.
    func run() async -> Int {
        let bench = WalletBench(probe: probe, player: player)
        guard case .accepted(let told) = await probe.send(bench.authenticate()).answer else {
            let reply = await probe.send(bench.authenticate())
            say("FAIL  the player cannot be authenticated: \(WalletBench.words(reply))")
            say("Nothing else was tried. Are the address, the secret, the player and the token right?")
            return 1
        }
        let first = told.balance
        do {
            if first < Self.funds { _ = try await bench.credit(Self.funds - first) }
        } catch {
            say("FAIL  credits cannot be lent for the check: \(Self.text(error))")
            return 1
        }
        var failed = 0
        for trial in WalletCases.all {
            do {
                try await trial.body(bench)
                say("ok    \(trial.title)")
            } catch {
                failed += 1
                say("FAIL  \(trial.title): \(Self.text(error))")
            }
        }
        if let problem = await restore(first, bench) {
            failed += 1
            say("FAIL  the balance is what it was: \(problem)")
        } else {
            say("ok    the balance is what it was")
        }
        let count = WalletCases.all.count + 1
        say(failed == 0 ? "The wallet is as it should be: \(count) cases." : "\(failed) of \(count) cases failed.")
        return failed
    }

    /// Nil: done.
    private func restore(_ first: Int64, _ bench: WalletBench) async -> String? {
        do {
            let now = try await bench.balance()
            if now > first { _ = try await bench.debit(now - first) }
            if now < first { _ = try await bench.credit(first - now) }
            let last = try await bench.balance()
            return last == first ? nil : "it was \(first) and is \(last)"
        } catch { return Self.text(error) }
    }

    private static func text(_ error: any Error) -> String { (error as? Finding)?.text ?? "\(error)" }
}
