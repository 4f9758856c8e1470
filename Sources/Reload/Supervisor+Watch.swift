import Host
import NIOCore

// Saved files become live by themselves (development mode).
extension Supervisor {
    func startWatching() {
        guard watcher == nil, !isClosed else { return }
        let watcher = DirectoryWatcher(
            roots: layout.roots + configuration.watchedDirectories, pollMilliseconds: configuration.pollMilliseconds) { [weak self] events in
            guard let self else { return }
            eventLoop.execute { self.assumeIsolated { $0.noticed(events) } }
        }
        self.watcher = watcher
        watcher.start()
    }

    private static func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    private func noticed(_ events: [WatchEvent]) {
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

    private func checkSettled() {
        settleTask?.cancel()
        settleTask = nil
        guard !isClosed else { return }
        switch settle.poll(at: Self.now(), bytes: { Files.stamp($0)?.bytes }) {
        case .idle: break
        case .wait(let until):
            let delay = max(1_000_000, until - Self.now())
            settleTask = eventLoop.scheduleTask(in: .nanoseconds(delay)) { [weak self] in
                self?.assumeIsolated { $0.checkSettled() }
            }
        case .settled(let batch):
            Task { _ = await exclusively { await takeOver(batch) } }
        }
    }

    /// Keeps a failure for a moment: the file may be whole by then.
    func hold(_ event: ReloadEvent) {
        held.hold(event)
        heldTask?.cancel()
        heldTask = eventLoop.scheduleTask(in: .nanoseconds(settle.timing.held)) { [weak self] in
            self?.assumeIsolated { $0.tellHeld() }
        }
    }

    private func tellHeld() {
        heldTask = nil
        guard !isClosed, !held.isEmpty else { return }
        // What is being written now may be the cure; its batch ends in time whatever goes on.
        guard settle.isIdle else {
            heldTask = eventLoop.scheduleTask(in: .nanoseconds(settle.timing.held)) { [weak self] in
                self?.assumeIsolated { $0.tellHeld() }
            }
            return
        }
        for event in held.take() { tell(event) }
    }
}
