import Bytes
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The certificate of a listener, read from its files; those files may be replaced while the server runs. Any thread.
final class ServerCertificate: Sendable {
    let listener: String
    private let files: ListenerConfiguration.TLS
    private let current: Lock<Loaded>

    private struct Loaded {
        var context: NIOSSLContext
        var certificate: [UInt8]
        var key: [UInt8]
    }

    /// Blocks for the files.
    init(_ files: ListenerConfiguration.TLS, listener: String) throws(ListenFailure) {
        self.files = files
        self.listener = listener
        current = Lock(try Self.load(files, listener))
    }

    /// What new connections use.
    var context: NIOSSLContext { current.withLock { $0.context } }

    /// Reads the files again; connections that are there stay as they are. Blocks for the files.
    ///
    /// - Returns: Whether anything has changed.
    /// - Throws: What is wrong with them; the former certificate stays in use.
    func renew() throws(ListenFailure) -> Bool {
        let new = try Self.load(files, listener)
        return current.withLock { current in
            guard current.certificate != new.certificate || current.key != new.key else { return false }
            current = new
            return true
        }
    }

    /// TLS 1.2 with forward secrecy and authenticated encryption, and all of TLS 1.3: what every client of the last ten years has.
    private static let cipherSuites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    private static func load(_ files: ListenerConfiguration.TLS, _ listener: String) throws(ListenFailure) -> Loaded {
        let certificate = try read(files.certificatePath, listener), key = try read(files.keyPath, listener)
        func step<Value>(_ path: String, _ problem: String, _ body: () throws -> Value) throws(ListenFailure) -> Value {
            do { return try body() } catch {
                throw ListenFailure(code: .badCertificate, listener: listener, detail: "\(path) \(problem)")
            }
        }
        let chain = try step(files.certificatePath, "holds no certificate in PEM form") {
            let chain = try NIOSSLCertificate.fromPEMBytes(certificate)
            guard !chain.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            return chain
        }
        let privateKey = try step(files.keyPath, "holds no private key in PEM form, or one with a passphrase") {
            try NIOSSLPrivateKey(bytes: key, format: .pem)
        }
        let context = try step(files.keyPath, "is not the key of the certificate \(files.certificatePath)") {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
            configuration.minimumTLSVersion = .tlsv12
            configuration.cipherSuites = cipherSuites
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        }
        return Loaded(context: context, certificate: certificate, key: key)
    }

    /// Far more than any chain of certificates.
    private static let fileBytesMax = 1 << 20

    private static func read(_ path: String, _ listener: String) throws(ListenFailure) -> [UInt8] {
        // A pipe would be waited for, and with it every reload and the end of the server.
        var info = stat()
        if stat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG {
            throw ListenFailure(code: .badCertificate, listener: listener, detail: "\(path) is not a file")
        }
        guard let file = fopen(path, "re") else {
            throw ListenFailure(code: .badCertificate, listener: listener, detail: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: fileBytesMax)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw ListenFailure(code: .badCertificate, listener: listener, detail: "\(path): cannot be read")
        }
        return Array(bytes[..<count])
    }
}

/// What became of a listener's certificate when its files were read again.
public struct CertificateRenewal: Sendable {
    public var listener: String
    /// Other files than before are in use now.
    public var hasChanged: Bool
    /// Why the former certificate stays in use; nil: nothing is wrong.
    public var failure: ListenFailure?
}
