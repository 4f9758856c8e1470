import Bytes
import Foundation
import NightjarTesting
import Synchronization

/// Clients that set a misbehaving package off. Each has a thread of its own, since nobody knows when it is answered.
final class Triggers: Sendable {
    private struct State {
        var replies: [Int: [String]] = [:]
        var closed = 0
    }

    /// Answers that are kept of one trigger.
    private static let repliesMax = 20_000

    private let port: Int
    /// The game of `act`.
    private let game: String
    private let state = Lock(State())
    private let mustEnd = Atomic(false)

    init(port: Int, game: String = "") {
        self.port = port
        self.game = game
    }

    /// What the clients of the `step`-th trigger got: bodies of HTTP answers behind their status, and messages.
    func replies(_ step: Int) -> [String] { state.withLock { $0.replies[step] ?? [] } }
    /// Clients that were disconnected.
    var closed: Int { state.withLock { $0.closed } }
    func end() { mustEnd.store(true, ordering: .relaxed) }

    /// - Parameter step: What is answered is kept under this number.
    func fire(_ trigger: CaseFile.Trigger, step: Int = 0) throws {
        switch trigger {
        case .get(let path, let times):
            for _ in 0..<times { request("GET", path, 0, step) }
        case .post(let path, let bytes): request("POST", path, bytes, step)
        case .messages(let count, let path, let text):
            let socket = try open(path)
            try socket.send([String](repeating: text, count: count))
            read(socket, step)
        case .sockets(let count, let path, let text):
            let sockets = try (0..<count).map { _ in try open(path) }
            for socket in sockets {
                try socket.send(text)
                read(socket, step)
            }
        case .deaf(let count, let path, let text):
            let sockets = try (0..<count).map { _ in try open(path) }
            for socket in sockets { try socket.send(text) }
            keep(sockets)
        case .closes(let count, let path):
            let sockets = try (0..<count).map { _ in try open(path) }
            for socket in sockets { try socket.sendClose(1000) }
            for socket in sockets { read(socket, step) }
        case .act(let action): act(action, step)
        case .reload, .start, .wait: break
        }
    }

    /// Each action has a player of its own, so that none changes the state that another one sees.
    private func act(_ action: String, _ step: Int) {
        thread(step) { [self] in
            let socket = try BlockingWebSocket(port: port, path: "/session/ws")
            try socket.send(#"{"auth":{"uid":"tester\#(step)","token":""},"platform":"demo","site":"bad"}"#)
            _ = try socket.receive()
            try socket.send(#"{"t":"gameload","gameid":"\#(game)"}"#)
            let loaded = try socket.receive()
            guard let object = try JSONSerialization.jsonObject(with: Data(loaded.utf8)) as? [String: Any],
                let state = object["gamestate"] as? [String: Any], let id = state["id"] as? String
            else { return add("not loaded: \(loaded)", step) }
            try socket.send(#"{"t":"action","action":"\#(action)","params":{},"sid":"\#(id)"}"#)
            add(try socket.receive(), step)
        }
    }

    private func open(_ path: String) throws -> BlockingWebSocket { try BlockingWebSocket(port: port, path: path, timeoutSeconds: 1) }

    func request(_ method: String, _ path: String, _ bytes: Int, _ step: Int = 0) {
        thread(step) { [self] in
            let socket = try BlockingWebSocket(port: port)
            let (status, body, _) = try socket.http(
                method, path, headers: "X-Port: \(port)\r\n", body: String(repeating: "x", count: bytes))
            add("\(status) \(body)", step)
        }
    }

    /// Reads to the end of the connection or of the case.
    private func read(_ socket: BlockingWebSocket, _ step: Int) {
        let given = Given(socket: socket)
        thread(step) { [self] in
            while !mustEnd.load(ordering: .relaxed) {
                do {
                    guard case .message(let text) = try given.socket.next() else { break }
                    add(text, step)
                } catch BlockingWebSocket.Failure.silence {
                    continue
                } catch {
                    break
                }
            }
            if !mustEnd.load(ordering: .relaxed) { state.withLock { $0.closed += 1 } }
        }
    }

    private func keep(_ sockets: [BlockingWebSocket]) {
        let given = sockets.map(Given.init)
        thread(0) { [self] in
            while !mustEnd.load(ordering: .relaxed) { usleep(10_000) }
            _ = given
        }
    }

    // @unchecked: handed over to a thread, nobody else keeps it.
    private struct Given: @unchecked Sendable { let socket: BlockingWebSocket }

    private func add(_ text: String, _ step: Int) {
        state.withLock { if $0.replies[step, default: []].count < Self.repliesMax { $0.replies[step, default: []].append(text) } }
    }

    private func thread(_ step: Int, _ body: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread { [self] in
            do { try body() } catch { add("failed: \(error)", step) }
        }
    }
}
