import Foundation
import Glibc
import NightjarTesting

/// The `misbehave` executable of the same build, run to its end.
enum Misbehave {
    struct Outcome: Sendable {
        /// Of the exit, or the negative number of the signal that ended it.
        var status: Int32
        /// What it said, and how it ended if not by itself.
        var output: String
    }

    /// Two at a time: each has a server and its clients, and what they show is how long somebody waits.
    private static let places = Places(2)

    /// Runs it, and ends it if it does not end in time.
    static func run(_ arguments: [String], within limit: Duration) async throws -> Outcome {
        let executable = try BuiltExecutable.url("misbehave")
        try await places.take()
        defer { places.give() }
        return try await blocking {
            let process = Process()
            let output = Pipe()
            process.executableURL = executable
            process.arguments = arguments
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let pid = process.processIdentifier
            let killer = DispatchWorkItem { kill(pid, SIGKILL) }
            DispatchQueue.global().asyncAfter(deadline: .now() + limit / .seconds(1), execute: killer)
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            killer.cancel()
            var outcome = Outcome(status: process.terminationStatus, output: String(decoding: data.suffix(20_000), as: UTF8.self))
            if process.terminationReason == .uncaughtSignal {
                outcome.status = -process.terminationStatus
                outcome.output += "\nended by signal \(process.terminationStatus) within \(limit)"
            }
            return outcome
        }
    }
}

/// So many may go on at once; the others wait in line.
private final class Places: Sendable {
    private let free = Letterbox<Void>("a place to run in")

    init(_ count: Int) {
        for _ in 0..<count { free.put(()) }
    }

    // Those before may take minutes each.
    func take() async throws { try await free.next(within: .seconds(3_600)) }
    func give() { free.put(()) }
}
