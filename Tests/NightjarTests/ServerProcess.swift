import Foundation
import Glibc
import NightjarTesting

@testable import Nightjar

/// The built `nightjar` executable running as a process of its own, on a port the system chooses.
final class ServerProcess {
    enum Failure: Error, CustomStringConvertible {
        case didNotStart(String)
        /// It closed its output and went on.
        case doesNotEnd([String])
        var description: String {
            switch self {
            case .didNotStart(let log): "the server did not start:\n\(log)"
            case .doesNotEnd(let arguments): "nightjar \(arguments.joined(separator: " ")) did not end"
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func executable() throws -> URL { try BuiltExecutable.url("nightjar") }

    let process = Process()
    let port: Int
    /// What it said on standard output when it began to serve.
    let startText: String
    let logPath: URL
    private let ended = DispatchSemaphore(value: 0)

    /// Starts `nightjar serve`, or another command that serves, and returns once it accepts connections: it says so on standard output.
    ///
    /// - Parameters:
    ///   - standardError: Where its log goes; nil: into the file ``logPath``.
    ///   - openFiles: So many descriptors it may have at once; nil: as many as the tests.
    init(
        _ command: String = "serve", port wanted: Int = 0, arguments: [String], environment: [String: String] = [:], directory: URL,
        standardError: Pipe? = nil, openFiles: Int? = nil
    ) throws {
        logPath = directory.appendingPathComponent("log-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: logPath.path, contents: nil)
        let output = Pipe()
        process.executableURL = try Self.executable()
        process.currentDirectoryURL = Self.root
        process.arguments = [command, "--port", "\(wanted)"] + arguments
        // What a crash of the tests shall say is no setting of the server.
        process.environment = ProcessInfo.processInfo.environment.filter { variable in !StartEnvironment.settings.contains { $0.0 == variable.key } }
            .merging(environment) { $1 }
        if let openFiles, let executable = process.executableURL {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "ulimit -n \(openFiles); exec \"$0\" \"$@\"", executable.path] + (process.arguments ?? [])
        }
        process.standardOutput = output
        process.standardError = try standardError ?? FileHandle(forWritingTo: logPath)
        let ended = self.ended
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        if let standardError { try standardError.fileHandleForWriting.close() }
        do {
            (port, startText) = try Self.start(output, log: logPath)
        } catch {
            Glibc.kill(process.processIdentifier, SIGKILL)
            throw error
        }
    }

    /// What the server says once it accepts connections, and the port in it.
    private static func start(_ output: Pipe, log: URL) throws -> (port: Int, text: String) {
        func logged() -> String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }
        func port(_ text: String) -> Int? { text.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) } }
        let text: String
        do { text = try output.text("the server's start", until: { $0.hasSuffix("\n") && port($0) != nil }) } catch {
            throw Failure.didNotStart("\(error)\n" + logged())
        }
        guard let found = port(text) else { throw Failure.didNotStart(text + logged()) }
        return (found, text)
    }

    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func signal(_ number: Int32) { Glibc.kill(process.processIdentifier, number) }

    /// Asks for an orderly end and returns the exit status; nil: it had not ended after so many seconds and was killed.
    func terminate(within seconds: Double = 15) -> Int32? {
        signal(SIGTERM)
        return end(within: seconds)
    }

    /// Waits for the end for so many seconds at most.
    func hasEnded(within seconds: Double) -> Bool {
        guard ended.wait(timeout: .now() + seconds) == .success else { return false }
        ended.signal()
        return true
    }

    /// Waits for the end and returns the exit status; nil: it had not ended after so many seconds and was killed.
    func end(within seconds: Double) -> Int32? {
        guard ended.wait(timeout: .now() + seconds) == .success else {
            kill()
            return nil
        }
        return process.terminationStatus
    }

    /// Runs another command of the executable and returns its status and output.
    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> (status: Int32, output: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = try executable()
        process.currentDirectoryURL = root
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = output
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        do {
            let text = try output.text("the end of nightjar \(arguments.joined(separator: " "))")
            guard ended.wait(timeout: .now() + 60) == .success else { throw Failure.doesNotEnd(arguments) }
            return (process.terminationStatus, text)
        } catch {
            Glibc.kill(process.processIdentifier, SIGKILL)
            throw error
        }
    }
}
