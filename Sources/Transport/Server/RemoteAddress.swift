import NIOCore

enum RemoteAddress {
    /// The address without its port.
    static func text(_ address: SocketAddress) -> String {
        switch address {
        case .v4, .v6: address.ipAddress ?? ""
        case .unixDomainSocket: "unix"
        }
    }

    /// Where a listener is, for people: "127.0.0.1:80", "[::1]:80", or a path.
    static func listening(_ address: SocketAddress) -> String {
        let host = text(address)
        guard let port = address.port else { return address.pathname ?? host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
