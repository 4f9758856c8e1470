import AsyncHTTPClient
import Bytes
import NIOCore
import NIOHTTP1
import NIOPosix

/// An operator's wallet over HTTP. Loop-bound; its connections live on the same loop.
final class HTTPWalletLink: WalletLink {
    private let client: HTTPClient
    private let loop: any EventLoop
    private let settings: WalletSettings
    private let wallClock: WallClock

    init(_ settings: WalletSettings, client: HTTPClient, on loop: any EventLoop, wallClock: @escaping WallClock) {
        self.settings = settings
        self.client = client
        self.loop = loop
        self.wallClock = wallClock
    }

    /// A client for all wallets of a loop.
    static func client(on loop: any EventLoop) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(2)
        // Whether there is another attempt is decided by who knows what it is for.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsMax
        return HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: configuration)
    }

    /// Connections of a client to one wallet: so many players' stakes are under way at once, the next ones wait for an answer.
    private static let connectionsMax = 64

    func send(_ call: WalletCall, _ done: @escaping (WalletAnswer) -> Void) {
        var headers = HTTPHeaders()
        headers.add(name: "content-type", value: "application/json")
        headers.add(name: WalletSignature.header, value: WalletSignature.value(of: call, secret: settings.secret, now: wallClock()))
        let back = loop.back(done)
        let request: HTTPClient.Request
        do {
            request = try HTTPClient.Request(
                url: settings.url + call.name.rawValue, method: .POST, headers: headers, body: .bytes(call.body))
        } catch {
            return loop.execute { back(.unknown("its address cannot be read")) }
        }
        client.execute(
            request: request, delegate: ResponseAccumulator(request: request, maxBodySize: WalletAnswer.bytesMax),
            eventLoop: .indifferent, deadline: .now() + settings.timeout
        ).futureResult.hop(to: loop).whenComplete { result in
            switch result {
            case .success(let response):
                let body = response.body.map { Array($0.readableBytesView) } ?? []
                back(WalletAnswer(status: Int(response.status.code), body: body, to: call))
            case .failure(let error): back(.unknown(Self.detail(error)))
            }
        }
    }

    /// In words that hold nothing of the request.
    private static func detail(_ error: any Error) -> String {
        if error is NIOConnectionError { return "no connection" }
        if error is ResponseAccumulator.ResponseTooBigError { return "an answer of more than \(WalletAnswer.bytesMax) bytes" }
        return switch error as? HTTPClientError {
        case .deadlineExceeded?, .readTimeout?, .connectTimeout?: "no answer in time"
        case .remoteConnectionClosed?: "the connection was closed before the answer"
        default: "the request failed (\(type(of: error)))"
        }
    }
}
