import NIOCore
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Makes the socket of a Unix listener by hand, because the file's mode must be right from its first moment.
enum UnixSocket {
    /// A bound socket; the caller closes it or hands it on.
    static func bind(path: String, listener: String) throws(ListenFailure) -> CInt {
        func failure(_ detail: String, _ code: ListenFailure.Code = .badSocketPath) -> ListenFailure {
            ListenFailure(code: code, listener: listener, detail: "\(path): \(detail)")
        }
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else { throw failure("is not a socket") }
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < capacity else { throw failure("1…\(capacity - 1) bytes are possible") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        #if canImport(Glibc)
        let kind = CInt(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw failure(String(cString: strerror(errno)), .addressRefused) }
        // On Linux the file gets the mode of the socket; the chmod below serves the others.
        _ = fchmod(descriptor, 0o600)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #if canImport(Glibc)
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                #elseif canImport(Musl)
                Musl.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                #else
                Darwin.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                #endif
            }
        }
        guard bound == 0, chmod(path, 0o600) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw failure(reason, .addressRefused)
        }
        return descriptor
    }
}
