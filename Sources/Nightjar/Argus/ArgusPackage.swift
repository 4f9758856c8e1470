import Foundation
import Logging
import Reload

/// The package argus alone in this process, for commands that need no server.
enum ArgusPackage {
    /// Runs `body` with the package as its files are now. Nothing goes out, and nothing is stored.
    static func with<Result>(_ settings: Settings, _ body: (ReplayHost) async throws -> Result) async throws -> Result {
        var settings = settings
        settings.debug = false
        settings.packageSettings[ArgusCommand.package, default: [:]]["offline"] = "true"
        guard settings.packageNames.contains(ArgusCommand.package) else {
            throw CommandFailure(
                code: "no_package",
                description: "there is no package \(ArgusCommand.package) in \(settings.scriptsDirectory). Name the folder that holds it with --scripts.")
        }
        let output = LogWriter.standardError(.text)
        LoggingSystem.bootstrap { JSONLinesLogHandler(label: $0, format: .text, logLevel: .error, output: output) }
        let host = try await ReplayHost(settings, package: ArgusCommand.package, page: nil, logger: Logger(label: "nightjar.argus"))
        do {
            let result = try await body(host)
            await host.stop()
            output.finish(within: LogWriter.farewell)
            return result
        } catch {
            await host.stop()
            output.finish(within: LogWriter.farewell)
            throw error
        }
    }

    /// Bytes of a file that a command reads whole: what a call takes, less its frame.
    static let fileBytesMax = 3 << 20

    /// The text of a file; of standard input if it is called `-`.
    static func text(of file: String) throws(CommandFailure) -> String {
        guard let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file), let data = try? handle.read(upToCount: fileBytesMax + 1) ?? Data() else {
            throw CommandFailure(code: "no_file", description: "\(file): there is no such file that can be read.")
        }
        guard data.count <= fileBytesMax else {
            throw CommandFailure(code: "too_large", description: "\(file): has more than \(fileBytesMax) bytes. Is it the right file?")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure(code: "not_text", description: "\(file): is no UTF-8 text. Is it the right file?")
        }
        return text
    }
}
