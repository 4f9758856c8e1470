public import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// From an address to a channel.
extension WebSocketClient {
    /// Opens a WebSocket. The delegate is told how it went, in a later turn of the loop.
    /// - Parameters:
    ///   - loop: A loop of a `MultiThreadedEventLoopGroup`; the caller must be on it.
    ///   - delegate: Held until it was told of the end or the failure.
    /// - Returns: The client, to give up with `close` before it is open.
    @discardableResult
    public static func open(
        _ url: WebSocketURL, options: WebSocketClientOptions = WebSocketClientOptions(), on loop: any EventLoop,
        delegate: any WebSocketClientDelegate
    ) -> WebSocketClient {
        loop.preconditionInEventLoop()
        let client = WebSocketClient(url, options: options, on: loop, delegate: delegate)
        client.startTimeout()
        client.prepare()
        return client
    }

    /// Gets the certificates ready, then connects.
    private func prepare() {
        guard url.isSecure else { return connect(tls: nil) }
        if let tls = options.tls { return connect(tls: tls) }
        isConnecting = true
        // Reading the system's certificates blocks.
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try WebSocketClientTLS() }
            .assumeIsolated().whenComplete { result in
                switch result {
                case .success(let tls): self.connect(tls: tls)
                case .failure(let error):
                    self.fail(Self.describe(error, isSecure: true))
                    self.isConnecting = false
                }
            }
    }

    private func connect(tls: WebSocketClientTLS?) {
        guard phase == .opening else { return isConnecting = false }
        guard let bootstrap = ClientBootstrap(validatingGroup: eventLoop) else {
            isConnecting = false
            return fail(WebSocketClientError(.connectFailed, "the event loop has no sockets"))
        }
        isConnecting = true
        let host = url.host
        let isAddress = (try? SocketAddress(ipAddress: host, port: url.port)) != nil
        bootstrap
            .connectTimeout(options.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            // Several addresses may be tried at once. The one that is taken gets its handler below and reads from then on.
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(tls.handler(host: host, isAddress: isAddress))
                    }
                }
            }
            .connect(host: host, port: url.port)
            .hop(to: eventLoop).assumeIsolated().whenComplete { result in
                switch result {
                case .success(let channel): self.attach(channel)
                case .failure(let error): self.fail(Self.describe(error, isSecure: self.url.isSecure))
                }
                self.isConnecting = false
            }
    }

    /// Takes over a connected channel.
    func attach(_ channel: any Channel) {
        guard phase == .opening else { return channel.close(promise: nil) }
        do {
            try channel.pipeline.syncOperations.addHandler(WebSocketClientHandler(self))
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            channel.close(promise: nil)
            fail(Self.describe(error, isSecure: url.isSecure))
        }
        if !channel.isActive { inactive() }
    }

    static func describe(_ error: any Error, isSecure: Bool) -> WebSocketClientError {
        if let error = error as? WebSocketClientError { return error }
        if let error = error as? NIOConnectionError {
            if error.connectionErrors.isEmpty {
                return WebSocketClientError(.resolveFailed, "\(error.host) has no address")
            }
            let reasons = error.connectionErrors.map { reason($0.error) }.joined(separator: "; ")
            return WebSocketClientError(.connectFailed, "\(error.host):\(error.port): \(reasons)")
        }
        if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            return WebSocketClientError(.tlsFailed, "\(error)")
        }
        return WebSocketClientError(.lost, "\(error)")
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return error.errnoCode == ECONNREFUSED ? "nobody takes connections there" : String(cString: strerror(error.errnoCode))
    }
}
