import Bytes
import Logging
import NIOCore
import NIOPosix
import Store
import Synchronization
import TestClient
import Transport
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// A script host over a folder, with sockets on 127.0.0.1, for one test.
final class ControlServer: Sendable {
    let folder: TestFolder
    let host: ScriptHost
    let port: Int
    let events: EventList
    private let transport: TransportServer
    private let group: MultiThreadedEventLoopGroup

    static func configuration(_ folder: TestFolder, debug: Bool = false) -> ScriptHostConfiguration {
        ScriptHostConfiguration(
            scriptsDirectories: [folder.path + "/Scripts"], gamesDirectory: folder.path + "/games", debug: debug)
    }

    /// Everything scripts can ask for in a whole server.
    static func modules(outgoing: (any EventLoopGroup)? = nil, _ set: (inout StandardModules) -> Void = { _ in }) -> [any HostModule] {
        var standard = StandardModules(store: MemoryStore())
        standard.outgoing = outgoing
        set(&standard)
        let nowhere = SourceFolder(path: "/nowhere", label: "nowhere")
        return standard.list() + [EngineModule(), CasinoModule(sites: SiteFiles(nowhere), games: nowhere)]
    }

    /// Starts a host; what is wrong with its scripts is an error unless `debug`.
    init(
        _ folder: TestFolder, loops: Int = 1, debug: Bool = false,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), set: (inout ScriptHostConfiguration) -> Void = { _ in },
        modules: (inout StandardModules) -> Void = { _ in }
    ) async throws {
        self.folder = folder
        var configuration = Self.configuration(folder, debug: debug)
        set(&configuration)
        group = LoopTicks.group(numberOfThreads: loops)
        transport = TransportServer(group: group, logger: logger)
        host = ScriptHost(configuration: configuration, transport: transport, modules: Self.modules(outgoing: group, modules), logger: logger)
        let events = EventList()
        self.events = events
        await host.onReload { events.add($0) }
        do { try await host.start() } catch {
            try await group.shutdownGracefully()
            throw error
        }
        port = try await transport.listen(ListenerConfiguration(name: "main", address: .tcp(host: "127.0.0.1", port: 0))).port!
    }

    func get(_ path: String) async throws -> String {
        let response = try await HTTPTestClient.request(port: port, "GET", path)
        return response.status == 200 ? response.text : "\(response.status) \(response.text)"
    }

    /// Takes over what has changed and tells it in words: `package a: loaded`, `package a: <error>`.
    func reload(_ names: [String]? = nil) async -> [String] { await host.reload(names).map(EventList.text) }

    func stop() async {
        await transport.drain(within: .seconds(1))
        await host.shutdown(deadline: .seconds(1))
        await transport.shutdown()
        try? await group.shutdownGracefully()
    }
}

/// The events of a host, to be awaited one by one.
final class EventList: Sendable {
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let all = Lock<[String]>([])

    init() { (stream, continuation) = AsyncStream.makeStream() }

    static func text(_ event: ReloadEvent) -> String {
        switch event.outcome {
        case .loaded: "\(event.unit): loaded"
        case .failed(let error): "\(event.unit): \(error)"
        case .unloaded: "\(event.unit): unloaded"
        }
    }

    func add(_ event: ReloadEvent) {
        all.withLock { $0.append(Self.text(event)) }
        continuation.yield(Self.text(event))
    }

    var texts: [String] { all.withLock { $0 } }

    func wait(for isWanted: (String) -> Bool) async -> String {
        for await text in stream where isWanted(text) { return text }
        return "ended"
    }
}

/// A package that answers `/NAME` with a text.
func answering(_ name: String, _ text: String, _ more: String = "") -> String {
    """
    local nightjar = require "nightjar"
    local M = {}
    \(more)
    nightjar.http.get("/\(name)", function() return "\(text)" end)
    return M
    """
}
