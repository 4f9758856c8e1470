import NIOCore

// Saved files become live by themselves (development mode).
extension Supervisor {
    func startWatching() {
        guard watcher == nil, !isClosed else { return }
        let watcher = DirectoryWatcher(roots: layout.roots, pollMilliseconds: configuration.pollMilliseconds) { [weak self] events in
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
        switch settle.poll(at: Self.now()) {
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
}
