import Logging
import NIOCore

/// Bounds what all connections of a loop hold together: messages and requests that are not complete, and bytes that their
/// clients have not taken. Each connection has bounds of its own, but ten thousand times those is more than any machine has.
///
/// Nothing is counted while bytes move. Some time after there was traffic everything is added up, and above the bound the
/// connections that hold most are cut, of equal ones the oldest first.
final class BufferBound {
    /// From traffic to the look at it. In this time one network card brings less than the other three quarters of the memory hold.
    static let interval = TimeAmount.milliseconds(250)

    let bytesMax: Int
    private unowned let loop: LoopContext
    private var isDue = false

    /// - Parameter bytesMax: For this loop alone.
    init(loop: LoopContext, bytesMax: Int) {
        self.loop = loop
        self.bytesMax = bytesMax
    }

    /// Bytes came in or went out.
    @inline(__always)
    func noteTraffic() { if !isDue { schedule() } }

    @inline(never)
    private func schedule() {
        isDue = true
        loop.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: Self.interval) { [weak self] in
            self?.isDue = false
            self?.check()
        }
    }

    /// Adds up, and cuts connections until a quarter of the bound is free again, so that the next message is not the next end.
    func check() {
        var holders: [(bytes: Int, order: UInt64, abort: () -> Void)] = []
        var total = 0
        func add(_ bytes: Int, _ order: UInt64, _ abort: @autoclosure @escaping () -> Void) {
            guard bytes > 0 else { return }
            total += bytes
            holders.append((bytes, order, abort))
        }
        loop.forEachConnection { connection in add(connection.heldBytes, connection.id.rawValue, connection.abort()) }
        loop.forEachRequest { request in add(request.heldBytes, 0, request.abort()) }
        guard total > bytesMax else { return }
        let before = total
        var count = 0
        for holder in holders.sorted(by: { $0.bytes == $1.bytes ? $0.order < $1.order : $0.bytes > $1.bytes }) {
            guard total > bytesMax / 4 * 3 else { break }
            holder.abort()
            total -= holder.bytes
            count += 1
        }
        loop.logger.warning("connections were cut: together they held too much that was incomplete or unsent", metadata: [
            "connections": "\(count)", "bytes": "\(before - total)", "bound": "\(bytesMax)", "setting": "buffers_mb",
        ])
    }
}
