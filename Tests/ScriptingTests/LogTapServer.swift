import Foundation
import Logging
import NIOCore
import NIOPosix
import Store
import TestClient
import Transport

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// A server whose log goes to a tap, with script packages, for one test.
final class LogTapServer: Sendable {
    let folder = TestFolder()
    let host: ScriptHost
    let logger: Logger
    let port: Int
    let tap: LogTap
    private let transport: TransportServer
    private let group: MultiThreadedEventLoopGroup

    /// - Parameter packages: Name → text of `main.lua`.
    init(_ packages: [String: String], loops: Int = 1, level: Logger.Level = .trace) async throws {
        for (name, text) in packages { folder.write("scripts/\(name)/main.lua", text) }
        let tap = LogTap(clock: { 45_296_007 })
        self.tap = tap
        let logger = Logger(label: "test") { _ in Handler(tap: tap, logLevel: level) }
        self.logger = logger
        group = LoopTicks.group(numberOfThreads: loops)
        transport = TransportServer(group: group, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
        var configuration = ScriptHostConfiguration(scriptsDirectories: [folder.path + "/scripts"], gamesDirectory: nil, debug: false)
        configuration.logTap = tap
        host = ScriptHost(configuration: configuration, transport: transport, modules: StandardModules(store: MemoryStore()).list(), logger: logger)
        do { try await host.start() } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        port = try await transport.listen(ListenerConfiguration(name: "main", address: .tcp(host: "127.0.0.1", port: 0))).port!
    }

    func get(_ path: String) async throws -> String {
        let response = try await HTTPTestClient.request(port: port, "GET", path)
        return response.status == 200 ? response.text : "\(response.status) \(response.text)"
    }

    func save(_ package: String, _ text: String) { folder.replace("scripts/\(package)/main.lua", text) }

    func stop() async {
        await transport.drain(within: .seconds(1))
        await host.shutdown(deadline: .seconds(1))
        logger.error("after the end")
        await transport.shutdown()
        try? await group.shutdownGracefully()
    }

    private struct Handler: LogHandler {
        let tap: LogTap
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        init(tap: LogTap, logLevel: Logger.Level) {
            self.tap = tap
            self.logLevel = logLevel
        }

        func log(event: LogEvent) {
            tap.add(event.level, event.message.description, metadata.merging(event.metadata ?? [:]) { _, new in new })
        }
    }
}
