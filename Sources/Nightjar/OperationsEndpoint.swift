import Foundation
import HostModules
import NIOCore
import NIOHTTP1
import Reload
import Store
import Transport

/// What supervisors and monitoring ask, on the listener `ops`:
///
/// * `/health`: is the process alive? 200 as long as every loop turns; 503 is a reason to start it again.
/// * `/ready`: should it get requests? 200 as long as the store takes changes, too; 503 is a reason to wait.
/// * `/metrics`: figures in Prometheus' text form.
final class OperationsEndpoint: HTTPResponder, Sendable {
    static let listener = "ops"
    /// How long a loop or the store may take to answer; what asks usually gives up after a few seconds.
    private static let patience = Duration.seconds(1)

    let options = HTTPOptions()
    private let host: ScriptHost
    private let transport: TransportServer
    private let store: any KeyValue
    private let figures: ServerFigures

    init(host: ScriptHost, transport: TransportServer, store: any KeyValue, figures: ServerFigures) {
        self.host = host
        self.transport = transport
        self.store = store
        self.figures = figures
    }

    var routes: [Route] { [.get("/health", self), .get("/ready", self), .get("/metrics", self)] }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        let path = request.path
        // The work is asynchronous; the reply belongs to this loop and is used only on it.
        let reply = NIOLoopBound(reply, eventLoop: reply.eventLoop)
        Task {
            let answer = switch path {
            case "/health": Self.answer(await loopProblem(), good: "ok")
            case "/ready": Self.answer(await readinessProblem(), good: "ready")
            default: (status: 200, text: figures.text(await host.status(), connections: transport.connectionCount, clients: host.clientCounts))
            }
            reply.eventLoop.execute {
                reply.value.send(status: answer.status, text: answer.text, contentType: path == "/metrics" ? ServerFigures.contentType : "text/plain; charset=utf-8")
            }
        }
    }

    private static func answer(_ problem: String?, good: String) -> (status: Int, text: String) {
        problem.map { (503, $0 + "\n") } ?? (200, good + "\n")
    }

    /// Nil: all loops turn.
    private func loopProblem() async -> String? {
        let turns = transport.eventLoops.map { $0.submit {} }
        let isInTime = await StopClock.within(Self.patience) { for turn in turns { try? await turn.get() } }
        return isInTime ? nil : "an event loop does not turn"
    }

    private func readinessProblem() async -> String? {
        if let problem = await loopProblem() { return problem }
        let loop = transport.eventLoops[0]
        let answer = loop.makePromise(of: String?.self)
        // A change like any other: a full disk or a folder that is gone shows in nothing less.
        store.set(StoreKey(realm: "server", name: "ready"), [UInt8(ascii: "1")], ttl: nil, ifVersion: nil, on: loop) { result in
            switch result {
            case .success: answer.succeed(nil)
            case .failure(let error): answer.succeed("the store takes no changes: \(error.code.rawValue)")
            }
        }
        // The first of the two is the answer.
        let late = loop.scheduleTask(in: .nanoseconds(Int64(Self.patience / .nanoseconds(1)))) { answer.succeed("the store does not answer") }
        defer { late.cancel() }
        return try? await answer.futureResult.get()
    }
}
