package import Foundation
import Glibc

/// A process that was run to its end, and what it said.
package struct EndedProcess: Sendable {
    /// Its exit status, or the number of the signal that ended it.
    package let status: Int32
    /// What it wrote on standard output; empty if that went elsewhere.
    package let output: String
    package let errors: String

    /// Runs a program and waits for its end, but not for ever: then it is killed. Blocks the thread.
    ///
    /// What it says goes through files, so that no full pipe keeps it waiting. It has ended when those it has started have, too.
    ///
    /// - Parameters:
    ///   - folder: In which it runs; nil: where the tests do.
    ///   - environment: Besides that of the tests.
    ///   - input: What it reads; without it, nothing.
    ///   - leavesInputOpen: Whether its input has no end.
    ///   - file: Where its output goes, a file that is made or replaced; nil: into ``output``.
    /// - Throws: ``WaitedInVain`` with the end of what it said.
    package static func run(
        _ program: URL, _ arguments: [String], in folder: String? = nil, environment: [String: String] = [:], input: String? = nil,
        leavesInputOpen: Bool = false, output file: String? = nil, within limit: Duration = .seconds(60)
    ) throws -> EndedProcess {
        let said = TestFolder()
        let paths = (output: file ?? said.path + "/output", errors: said.path + "/errors")
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let standardInput = Pipe()
        process.standardInput = standardInput
        process.standardOutput = try emptyFile(paths.output)
        process.standardError = try emptyFile(paths.errors)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        let writing = standardInput.fileHandleForWriting
        // Beside the wait: who does not read it would hold the writer up.
        Thread.detachNewThread {
            if let input { try? writing.write(contentsOf: Data(input.utf8)) }
            if !leavesInputOpen { try? writing.close() }
        }
        defer { if leavesInputOpen { try? writing.close() } }
        func text(_ path: String) -> String { String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data(), as: UTF8.self) }
        guard ended.wait(timeout: .now() + limit / .seconds(1)) == .success else {
            kill(process.processIdentifier, SIGKILL)
            let instead = (file == nil ? text(paths.output) : "") + text(paths.errors)
            throw WaitedInVain("the end of \(program.lastPathComponent) \(arguments.joined(separator: " "))", limit, instead: String(instead.suffix(1_000)))
        }
        return EndedProcess(status: process.terminationStatus, output: file == nil ? text(paths.output) : "", errors: text(paths.errors))
    }

    private static func emptyFile(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
}
