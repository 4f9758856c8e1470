import Bytes
import AsyncHTTPClient
import NIOCore
import Synchronization

/// The client of all requests to other servers, made when the first one goes out. Any thread.
final class Outgoing: Sendable {
    private enum State {
        case unused
        case used(HTTPClient)
        case closed
    }
    /// Connections to one host that does not speak HTTP/2, as many as a wallet has. The client's own 8 would make the rest of the
    /// requests that may be under way wait in a line, behind whoever came first.
    private static let connectionsPerHost = 64

    private let group: any EventLoopGroup
    private let state = Lock(State.unused)

    init(_ group: any EventLoopGroup) { self.group = group }

    /// Nil once the server has ended.
    var client: HTTPClient? {
        state.withLock { state in
            switch state {
            case .used(let client): return client
            case .closed: return nil
            case .unused:
                var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
                configuration.timeout.connect = .seconds(10)
                // A script that wants another try says so itself; it is told of the first failure.
                configuration.connectionPool.retryConnectionEstablishment = false
                configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsPerHost
                let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
                state = .used(client)
                return client
            }
        }
    }

    func shutdown() async {
        let client = state.withLock { state in
            defer { state = .closed }
            return if case .used(let client) = state { client } else { nil as HTTPClient? }
        }
        try? await client?.shutdown()
    }
}
