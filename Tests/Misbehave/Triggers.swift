import Bytes
import Foundation
import NightjarTesting
import Synchronization

/// Clients that set a misbehaving package off. Each has a thread of its own, since nobody knows when it is answered.
final class Triggers: Sendable {
    private struct State {
        var replies: [String] = []
        var closed = 0
        var ends: [Int: UInt16] = [:]
    }

    /// Answers that are kept.
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

    /// Bodies of HTTP answers behind their status, and messages.
    var replies: [String] { state.withLock { $0.replies } }
    /// Clients that were disconnected.
    var closed: Int { state.withLock { $0.closed } }
    func end() { mustEnd.store(true, ordering: .relaxed) }

    func fire(_ trigger: CaseFile.Trigger) throws {
        switch trigger {
        case .get(let path, let times):
            for _ in 0..<times { request("GET", path, 0) }
        case .post(let path, let bytes): request("POST", path, bytes)
        case .messages(let count, let path, let text):
            let socket = try open(path)
            try socket.send([String](repeating: text, count: count))
            read(socket)
        case .sockets(let count, let path, let text):
            let sockets = try (0..<count).map { _ in try open(path) }
            for socket in sockets {
                try socket.send(text)
                read(socket)
            }
        case .deaf(let count, let path, let text):
            let sockets = try (0..<count).map { _ in try open(path) }
            for socket in sockets { try socket.send(text) }
            keep(sockets)
        case .closes(let count, let path):
            let sockets = try (0..<count).map { _ in try open(path) }
            for socket in sockets { try socket.sendClose(1000) }
            for socket in sockets { read(socket) }
        case .act(let action): act(action)
        case .reload, .start: break
        }
    }

    private func act(_ action: String) {
        thread { [self] in
            let socket = try BlockingWebSocket(port: port, path: "/session/ws", timeoutSeconds: 5)
            try socket.send(#"{"auth":{"uid":"tester","token":""},"platform":"demo","site":"bad"}"#)
            _ = try socket.receive()
            try socket.send(#"{"t":"gameload","gameid":"\#(game)"}"#)
            var answer = try socket.receive()
            add(answer)
            guard let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any],
                let state = object["gamestate"] as? [String: Any], let id = state["id"] as? String
            else { return }
            try socket.send(#"{"t":"action","action":"\#(action)","params":{},"sid":"\#(id)"}"#)
            answer = try socket.receive()
            add(answer)
        }
    }

    private func open(_ path: String) throws -> BlockingWebSocket { try BlockingWebSocket(port: port, path: path, timeoutSeconds: 1) }

    private func request(_ method: String, _ path: String, _ bytes: Int) {
        thread { [self] in
            let socket = try BlockingWebSocket(port: port, timeoutSeconds: 5)
            let (status, body, _) = try socket.http(
                method, path, headers: "X-Port: \(port)\r\n", body: String(repeating: "x", count: bytes))
            add("\(status) \(body)")
        }
    }

    /// Reads to the end of the connection or of the case.
    private func read(_ socket: BlockingWebSocket) {
        let given = Given(socket: socket)
        thread { [self] in
            while !mustEnd.load(ordering: .relaxed) {
                do {
                    guard case .message(let text) = try given.socket.next() else { break }
                    add(text)
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
        thread { [self] in
            while !mustEnd.load(ordering: .relaxed) { usleep(10_000) }
            _ = given
        }
    }

    // @unchecked: handed over to a thread, nobody else keeps it.
    private struct Given: @unchecked Sendable { let socket: BlockingWebSocket }

    private func add(_ text: String) {
        state.withLock { if $0.replies.count < Self.repliesMax { $0.replies.append(text) } }
    }

    private func thread(_ body: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread { [self] in
            do { try body() } catch { add("failed: \(error)") }
        }
    }
}
