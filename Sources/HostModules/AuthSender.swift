import AsyncHTTPClient
import Auth
import Host
import NIOCore
import NIOHTTP1

/// Makes the requests of a login: with the client of `nightjar.http.fetch`, and counted among its requests.
enum AuthSender {
    /// - Parameters:
    ///   - traffic: Of the generation that asks.
    ///   - done: Called on the worker's loop.
    static func send(
        _ request: OAuthRequest, by outgoing: Outgoing?, _ traffic: NIOLoopBound<FetchTraffic>, timeoutSeconds: Double, on loop: any EventLoop,
        _ done: @escaping @Sendable (OAuthReply) -> Void
    ) {
        let bytes = (request.body?.count ?? 0) + AuthLimits.answerBytes
        guard let client = outgoing?.client else { return done(.failure("nothing goes out from here")) }
        guard traffic.value.admits(bytes) else { return done(.failure("too many requests of this package are under way")) }
        var headers = HTTPHeaders()
        for (name, value) in request.headers { headers.add(name: name, value: value) }
        let wanted: HTTPClient.Request
        do {
            wanted = try HTTPClient.Request(
                url: request.url, method: .init(rawValue: request.method), headers: headers, body: request.body.map { .bytes($0) })
        } catch { return done(.failure("the URL cannot be read")) }
        traffic.value.begin(bytes)
        client.execute(
            request: wanted, delegate: ResponseAccumulator(request: wanted, maxBodySize: AuthLimits.answerBytes), eventLoop: .indifferent,
            deadline: .now() + .nanoseconds(Int64(timeoutSeconds * 1_000_000_000))
        ).futureResult.hop(to: loop).whenComplete { result in
            traffic.value.end(bytes)
            switch result {
            case .success(let response):
                done(.answer(status: Int(response.status.code), body: response.body.map { Array($0.readableBytesView) } ?? []))
            case .failure(let error): done(.failure(FetchFailure(error).detail))
            }
        }
    }
}
