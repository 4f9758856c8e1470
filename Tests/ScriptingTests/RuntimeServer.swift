import Bytes
import Foundation
import Logging
import LuaRuntime
import NIOCore
import NIOHTTP1
import NIOPosix
import Store
import Synchronization
import Transport

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// A server with script packages on a port of 127.0.0.1, for one test.
final class RuntimeServer: Sendable {
    let folder = TestFolder()
    let host: ScriptHost
    let transport: TransportServer
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let errors = Lock<[String]>([])

    /// - Parameters:
    ///   - packages: Name → text of `main.lua`.
    init(
        _ packages: [String: String], loops: Int = 1, debug: Bool = false, limits: RuntimeLimits = RuntimeLimits()
    ) async throws {
        for (name, text) in packages { folder.write("scripts/\(name)/main.lua", text) }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        group = LoopTicks.group(numberOfThreads: loops)
        transport = TransportServer(group: group, logger: logger)
        var configuration = ScriptHostConfiguration(
            scriptsDirectories: [folder.path + "/scripts"], gamesDirectory: nil, debug: debug)
        configuration.runtimeLimits = limits
        let sink = ErrorSink()
        host = ScriptHost(
            configuration: configuration, transport: transport, modules: StandardModules(store: MemoryStore()).list(), logger: logger,
            clock: { Int64(Date().timeIntervalSince1970 * 1_000) }
        ) { _, _, error in sink.add(error.description) }
        self.sink = sink
        do { try await host.start() } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        let address = try await transport.listen(ListenerConfiguration(name: "main", address: .tcp(host: "127.0.0.1", port: 0)))
        port = address.port!
    }

    private let sink: ErrorSink

    /// Errors of scripts so far.
    var scriptErrors: [String] { sink.all }

    func save(_ package: String, _ text: String) { folder.replace("scripts/\(package)/main.lua", text) }

    /// Takes the saved files over; nil if all went well.
    @discardableResult
    func reload() async -> String? {
        for event in await host.reload() {
            if case .failed(let error) = event.outcome { return error.description }
        }
        return nil
    }

    func stop() async {
        await transport.drain(within: .seconds(2))
        await host.shutdown(deadline: .seconds(2))
        await transport.shutdown()
        try? await group.shutdownGracefully()
    }

    final class ErrorSink: Sendable {
        private let errors = Lock<[String]>([])
        func add(_ text: String) { errors.withLock { $0.append(text) } }
        var all: [String] { errors.withLock { $0 } }
    }
}

/// Runs blocking work on a thread of its own.
func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            do { continuation.resume(returning: try work()) } catch { continuation.resume(throwing: error) }
        }
    }
}
