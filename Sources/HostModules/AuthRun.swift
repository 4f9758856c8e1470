import Auth
import Host
import NIOCore

/// Does what an ``AuthExchange`` says, and ends a script's wait with what it has found. Loop-bound to the worker.
final class AuthRun<Exchange: AuthExchange> {
    private var exchange: Exchange
    private let outgoing: Outgoing?
    private let traffic: FetchTraffic
    private let timeoutSeconds: Double
    private let loop: any EventLoop
    private let token: WaitToken
    private let value: @Sendable (Exchange.Found) -> WaitValue

    /// - Parameters:
    ///   - traffic: Of the generation that asks.
    ///   - timeoutSeconds: For each answer.
    ///   - value: What the script gets.
    init(
        _ exchange: Exchange, _ outgoing: Outgoing?, _ traffic: FetchTraffic, timeoutSeconds: Double, on loop: any EventLoop, _ token: WaitToken,
        value: @escaping @Sendable (Exchange.Found) -> WaitValue
    ) {
        self.exchange = exchange
        self.outgoing = outgoing
        self.traffic = traffic
        self.timeoutSeconds = timeoutSeconds
        self.loop = loop
        self.token = token
        self.value = value
    }

    func begin(_ first: (inout Exchange) -> AuthAction<Exchange.Found>) { act(first(&exchange)) }

    private func act(_ action: AuthAction<Exchange.Found>) {
        switch action {
        case .send(let request):
            let bound = NIOLoopBound(self, eventLoop: loop)
            AuthSender.send(request, by: outgoing, NIOLoopBound(traffic, eventLoop: loop), timeoutSeconds: timeoutSeconds, on: loop) { reply in
                let run = bound.value
                run.act(run.exchange.received(reply))
            }
        case .done(let found): token.finish(.values([value(found)]))
        case .failed(let error): token.finish(.failure(code: error.code.rawValue, detail: error.detail))
        }
    }
}
