import NIOCore

enum RemoteAddress {
    /// The address without its port.
    static func text(_ address: SocketAddress) -> String {
        switch address {
        case .v4, .v6: address.ipAddress ?? ""
        case .unixDomainSocket: "unix"
        }
    }
}
