import Logging
import NIOCore
import NIOPosix
import Transport

/// Takes over certificates that are replaced while the server runs, without being told: whoever renews them every few weeks need not know
/// that there is a server to be woken.
///
/// Two files are replaced one after the other, and in between they do not fit together: a failure is told when it is still there at the
/// next look, and once.
struct CertificateWatch {
    /// Between two looks. Reading two small files costs less than a message.
    static let interval: Duration = .seconds(2)

    /// What is to be told.
    enum News: Equatable {
        case renewed(listener: String)
        case failed(listener: String, reason: String)
    }

    /// By listener: what was wrong at the last look, and whether it was told.
    private var failures: [String: (reason: String, isTold: Bool)] = [:]

    /// What a look at the files has found.
    mutating func noticed(_ renewals: [CertificateRenewal]) -> [News] {
        var news: [News] = []
        for renewal in renewals {
            guard let reason = renewal.failure?.detail else {
                failures[renewal.listener] = nil
                if renewal.hasChanged { news.append(.renewed(listener: renewal.listener)) }
                continue
            }
            let former = failures[renewal.listener]
            let isKnown = former?.reason == reason
            if isKnown, former?.isTold == false { news.append(.failed(listener: renewal.listener, reason: reason)) }
            failures[renewal.listener] = (reason, isKnown)
        }
        return news
    }

    /// Looks again and again until the task is cancelled.
    static func run(_ transport: TransportServer, _ logger: Logger) async {
        var watch = CertificateWatch()
        while (try? await Task.sleep(for: interval)) != nil {
            guard let renewals = try? await NIOThreadPool.singleton.runIfActive({ transport.renewCertificates() }) else { return }
            for news in watch.noticed(renewals) {
                switch news {
                case .renewed(let listener): logger.info("a new certificate is in use", metadata: ["listener": "\(listener)"])
                case .failed(let listener, let reason):
                    logger.error(
                        "the certificate was replaced, but cannot be used; the former one stays in use: \(reason)",
                        metadata: ["listener": "\(listener)", "code": "certificate"])
                }
            }
        }
    }
}
