import Foundation
import Glibc

/// The built `nightjar` executable running as a process of its own, on a port the system chooses.
final class ServerProcess {
    enum Failure: Error, CustomStringConvertible {
        case noExecutable
        case didNotStart(String)
        var description: String {
            switch self {
            case .noExecutable: "the nightjar executable is not built; run: swift build"
            case .didNotStart(let log): "the server did not start:\n\(log)"
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The executable beside the running tests, so that both are of one build.
    static func executable() throws -> URL {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("nightjar")
        for candidate in [beside, root.appendingPathComponent(".build/debug/nightjar")]
        where FileManager.default.isExecutableFile(atPath: candidate.path) {
            return candidate
        }
        throw Failure.noExecutable
    }

    let process = Process()
    let port: Int
    let logPath: URL

    /// Starts `nightjar serve` and returns once it accepts connections: it says so on standard output.
    init(arguments: [String], directory: URL) throws {
        logPath = directory.appendingPathComponent("log-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: logPath.path, contents: nil)
        let output = Pipe()
        process.executableURL = try Self.executable()
        process.currentDirectoryURL = Self.root
        process.arguments = ["serve", "--port", "0"] + arguments
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: logPath)
        try process.run()
        var text = ""
        var found: Int?
        while found == nil {
            let data = output.fileHandleForReading.availableData  // blocks until there is output, or the process ended
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
            if let match = text.firstMatch(of: /127\.0\.0\.1:(\d+)/) { found = Int(match.1) }
        }
        guard let found else {
            process.waitUntilExit()
            throw Failure.didNotStart(text + ((try? String(contentsOf: logPath, encoding: .utf8)) ?? ""))
        }
        port = found
    }

    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks for an orderly end and returns the exit status.
    func terminate() -> Int32 {
        Glibc.kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Runs another command of the executable and returns its status and output.
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = try executable()
        process.currentDirectoryURL = root
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
