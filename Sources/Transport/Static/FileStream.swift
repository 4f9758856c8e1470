import NIOCore
import NIOPosix
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A part of a file, read piece by piece on the thread pool. Used on one loop.
final class FileStream: BodyStream {
    /// Bytes of one piece: few hops, little memory per download.
    static let pieceBytes = 128 * 1024

    private let descriptor: CInt
    private var range: Range<Int>
    private let threadPool: NIOThreadPool
    private let eventLoop: any EventLoop
    private var isReading = false
    private var hasEnded = false

    init(_ descriptor: CInt, from range: Range<Int>, threadPool: NIOThreadPool, eventLoop: any EventLoop) {
        self.descriptor = descriptor
        self.range = range
        self.threadPool = threadPool
        self.eventLoop = eventLoop
    }

    func next(_ done: @escaping (ByteBuffer?) -> Void) {
        guard !hasEnded, !isReading else { return }
        let descriptor = self.descriptor
        let offset = range.lowerBound
        let count = min(range.count, Self.pieceBytes)
        isReading = true
        let piece = threadPool.runIfActive(eventLoop: eventLoop) { Self.read(descriptor, offset, count) }
        piece.assumeIsolatedUnsafeUnchecked().whenComplete { result in
            self.isReading = false
            if self.hasEnded { return self.closeFile() }
            guard case .success(.some(let piece)) = result else { return done(nil) }
            self.range = (offset + piece.readableBytes)..<self.range.upperBound
            done(piece)
        }
    }

    private static func read(_ descriptor: CInt, _ offset: Int, _ count: Int) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            max(0, pread(descriptor, target.baseAddress!, count, off_t(offset)))
        }
        return got > 0 ? buffer : nil
    }

    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        // A read that is under way still needs the descriptor.
        if !isReading { closeFile() }
    }

    private func closeFile() {
        let descriptor = self.descriptor
        threadPool.submit { _ in _ = close(descriptor) }
    }
}
