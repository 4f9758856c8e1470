import Logging
import NIOCore
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Stops a listener from accepting for a moment when the system has nothing left for a connection: no descriptors, no memory.
///
/// The socket stays readable as long as somebody waits to be accepted, so trying again at once would keep a processor busy
/// with nothing. NIO's own `AcceptBackoffHandler` delays the reads that are asked for later, not the one that failed.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// Short enough for nobody to notice once descriptors are free again, long enough to cost nothing.
    static let pause = TimeAmount.milliseconds(250)
    /// After so long without a failure it is over. Descriptors come back one by one, and each is taken at once.
    static let recovery = TimeAmount.seconds(1)

    private let listener: String
    private let logger: Logger
    /// The line that it has stopped is written once, until it is over.
    private var isTold = false
    private var failures = 0

    init(listener: String, logger: Logger) {
        self.listener = listener
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, Self.exhaustions.contains(error.errnoCode), let options = context.channel.syncOptions else {
            return context.fireErrorCaught(error)
        }
        if !isTold {
            isTold = true
            logger.error("connections have to wait: the system has nothing left for them", metadata: [
                "listener": "\(listener)", "reason": "\(String(cString: strerror(error.errnoCode)))",
                "remedy": "raise the limit of open files (ulimit -n, LimitNOFILE)",
            ])
        }
        failures += 1
        let latest = failures
        let loop = context.eventLoop.assumeIsolatedUnsafeUnchecked()
        try? options.setOption(.autoRead, value: false)
        loop.scheduleTask(in: Self.pause) { try? options.setOption(.autoRead, value: true) }
        loop.scheduleTask(in: Self.recovery) {
            guard self.failures == latest else { return }
            self.isTold = false
            self.logger.notice("connections are accepted again", metadata: ["listener": "\(self.listener)"])
        }
    }

    private static let exhaustions: Set<CInt> = [EMFILE, ENFILE, ENOBUFS, ENOMEM]
}
