import Foundation
import NIOCore
import NightjarTesting
import Synchronization
import Testing
@testable import Transport

/// Compression as another implementation understands it: Python's `websockets` (Debian: python3-websockets).
@Suite(.timeLimit(.minutes(3))) struct DeflatePeerTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Compression/peer.py").path

    /// The system's own Python comes first: that is where the Debian package is.
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        (try? run($0, ["-c", "import websockets.extensions.permessage_deflate"]))?.status == 0
    }

    /// Where CI is set a missing library is a failure, not a reason to skip.
    static let isWanted = python != nil || ProcessInfo.processInfo.environment["CI"] != nil

    private static func process(_ path: String, _ arguments: [String]) -> (Process, Pipe) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        return (process, output)
    }

    private static func run(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let (process, output) = process(path, arguments)
        try process.run()
        // Whatever it waits for, its output ends with it.
        let limit = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 150, execute: limit)
        defer { limit.cancel() }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test(.enabled("needs Python's websockets: apt-get install python3-websockets") { isWanted })
    func everyWindowAndTakeoverComesBackAsItWent() async throws {
        let python = try #require(Self.python, "python3-websockets is not installed")
        var routes: [TestRoute] = []
        for bits in 9...15 {
            for (path, keeps) in [("/w\(bits)", false), ("/k\(bits)", true)] {
                let endpoint = TestEndpoint { options in
                    var compression = Compression()
                    (compression.contextTakeover, compression.windowBits) = (keeps, bits)
                    compression.memoryLevel = 1 + bits % 9
                    options.compression = compression
                    options.maxUnsent = 4 << 20
                }
                routes.append(.webSocket(path, endpoint))
            }
        }
        try await withServer(routes) { _, port in
            // Reading blocks, so on a thread of its own.
            let (status, output) = try await blocking { try Self.run(python, [Self.script, "\(port)"]) }
            #expect(status == 0, "\(output)")
            #expect(output == "504 connections\n")
        }
    }
}
