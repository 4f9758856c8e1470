import Foundation
import Logging
import NIOCore
import NIOPosix
import Scripting
import Store
import Synchronization
import Testing
import Transport

@testable import Casino

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
        var platforms: [any Platform] = [DemoPlatform(), NobodyPlatform()]
        /// More files, by path below the folder.
        var files: [String: String] = [:]
    }

    init(_ options: Options = Options()) async throws {
        folder = try options.folder ?? Self.makeFolder()
        for (path, text) in options.files { try Self.write(folder, path, text) }
        group = MultiThreadedEventLoopGroup(numberOfThreads: options.workers)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        store = options.store ?? MemoryStore()
        transport = TransportServer(group: group, logger: logger)
        var scripts = ScriptHostConfiguration(scriptsDirectories: [folder + "/Scripts"], gamesDirectory: folder + "/games", debug: options.debug)
        // The tests say when to reload.
        scripts.pollMilliseconds = 3_600_000
        host = ScriptHost(configuration: scripts, transport: transport, store: store, logger: logger, clock: systemStoreClock)
        do { try await host.start() } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        var configuration = CasinoConfiguration()
        configuration.debug = options.debug
        configuration.startTimeout = options.startTimeout
        configuration.gamesDirectory = folder + "/games"
        configuration.platforms = options.platforms
        casino = Casino(
            configuration: configuration, host: host, sites: SiteDirectory(path: folder + "/Scripts/casino/sites"), store: store, logger: logger)
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

    private static func write(_ folder: String, _ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: folder + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    static func makeFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        for name in ["Scripts", "games"] { try FileManager.default.copyItem(atPath: URL(fileURLWithPath: root + "/" + name).resolvingSymlinksInPath().path, toPath: folder + "/" + name) }
        return folder
    }
}

/// Knows nobody.
struct NobodyPlatform: Platform {
    let name = "nobody"
    func authenticate(
        _ credentials: PlatformCredentials, on loop: any EventLoop,
        _ done: @escaping @Sendable (Result<PlatformUser, PlatformRefusal>) -> Void
    ) {
        loop.execute { done(.failure(PlatformRefusal(detail: "nobody is known"))) }
    }
}

/// A client of the session protocol on a blocking socket. Text frames below 64 KiB.
final class WireSession {
    enum Failure: Error { case connect, refused(String), silence, closed(UInt16), unexpected(String) }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0
    /// Id of the last game state.
    private(set) var sid = ""
    private(set) var credits = 0
    private(set) var closeCode: UInt16?

    init(port: Int, path: String = "/session/ws") throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Failure.connect }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, Int32(SO_RCVTIMEO), &patience, socklen_t(MemoryLayout<timeval>.size))
        try write(Array((
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n").utf8))
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) { head.append(try byte()) }
        let text = String(decoding: head, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 101") else { throw Failure.refused(text) }
    }

    deinit { close(descriptor) }

    func send(_ text: String, opcode: UInt8 = 1) throws {
        let payload = Array(text.utf8)
        let mask: [UInt8] = [7, 11, 13, 17]
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        try write(frame)
    }

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
        while true {
            let (opcode, payload) = try frame()
            if opcode == 8 {
                closeCode = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005
                throw Failure.closed(closeCode!)
            }
            guard opcode == 1 else { continue }
            let message = try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any] ?? [:]
            if message["t"] as? String == "state" {
                if let wallet = message["wallet"] as? [String: Any] { credits = wallet["credits"] as? Int ?? -1 }
                if let game = message["gamestate"] as? [String: Any] { sid = game["id"] as? String ?? "" }
            }
            return message
        }
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
            do { _ = try receive() } catch Failure.closed { break }
        }
        return closeCode ?? 0
    }

    private func frame() throws -> (UInt8, [UInt8]) {
        let first = try byte()
        var size = Int(try byte() & 0x7F)
        if size == 126 {
            size = Int(try byte()) << 8 | Int(try byte())
        } else if size == 127 {
            size = 0
            for _ in 0..<8 { size = size << 8 | Int(try byte()) }
        }
        var payload: [UInt8] = []
        payload.reserveCapacity(size)
        for _ in 0..<size { payload.append(try byte()) }
        return (first & 0x0F, payload)
    }

    private func byte() throws -> UInt8 {
        if position == buffer.count {
            buffer = [UInt8](repeating: 0, count: 16_384)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { throw count == 0 ? Failure.closed(1006) : Failure.silence }
            buffer.removeLast(buffer.count - count)
            position = 0
        }
        defer { position += 1 }
        return buffer[position]
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure.closed(1006) }
            sent += count
        }
    }
}

extension [String: Any] {
    var game: [String: Any]? { self["gamestate"] as? [String: Any] }
    var gameName: String? { game?["name"] as? String }
    var data: [String: Any] { game?["data"] as? [String: Any] ?? [:] }
}
