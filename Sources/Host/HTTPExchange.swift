import Logging
import LuaRuntime
import NIOCore
import Transport

extension HTTPAnswer {
    /// `{"error":{"code":…}}`, with the number under which the log has more.
    static func error(_ status: Int, _ code: String, id: String? = nil) -> HTTPAnswer {
        let tail = id.map { #","id":"\#($0)""# } ?? ""
        return HTTPAnswer(status: status, type: .json, body: ByteBuffer(string: #"{"error":{"code":"\#(code)"\#(tail)}}"#))
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
    /// Why what the handler returned is no answer.
    private var mistake: ScriptError?
    /// Number of its request object.
    private var request: Int64 = 0
    private var generation: Generation?
    private var handler: LuaRef?

    /// A request of this loop's own socket.
    init(_ reply: HTTPReply) { target = .here(reply) }

    /// A request of another loop; `send` takes the answer there.
    init(_ send: @escaping (HTTPAnswer) -> Void) { target = .elsewhere(send) }

    /// The handler is about to run.
    ///
    /// - Parameter request: Number of its request object in the generation's table.
    func begin(_ handler: LuaRef, _ generation: Generation, request: Int64) {
        self.handler = handler
        self.generation = generation
        self.request = request
    }

    /// Takes the handler's results while they are on the stack.
    func read(_ results: borrowing LuaResults) {
        do throws(AnswerMistake) { answer = try HTTPAnswer.read(results) } catch {
            let place = handler.flatMap { generation?.state.definition(of: $0) }
            mistake = ScriptError(
                kind: .runtime, code: "bad_answer", message: error.message, chunk: place?.chunk, line: place?.line)
        }
    }

    /// The handler ended. Of a failure the client gets a number, the log the reason under that number; while developing a
    /// browser gets a page with both.
    func finish(_ failure: ScriptError?) {
        guard let generation else { return send(answer ?? .error(500, "internal")) }
        self.generation = nil
        let failure = failure ?? mistake
        let info = failure == nil ? nil : generation.requests[request]
        generation.requests.remove(request)
        guard let failure else { return send(answer ?? .error(500, "internal")) }
        let number = String(UInt32.random(in: 1...UInt32.max), radix: 16)
        generation.worker.report(failure, generation, request: number)
        if generation.services.debug, let info, ErrorPage.isWanted(info) {
            send(ErrorPage.answer(failure, generation, info, id: number))
        } else {
            send(.error(500, "internal", id: number))
        }
    }

    /// The handler's package was closed before it could end.
    func abandon() {
        generation = nil
        send(.error(503, "unavailable"))
    }

    func refuse(_ status: Int, _ code: String) { send(.error(status, code)) }

    /// Answers without a handler.
    func send(_ answer: HTTPAnswer) {
        switch target {
        case .here(let reply): reply.send(answer)
        case .elsewhere(let send): send(answer)
        case .answered: return
        }
        target = .answered
    }
}
