import Logging
import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

/// What a handler answers to a request.
struct HTTPAnswer: Sendable {
    var status = 200
    var headers = HTTPHeaders()
    var body = ByteBuffer()

    static func error(_ status: Int, _ code: String, id: String? = nil) -> HTTPAnswer {
        var answer = HTTPAnswer()
        answer.status = status
        answer.headers.add(name: "content-type", value: "application/json")
        let tail = id.map { #","id":"\#($0)""# } ?? ""
        answer.body = ByteBuffer(string: #"{"error":{"code":"\#(code)"\#(tail)}}"#)
        return answer
    }

    func send(_ reply: HTTPReply) {
        reply.send(status: status, headers: headers, body: body)
    }
}

/// One request on its way through a handler; answered exactly once. Loop-bound to the handler's worker.
final class HTTPExchange {
    private enum Target {
        case here(HTTPReply)
        case elsewhere((HTTPAnswer) -> Void)
        case answered
    }
    private var target: Target
    private var answer: HTTPAnswer?
    /// Number of its request object.
    var request: Int64 = 0
    var generation: Generation?

    /// A request of this loop's own socket.
    init(_ reply: HTTPReply) { target = .here(reply) }

    /// A request of another loop; `send` takes the answer there.
    init(_ send: @escaping (HTTPAnswer) -> Void) { target = .elsewhere(send) }

    /// Takes the handler's results while they are on the stack.
    func read(_ results: borrowing LuaResults) {
        answer = HTTPAnswer.read(results)
    }

    /// The handler ended.
    /// The client gets a number in place of the reason; the log has both.
    func finish(_ failure: ScriptError?) {
        let number = String(UInt32.random(in: 1...UInt32.max), radix: 16)
        if let failure, let generation {
            generation.services.logger.error(
                "request failed: \(failure)", metadata: ["unit": "\(generation.id)", "id": "\(number)"])
        }
        generation?.requests.remove(request)
        generation = nil
        if failure != nil {
            send(.error(500, "internal", id: number))
        } else {
            send(answer ?? .error(500, "internal"))
        }
    }

    /// The handler's package was closed before it could end.
    func abandon() {
        generation = nil
        send(.error(503, "unavailable"))
    }

    func refuse(_ status: Int, _ code: String) { send(.error(status, code)) }

    private func send(_ answer: HTTPAnswer) {
        switch target {
        case .here(let reply): answer.send(reply)
        case .elsewhere(let send): send(answer)
        case .answered: return
        }
        target = .answered
    }
}
