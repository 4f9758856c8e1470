import Foundation
import Host
import Logging
import ServiceLifecycle
import UnixSignals

extension Server {
    /// Runs a server with its log until SIGTERM or SIGINT; for commands. Once per process.
    static func run(_ settings: Settings) async throws {
        let logging = settings
        let format: JSONLinesLogHandler.Format = logging.debug ? .text : .json
        let output = try logging.logFile.map { (path) throws(CommandFailure) in try LogWriter.file(path, format) } ?? .standardError(format)
        defer { output.finish(within: LogWriter.farewell) }
        let standardOutput = LogWriter.standardOutput()
        defer { standardOutput.finish(within: LogWriter.farewell) }
        let tap = LogTap()
        LoggingSystem.bootstrap { label in
            // Requests are no concern of packages that listen: their own would be among them.
            let tap = label == AccessLog.label ? nil : tap
            return JSONLinesLogHandler(label: label, format: format, logLevel: logging.effectiveLogLevel, output: output, tap: tap)
        }
        let logger = Logger(label: "nightjar")
        let server = Server(settings: settings, logger: logger, log: output, output: standardOutput, logTap: tap, exitWatch: ExitWatch(log: output))
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)  // its own steps are nobody's concern
        let group = ServiceGroupConfiguration(
            services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        // The server bounds its own end (`StopClock`, `ExitWatch`).
        try await ServiceGroup(configuration: group).run()
    }
}
