import LuaRuntime
import Transport

/// A route of plain HTTP on the worker that runs its package; the same object through reloads, like `ScriptEndpoint`.
final class ScriptResponder: HTTPResponder {
    let unit: Unit
    var handler: LuaRef?
    var options = HTTPOptions()

    init(unit: Unit) { self.unit = unit }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        handle(RequestInfo(request), HTTPExchange(reply))
    }

    /// Runs the handler: at once if nothing is in the way, else in its turn.
    func handle(_ request: RequestInfo, _ exchange: HTTPExchange) {
        guard unit.isIdle else {
            if !unit.offer(.request(self, request, exchange)) { exchange.refuse(503, "busy") }
            return
        }
        unit.turns.beginDirect()
        run(request, exchange)
        unit.turns.endDirect(unit)
    }

    /// It is the request's turn.
    func run(_ request: RequestInfo, _ exchange: HTTPExchange) {
        guard let generation = unit.generation, let handler else { return exchange.refuse(404, "not_found") }
        if let answer = ErrorPage.watch(request, generation) { return exchange.send(answer) }
        let number = generation.requests.add(request)
        exchange.begin(handler, generation, request: number)
        unit.runner.run(handler, generation, .http(exchange)) { $0.object(RequestAPI.type, number) }
    }
}
