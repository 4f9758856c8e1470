import NIOSSL

/// Whose certificates a `wss` connection trusts. May be shared by any number of connections.
public final class WebSocketClientTLS: Sendable {
    let context: NIOSSLContext

    /// Trusts what the operating system trusts. Reads files: not on an event loop.
    /// - Throws: `WebSocketClientError` with the code `tls_failed`.
    public convenience init() throws(WebSocketClientError) { try self.init(.default) }

    /// Trusts the certificates of a PEM file and nobody else. Reads files: not on an event loop.
    /// - Throws: `WebSocketClientError` with the code `tls_failed`.
    public convenience init(trustingFile path: String) throws(WebSocketClientError) { try self.init(.file(path)) }

    private init(_ roots: NIOSSLTrustRoots) throws(WebSocketClientError) {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = roots
            configuration.applicationProtocols = ["http/1.1"]
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw WebSocketClientError(.tlsFailed, String(describing: error))
        }
    }

    /// A handler for one connection; the certificate must be the host's.
    func handler(host: String, isAddress: Bool) throws -> NIOSSLClientHandler {
        // An address is checked against the certificate too, but is not sent as a name (RFC 6066, section 3).
        try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
