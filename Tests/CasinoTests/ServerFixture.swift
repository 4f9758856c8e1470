import Foundation
import Logging
import NIOCore
import NIOPosix
import Games
import Host
import HostModules
import Reload
import Store
import Synchronization
import TestClient
import Testing
import Transport


/// A whole server on 127.0.0.1 with the shipped scripts and games, copied to a folder of its own so that tests may edit them.
final class ServerFixture: Sendable {
    let folder: String
    let transport: TransportServer
    let host: ScriptHost
    let casino: Casino
    let store: any Store
    let port: Int
    private let group: MultiThreadedEventLoopGroup

    struct Options: Sendable {
        var workers = 2
        var debug = true
        var startTimeout: TimeAmount = .seconds(30)
        var store: (any Store)?
        var folder: String?
        /// More files, by path below the folder.
        var files: [String: String] = [:]
    }

    init(_ options: Options = Options()) async throws {
        folder = try options.folder ?? Self.makeFolder()
        // Knows nobody.
        try Self.write(folder, "Scripts/casino/platforms/nobody.lua", "return { authenticate = function() return nil, 'nobody is known' end }")
        for (path, text) in options.files { try Self.write(folder, path, text) }
        group = LoopTicks.group(numberOfThreads: options.workers)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        store = options.store ?? MemoryStore()
        transport = TransportServer(group: group, logger: logger)
        var scripts = ScriptHostConfiguration(scriptsDirectories: [folder + "/Scripts"], gamesDirectory: folder + "/games", debug: options.debug)
        // The tests say when to reload.
        scripts.pollMilliseconds = 3_600_000
        host = ScriptHost(
            configuration: scripts, transport: transport, modules: Self.modules(store, folder), logger: logger)
        do { try await host.start() } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        var configuration = CasinoConfiguration()
        configuration.debug = options.debug
        configuration.startTimeout = options.startTimeout
        configuration.gamesDirectory = folder + "/games"
        casino = Casino(
            configuration: configuration, host: host, ledger: store, keys: store, logger: logger)
        await casino.start()
        port = try await transport.listen(ListenerConfiguration()).port ?? 0
    }

    /// Stops everything in the order of the executable. Keeps the folder if `store` outlives the server.
    func stop(keepsFolder: Bool = false) async throws {
        await transport.stopAccepting()
        await casino.drain()
        await transport.drain(within: .milliseconds(200))
        await host.shutdown(deadline: .milliseconds(200))
        await transport.shutdown()
        try await group.shutdownGracefully()
        if !keepsFolder { try? FileManager.default.removeItem(atPath: folder) }
    }

    func session() throws -> WireSession { try WireSession(port: port) }

    /// A started session.
    func session(_ uid: String, site: String = "demo") throws -> WireSession {
        let session = try WireSession(port: port)
        try session.start(uid, site: site)
        return session
    }

    func edit(_ path: String, _ change: (String) -> String) throws {
        let name = folder + "/" + path
        try Self.write(folder, path, change(try String(contentsOfFile: name, encoding: .utf8)))
    }

    func write(_ path: String, _ text: String) throws { try Self.write(folder, path, text) }

    private static func write(_ folder: String, _ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: folder + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// What scripts of a server in this folder can ask for.
    static func modules(_ store: any Store, _ folder: String, isCheck: Bool = false) -> [any HostModule] {
        let sites = SiteFiles(SourceFolder(path: folder + "/Scripts/casino/sites", label: "sites"))
        return StandardModules(store: store).list() + [
            EngineModule(),
            CasinoModule(sites: sites, games: SourceFolder(path: folder + "/games", label: "games"), isCheck: isCheck),
        ]
    }

    static func makeFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        for name in ["Scripts", "games"] { try FileManager.default.copyItem(atPath: URL(fileURLWithPath: root + "/" + name).resolvingSymlinksInPath().path, toPath: folder + "/" + name) }
        return folder
    }
}

/// A client of the session protocol on a blocking socket. Text frames below 64 KiB.
final class WireSession {
    enum Failure: Error { case unexpected(String) }

    private let socket: BlockingWebSocket
    /// Id of the last game state.
    private(set) var sid = ""
    private(set) var credits = 0
    private(set) var closeCode: UInt16?

    init(port: Int, path: String = "/session/ws") throws { socket = try BlockingWebSocket(port: port, path: path) }

    func send(_ text: String, opcode: UInt8 = 1) throws { try socket.send(text, opcode: opcode) }

    func start(_ uid: String, platform: String = "demo", site: String = "demo") throws {
        try send(#"{"auth":{"uid":"\#(uid)","token":""},"platform":"\#(platform)","site":"\#(site)"}"#)
        _ = try state()
    }

    func load(_ game: String) throws -> [String: Any] {
        try send(#"{"t":"gameload","gameid":"\#(game)"}"#)
        var message = try state()
        // Another session's start may have changed the userdata meanwhile.
        while message.game == nil { message = try state() }
        return message
    }

    func act(_ action: String, _ params: String = "{}", sid: String? = nil) throws {
        try send(#"{"t":"action","action":"\#(action)","params":\#(params),"sid":"\#(sid ?? self.sid)"}"#)
    }

    /// The next message, which must be a state.
    @discardableResult
    func state() throws -> [String: Any] {
        var message = try receive()
        // The watcher and an explicit reload may both report a broken save.
        while message["which"] as? String == "engine" { message = try receive() }
        guard message["t"] as? String == "state" else { throw Failure.unexpected("\(message)") }
        return message
    }

    /// The code of the next message, which must be an error.
    func error() throws -> String {
        let message = try receive()
        guard message["t"] as? String == "error", let code = message["code"] as? String else { throw Failure.unexpected("\(message)") }
        return code
    }

    /// The next message; notes state id and credits.
    func receive() throws -> [String: Any] {
        let message: [String: Any]
        do { message = try socket.receive() } catch BlockingWebSocket.Failure.closed(let code) {
            closeCode = code
            throw BlockingWebSocket.Failure.closed(code)
        }
        if message["t"] as? String == "state" {
            if let wallet = message["wallet"] as? [String: Any] { credits = wallet["credits"] as? Int ?? -1 }
            if let game = message["gamestate"] as? [String: Any] { sid = game["id"] as? String ?? "" }
        }
        return message
    }

    /// Like `waitForClose()`, on a thread of its own.
    static func waitForClose(_ session: WireSession) async throws -> UInt16 {
        struct Given: @unchecked Sendable { let session: WireSession }  // the caller waits and does not touch it meanwhile
        let given = Given(session: session)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try given.session.waitForClose() }) }
        }
    }

    /// Reads until the server closes; the close code.
    func waitForClose() throws -> UInt16 {
        while closeCode == nil {
            do { _ = try receive() } catch BlockingWebSocket.Failure.closed { break }
        }
        return closeCode ?? 0
    }
}

extension [String: Any] {
    var game: [String: Any]? { self["gamestate"] as? [String: Any] }
    var gameName: String? { game?["name"] as? String }
    var data: [String: Any] { game?["data"] as? [String: Any] ?? [:] }
}
