package import LuaRuntime
import NIOCore
package import Transport

/// What makes an outgoing connection the same one after a reload: its socket stays open as long as none of this changes.
package struct ClientIdentity: Sendable, Equatable {
    package var name: String
    package var url: WebSocketURL
    /// By name.
    package var headers: [Header]
    /// Subprotocols that are offered, the preferred one first.
    package var protocols: [String]

    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(name: String, url: WebSocketURL, headers: [Header] = [], protocols: [String] = []) {
        self.name = name
        self.url = url
        self.headers = headers
        self.protocols = protocols
    }
}

/// What else a package says about an outgoing connection: taken over anew by every reload.
package struct ClientSettings: Sendable, Equatable {
    /// Opened when a script asks for it, not when the package goes live.
    package var onDemand = false
    /// Nil: it does not try again.
    package var reconnect: ReconnectPolicy? = ReconnectPolicy()
    package var connectTimeoutSeconds = 10.0
    /// Nil: no pings.
    package var pingIntervalSeconds: Double? = 20.0
    package var pongTimeoutSeconds = 20.0
    package var maxMessageBytes = 1 << 20
    package var isCompressed = true

    /// Bytes that may wait to be sent: as many as for a socket of this server.
    static let maxUnsent = WebSocketOptions().maxUnsent

    package init() {}

    func options(_ identity: ClientIdentity, _ tls: WebSocketClientTLS?) -> WebSocketClientOptions {
        var options = WebSocketClientOptions()
        options.connectTimeout = Self.time(connectTimeoutSeconds)
        options.maxMessage = maxMessageBytes
        options.pingInterval = pingInterval
        options.pongTimeout = pongTimeout
        options.maxUnsent = Self.maxUnsent
        options.subprotocols = identity.protocols
        options.headers = identity.headers.map { ($0.name, $0.value) }
        options.tls = tls
        if isCompressed {
            var compression = Compression()
            // One connection, whose messages are alike, rather than the thousands of an endpoint.
            compression.contextTakeover = true
            options.compression = compression
        }
        return options
    }

    var pingInterval: TimeAmount? { pingIntervalSeconds.map(Self.time) }
    var pongTimeout: TimeAmount { Self.time(pongTimeoutSeconds) }

    private static func time(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1_000_000_000)) }
}

extension Registrations {
    /// An outgoing connection as a script has declared it.
    package struct Client {
        package var identity: ClientIdentity
        package var settings: ClientSettings
        var handlers: EndpointHandlers
        /// Hears of attempts that came to nothing.
        var failed: LuaRef?
        package var site: DeclarationSite?

        package init(
            identity: ClientIdentity, settings: ClientSettings, handlers: EndpointHandlers, failed: LuaRef?, site: DeclarationSite?
        ) {
            self.identity = identity
            self.settings = settings
            self.handlers = handlers
            self.failed = failed
            self.site = site
        }
    }
}
