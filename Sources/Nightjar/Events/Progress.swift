import Foundation

/// How far a command is, on standard error: one line that is written over on a terminal, else a line now and then.
struct Progress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var told: ContinuousClock.Instant?
    private var width = 0

    /// On a terminal so often, elsewhere so often.
    private static let pauses = (terminal: Duration.milliseconds(200), other: Duration.seconds(5))

    /// Tells it if the last time is long enough ago. The first time is at once on a terminal, later elsewhere: what is quick
    /// needs no progress.
    mutating func tell(_ text: @autoclosure () -> String) {
        let now = ContinuousClock.now
        guard let told else {
            self.told = isTerminal ? now - Self.pauses.terminal : now
            if isTerminal { tell(text()) }
            return
        }
        guard now - told >= (isTerminal ? Self.pauses.terminal : Self.pauses.other) else { return }
        self.told = now
        let line = text()
        if isTerminal {
            Console.note("\r" + line + String(repeating: " ", count: max(0, width - line.count)))
            width = line.count
        } else {
            Console.note(line + "\n")
        }
    }

    /// Takes the line away.
    mutating func end() {
        guard isTerminal, width > 0 else { return }
        Console.note("\r" + String(repeating: " ", count: width) + "\r")
        width = 0
    }
}
