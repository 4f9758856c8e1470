import ArgumentParser
import Store

/// Checks a store: journal, balances and sums. May run beside a server.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that a store's journal, balances and sums agree.",
        discussion: "Exit status 0: consistent; 1: problems, which are printed; 2: the file cannot be read."
    )

    @Argument(help: "The SQLite file, for instance data/nightjar.sqlite.")
    var path: String

    func run() async throws {
        let report: StoreReport
        do {
            report = try SQLiteStore.verify(path: path)
        } catch {
            Process.complain("\(path): \(error)")
            throw ExitCode(2)
        }
        for problem in report.problems { print("\(path): \(problem)") }
        let facts = "\(report.entries) journal entries, \(report.accounts) accounts, ledger \(report.ledger), balances \(report.heads)"
        guard report.isSound else {
            print("\(path): NOT consistent, \(report.problemCount) problems (\(facts))")
            throw ExitCode(1)
        }
        print("\(path): consistent (\(facts))")
    }
}
