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
    private var isChecking = false
    /// All that has been noticed has had its head start.
    private var hasBegun = false
    private var begin: (Set<String>) -> Void = { _ in }
    private var takeOver: (SettleMachine.Batch) -> Void = { _ in }
    private var tell: (ReloadEvent) -> Void = { _ in }

    init(on eventLoop: any EventLoop, timing: SettleMachine.Timing) {
        self.eventLoop = eventLoop
        settle = SettleMachine(timing: timing)
    }

    /// Begins to watch. Once; what the watcher sees must come back to `noticed`, on the control loop.
    ///
    /// - Parameters:
    ///   - begin: These have changed; more may come.
    ///   - takeOver: Changes have settled.
    ///   - tell: A failure has not been cured in time.
    func start(
        _ watcher: DirectoryWatcher, begin: @escaping (Set<String>) -> Void, takeOver: @escaping (SettleMachine.Batch) -> Void,
        tell: @escaping (ReloadEvent) -> Void
    ) {
        guard self.watcher == nil, !isStopped else { return }
        self.watcher = watcher
        self.begin = begin
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

    /// - Parameter now: When it was seen, `now()`: this loop may have been busy since.
    func noticed(_ events: [WatchEvent], at now: Int64) {
        hasBegun = false
        for event in events {
            switch event {
            case .changed(let path): settle.changed(path, at: now)
            case .written(let path): settle.isWritten(path, at: now)
            case .found(let path): settle.found(path, at: now)
            case .overflow: settle.overflowed(at: now)
            }
        }
        checkSoon()
    }

    static func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    /// Looks whether what has changed until now has settled, after what has been seen until now and waits for this loop: the loop may
    /// have been busy, and a change that has not been taken yet is no quiet.
    private func checkSoon() {
        guard !isChecking else { return }
        isChecking = true
        let now = Self.now()
        eventLoop.assumeIsolated().execute { [weak self] in
            guard let self else { return }
            isChecking = false
            checkSettled(at: now)
        }
    }

    /// - Parameter now: All that was seen until then has been noticed.
    private func checkSettled(at now: Int64) {
        settleTask?.cancel()
        settleTask = nil
        guard !isStopped else { return }
        switch settle.poll(at: now, bytes: { Files.stamp($0)?.bytes }) {
        case .idle: break
        case .wait(var until):
            if !hasBegun, let time = settle.headStart {
                if time <= now { return beginAhead() }
                until = min(until, time)
            }
            settleTask = later(.nanoseconds(max(1_000_000, until - Self.now()))) { $0.checkSoon() }
        case .settled(let batch): takeOver(batch)
        }
    }

    private func beginAhead() {
        hasBegun = true
        begin(settle.paths)
        // That took a while.
        checkSoon()
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
