import Games
import Foundation
import LuaRuntime
import NIOCore
import NightjarTesting
import Reload

extension ServerOptions {
    /// A whole server with the shipped scripts and games, which a test may edit, and with a platform that knows nobody.
    static func casino() -> ServerOptions {
        let project = TestFolder.project(of: #filePath)
        var options = ServerOptions()
        // How fast a machine runs scripts is no matter of these tests.
        options.luaLimits.sliceDeadline = .seconds(1)
        options.luaLimits.loadDeadline = .seconds(1)
        // Not the other packages: each has specs of its own, which run before a server starts.
        for folder in ["Scripts/casino", "Scripts/engines", "Scripts/lib", "games"] { options.copies[folder] = project + "/" + folder }
        options.files["Scripts/casino/platforms/nobody.lua"] = "return { authenticate = function() return nil, 'nobody is known' end }"
        options.workers = 2
        options.debug = true
        options.logLevel = nil
        options.listeners = ["main"]
        options.patience = .milliseconds(200)
        // The tests say when to reload.
        options.configure = { $0.pollMilliseconds = 3_600_000 }
        options.casino = CasinoConfiguration()
        return options
    }
}

extension TestServer {
    func session() throws -> WireSession { try WireSession(port: port) }

    /// A started session.
    func session(_ uid: String, site: String = "demo") throws -> WireSession {
        let session = try WireSession(port: port)
        try session.start(uid, site: site)
        return session
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

    /// Several messages in one write.
    func send(_ texts: [String]) throws { try socket.send(texts) }

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
        do { message = try socket.receiveObject() } catch BlockingWebSocket.Failure.closed(let code) {
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
        return try await blocking { try given.session.waitForClose() }
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
