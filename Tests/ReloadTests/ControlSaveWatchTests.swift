import Foundation
import NIOCore
import NIOPosix
import NightjarTesting
import Testing
@testable import Reload

/// What has settled is judged by when it was seen, however busy the control loop was.
@Suite(.timeLimit(.minutes(1))) struct ControlSaveWatchTests {
    enum Holder: Sendable { case headStart, somethingElse }

    private actor Bench {
        nonisolated let eventLoop: any EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }
        private let watch: SaveWatch
        private let saved: [String]
        private var isHeld = false
        private(set) var batches: [Set<String>] = []

        /// - Parameter saved: What is saved as soon as the loop is held.
        init(_ eventLoop: any EventLoop, saved: [String]) {
            self.eventLoop = eventLoop
            self.saved = saved
            watch = SaveWatch(on: eventLoop, timing: SettleMachine.Timing())
        }

        func save(_ path: String, holder: Holder) {
            watch.start(
                DirectoryWatcher(roots: []) { _ in },
                begin: { [weak self] _ in
                    if holder == .headStart { self?.assumeIsolated { $0.hold() } }
                },
                takeOver: { [weak self] batch in self?.assumeIsolated { $0.batches.append(batch.paths) } }, tell: { _ in })
            see(.changed(path))
            if holder == .somethingElse { eventLoop.execute { self.assumeIsolated { $0.hold() } } }
        }

        /// Nothing else runs on the loop for longer than the quiet time. At the end somebody begins to write another file.
        private func hold() {
            guard !isHeld else { return }
            isHeld = true
            for path in saved { see(.changed(path)) }
            Thread.sleep(forTimeInterval: 0.04)
            see(.written("open"))
        }

        func see(_ event: WatchEvent) {
            let now = SaveWatch.now()
            eventLoop.execute { self.assumeIsolated { $0.watch.noticed([event], at: now) } }
        }

        func stop() { watch.stop() }
    }

    @Test(arguments: [(Holder.headStart, ["b"]), (.somethingElse, ["b"]), (.somethingElse, [])])
    func nothingSettlesBeforeWhatWasSeenMeanwhile(_ holder: Holder, _ saved: [String]) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bench = Bench(group.next(), saved: saved)
        await bench.save("a", holder: holder)
        try await Task.sleep(for: .milliseconds(100))
        await bench.see(.changed("open"))
        try await eventually("a batch") { await !bench.batches.isEmpty }
        #expect(await bench.batches.first == Set(["a", "open"] + saved))
        await bench.stop()
        try await group.shutdownGracefully()
    }
}
