#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import AsyncHTTPClient
import NIOCore
import NIOPosix

/// What became of a request that got no answer.
package struct FetchFailure {
    let code: String
    /// For people, without a point at its end.
    package let detail: String

    package init(_ error: any Error) {
        code = Self.code(of: error)
        detail = Self.details[code] ?? "the connection failed before the answer was complete"
    }

    /// For people; what the client's library says is of no use to them.
    private static let details = [
        "too_large": "the answer is longer than max_body", "timeout": "the answer did not come in time",
        "connect_failed": "nobody takes connections at this host and port", "tls_failed": "no secure connection could be agreed on",
    ]

    private static let connectFailures: Set<CInt> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL]

    private static func code(of error: any Error) -> String {
        if error is ResponseAccumulator.ResponseTooBigError { return "too_large" }
        if let error = error as? HTTPClientError {
            if error == .deadlineExceeded || error == .readTimeout || error == .connectTimeout { return "timeout" }
            if error == .tlsHandshakeTimeout { return "tls_failed" }
            return "failed"
        }
        if error is NIOConnectionError { return "connect_failed" }
        if let error = error as? IOError, connectFailures.contains(error.errnoCode) { return "connect_failed" }
        if "\(type(of: error))".contains("SSL") { return "tls_failed" }
        return "failed"
    }
}
