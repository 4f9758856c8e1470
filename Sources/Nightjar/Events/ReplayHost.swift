import Foundation
import Host
import Logging
import NIOCore
import NIOPosix
import Reload
import Store
import Transport

/// One package alone in this process: on one loop, with a store in memory, and no listener but the one for its page.
struct ReplayHost {
    private let host: ScriptHost
    private let transport: TransportServer
    private let group: MultiThreadedEventLoopGroup
    private let store = MemoryStore()
    /// Of the page; nil: there is none.
    let address: String?

    /// - Throws: ``CommandFailure`` if the package does not load or the port cannot be had.
    init(_ settings: Settings, package: String, page: Int?, logger: Logger) async throws {
        group = LoopTicks.group(numberOfThreads: 1)
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        transport = TransportServer(group: group, logger: quiet)
        var configuration = settings.scriptHost
        configuration.packages = [package]
        configuration.gamesDirectory = nil
        configuration.configuredPackages = []
        configuration.reservedRoutes = []
        host = ScriptHost(
            configuration: configuration, transport: transport,
            modules: settings.hostModules(store: store, outgoing: group) { Console.say($0) }, logger: logger)
        var listening: String?
        do {
            do { try await host.start() } catch {
                throw CommandFailure(code: "scripts", description: "the package \(package) does not load:\n\(error)")
            }
            if let problem = await host.status().first(where: { $0.error != nil })?.error, page == nil {
                throw CommandFailure(code: "scripts", description: "the package \(package) does not load:\n\(problem)")
            }
            if let page { listening = try await Self.listen(transport, package, page) }
        } catch {
            // Nothing runs that could be told of the end.
            await Self.end(host, transport, store, group)
            throw error
        }
        address = listening
    }

    private static func listen(_ transport: TransportServer, _ package: String, _ port: Int) async throws(CommandFailure) -> String {
        let address = ListenerConfiguration.Address.tcp(host: "127.0.0.1", port: port)
        do {
            let bound = try await transport.listen(ListenerConfiguration(name: package, address: address, hosts: HostPolicy(address, names: [])))
            return "http://127.0.0.1:\(bound.port ?? port)"
        } catch {
            throw CommandFailure(code: "listen", description: "cannot listen on 127.0.0.1:\(port): another program has this port. Give another one with --page.")
        }
    }

    /// Calls what the package provides.
    func call(_ function: String, _ arguments: [Any]) async throws -> Any? {
        let texts = try arguments.map { [UInt8](try JSONSerialization.data(withJSONObject: $0, options: .fragmentsAllowed)) }
        let reply: CallReply
        do {
            reply = CallReply(results: try await host.call(function, json: texts).map { String(decoding: $0, as: UTF8.self) })
        } catch {
            throw CallReply.failure(error.code, error.detail, function)
        }
        return try reply.result(of: function)
    }

    /// Ends it all; what scripts are at has a second.
    func stop() async {
        await transport.stopAccepting()
        await host.announceStop()
        await transport.drain(within: .seconds(1))
        await Self.end(host, transport, store, group)
    }

    private static func end(_ host: ScriptHost, _ transport: TransportServer, _ store: MemoryStore, _ group: MultiThreadedEventLoopGroup) async {
        await host.shutdown(deadline: .seconds(1))
        await transport.shutdown()
        await store.close()
        try? await group.shutdownGracefully()
    }
}
