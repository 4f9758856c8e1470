import Host
import NIOCore

/// Saved files become live by themselves (development mode). What the watcher sees is handed on once it has settled; what was
/// wrong with it is told a moment later, for the next save may be the cure already.
///
/// Belongs to the `Supervisor`: control loop only.
final class SaveWatch {
    private let eventLoop: any EventLoop
    private var settle: SettleMachine
    private var settleTask: Scheduled<Void>?
    private var held = HeldFailures()
    private var heldTask: Scheduled<Void>?
    private var watcher: DirectoryWatcher?
    private var isStopped = false
    private var takeOver: (SettleMachine.Batch) -> Void = { _ in }
    private var tell: (ReloadEvent) -> Void = { _ in }

    init(on eventLoop: any EventLoop, timing: SettleMachine.Timing) {
        self.eventLoop = eventLoop
        settle = SettleMachine(timing: timing)
    }

    /// Begins to watch. Once; what the watcher sees must come back to `noticed`, on the control loop.
    ///
    /// - Parameters:
    ///   - takeOver: Changes have settled.
    ///   - tell: A failure has not been cured in time.
    func start(
        _ watcher: DirectoryWatcher, takeOver: @escaping (SettleMachine.Batch) -> Void, tell: @escaping (ReloadEvent) -> Void
    ) {
        guard self.watcher == nil, !isStopped else { return }
        self.watcher = watcher
        self.takeOver = takeOver
        self.tell = tell
        watcher.start()
    }

    func stop() {
        isStopped = true
        watcher?.stop()
        settleTask?.cancel()
        heldTask?.cancel()
    }

    // MARK: Changes

    func noticed(_ events: [WatchEvent]) {
        let now = Self.now()
        for event in events {
            switch event {
            case .changed(let path): settle.changed(path, at: now)
            case .written(let path): settle.isWritten(path, at: now)
            case .found(let path): settle.found(path, at: now)
            case .overflow: settle.overflowed(at: now)
            }
        }
        checkSettled()
    }

    private static func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    private func checkSettled() {
        settleTask?.cancel()
        settleTask = nil
        guard !isStopped else { return }
        switch settle.poll(at: Self.now(), bytes: { Files.stamp($0)?.bytes }) {
        case .idle: break
        case .wait(let until):
            settleTask = later(.nanoseconds(max(1_000_000, until - Self.now()))) { $0.checkSettled() }
        case .settled(let batch): takeOver(batch)
        }
    }

    // MARK: Failures

    /// Keeps a failure for a moment: the file may be whole by then.
    func hold(_ event: ReloadEvent) {
        held.hold(event)
        heldTask?.cancel()
        tellLater()
    }

    /// Failures wait for being told.
    var isHolding: Bool { !held.isEmpty }

    /// The unit is attempted again, or gone.
    func forget(_ unit: UnitID) { held.forget(unit) }

    private func tellLater() { heldTask = later(.nanoseconds(settle.timing.held)) { $0.tellHeld() } }

    private func tellHeld() {
        heldTask = nil
        guard !isStopped, !held.isEmpty else { return }
        // What is being written now may be the cure; its batch ends in time whatever goes on.
        guard settle.isIdle else { return tellLater() }
        for event in held.take() { tell(event) }
    }

    private func later(_ delay: TimeAmount, _ body: @escaping (SaveWatch) -> Void) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            if let self { body(self) }
        }
    }
}
