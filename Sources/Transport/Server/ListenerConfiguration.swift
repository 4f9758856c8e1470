/// One address the server listens on. Routes belong to a listener by its name.
public struct ListenerConfiguration: Sendable {
    public enum Address: Sendable, Equatable {
        /// Port 0 lets the system choose.
        case tcp(host: String, port: Int)
        /// A socket file, made with mode 0600: only the server's own user can connect. One that was left over is replaced.
        case unix(path: String)
    }

    /// PEM files; the first certificate is the server's, further ones are its chain.
    public struct TLS: Sendable, Equatable {
        public var certificatePath: String
        public var keyPath: String

        public init(certificatePath: String, keyPath: String) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    public var name: String
    public var address: Address
    /// Nil: no TLS.
    public var tls: TLS?
    /// Requests for other names get 421.
    public var hosts: HostPolicy

    /// - Parameter hosts: Nil: what fits the address, without further names.
    public init(
        name: String = "main", address: Address = .tcp(host: "127.0.0.1", port: 0), tls: TLS? = nil, hosts: HostPolicy? = nil
    ) {
        self.name = name
        self.address = address
        self.tls = tls
        self.hosts = hosts ?? HostPolicy(address, names: [])
    }
}

/// Why a listener could not be opened.
public struct ListenFailure: Error, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Somebody else has the address.
        case addressInUse = "address_in_use"
        /// The system does not give the address to this process.
        case addressRefused = "address_refused"
        /// The certificate or the key cannot be used.
        case badCertificate = "bad_certificate"
        /// The path of the socket is too long or taken by another kind of file.
        case badSocketPath = "bad_socket_path"
    }
    public var code: Code
    public var listener: String
    public var detail: String

    public var description: String { "listener \(listener): \(code.rawValue): \(detail)" }
}
