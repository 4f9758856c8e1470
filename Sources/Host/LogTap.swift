public import Bytes
public import Logging
import NIOCore
import Synchronization

/// Where the process's log handler puts every line, and packages that listen (`nightjar.log.listen`) get them from. Any
/// thread.
///
/// A line that a listener's handler writes, or its failure, is not delivered: it would bring about the next one for ever.
public final class LogTap: Sendable {
    /// Least time from one delivery to a package to the next: people do not see it, and a burst of lines is one list.
    static let interval = TimeAmount.milliseconds(50)

    /// Lines that are written now come from a listener's handler.
    @TaskLocal static var isMuted = false

    private struct Listener {
        let unit: UnitID
        let worker: WorkerHandle
        /// As lines name it.
        let name: String
        var queue = LogQueue()
    }

    private struct State {
        var listeners: [Listener] = []
        var isClosed = false

        func index(_ unit: UnitID, _ worker: Int) -> Int? {
            listeners.firstIndex { $0.unit == unit && $0.worker.index == worker }
        }
    }

    private let clock: WallClock
    private let count = Atomic<Int>(0)
    private let state = Lock(State())

    /// - Parameter clock: Milliseconds since 1970.
    public init(clock: @escaping WallClock = systemWallClock) { self.clock = clock }

    /// Somebody listens. One atomic load, so that a handler may ask for every line.
    public var isListening: Bool { count.load(ordering: .relaxed) > 0 }

    /// Takes a line. Never blocks but for the other callers; when a listener's queue is full the line is counted as dropped.
    ///
    /// - Parameter metadata: All fields of the line, those of the logger included.
    public func add(_ level: Logger.Level, _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Logger.Metadata) {
        guard isListening, !Self.isMuted else { return }
        let line = LogLine(time: clock(), level: level, message: message(), metadata: metadata())
        let json = line.json
        state.withLock { state in
            let isOwn = line.unit.map { unit in state.listeners.contains { $0.name == unit } } ?? false
            for index in state.listeners.indices where state.listeners[index].queue.add(json, isOwn: isOwn) {
                schedule(state.listeners[index])
            }
        }
    }

    /// Ends all deliveries, before the workers' loops end.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            state.listeners = []
            count.store(0, ordering: .relaxed)
        }
    }

    // MARK: For workers

    /// A package listens on a worker from now on; again and again is the same as once.
    func attach(_ unit: UnitID, _ worker: WorkerHandle) {
        state.withLock { state in
            guard !state.isClosed, !state.listeners.contains(where: { $0.unit == unit && $0.worker.index == worker.index }) else { return }
            state.listeners.append(Listener(unit: unit, worker: worker, name: LogLine.unitName(unit.description)))
            count.store(state.listeners.count, ordering: .relaxed)
        }
    }

    func detach(_ unit: UnitID, worker: Int) {
        state.withLock { state in
            state.listeners.removeAll { $0.unit == unit && $0.worker.index == worker }
            count.store(state.listeners.count, ordering: .relaxed)
        }
    }

    /// A JSON list of what waits, for a handler that runs now; nil: nothing.
    func take(_ unit: UnitID, worker: Int) -> [UInt8]? {
        let time = clock()
        return state.withLock { state in
            guard let index = state.index(unit, worker) else { return nil }
            return state.listeners[index].queue.take { dropped in
                LogLine(
                    time: time, level: .warning, message: "log lines were dropped: more came than can be delivered",
                    metadata: ["count": "\(dropped)"]
                ).json
            }
        }
    }

    /// The handler that `take` was for has ended.
    func finished(_ unit: UnitID, worker: Int) {
        state.withLock { state in
            guard let index = state.index(unit, worker), state.listeners[index].queue.finished() else { return }
            schedule(state.listeners[index])
        }
    }

    /// Under the lock, so that nothing is scheduled any more once `close` has returned.
    private func schedule(_ listener: Listener) {
        let unit = listener.unit
        listener.worker.execute(after: Self.interval) { $0.deliverLog(to: unit) }
    }
}
