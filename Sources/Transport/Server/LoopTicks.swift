public import NIOPosix

/// Tells code on an event loop when a tick of the loop has ended: its tasks have run, and its sockets are looked after next.
///
/// A task that gives the loop another task runs again before any socket is read, for ever if need be; whoever wants to go on
/// after the sockets has to wait for the tick's end.
public final class LoopTicks: NIOEventLoopMetricsDelegate {
    private init() {}

    private final class Observer {
        let tickEnded: () -> Void
        init(_ tickEnded: @escaping () -> Void) { self.tickEnded = tickEnded }
    }

    // Each loop's thread sees its own value only; none is ever shared.
    nonisolated(unsafe) private static let observer = ThreadSpecificVariable<Observer>()

    /// Loops whose ticks can be observed.
    public static func group(numberOfThreads: Int) -> MultiThreadedEventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: numberOfThreads, metricsDelegate: LoopTicks())
    }

    /// Has `tickEnded` called after every tick of the loop the caller is on, if it is one of `group`'s. One per loop; must be
    /// short. A task that it gives the loop may wait for the next socket or timer.
    public static func observe(_ tickEnded: @escaping () -> Void) { observer.currentValue = Observer(tickEnded) }

    public func processedTick(info: NIOEventLoopTickInfo) { LoopTicks.observer.currentValue?.tickEnded() }
}
