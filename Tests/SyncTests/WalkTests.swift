import Foundation
import NIOCore
import NIOPosix
import NightjarTesting
import Synchronization
import Testing

/// Thousands of sockets at random, compared with a model.
@Suite(.serialized, .timeLimit(.minutes(20))) struct WalkTests {
    @Test func countsAndOrderAreRightIn2000SessionsOf4() async throws {
        try await walk(sessions: 2_000, steps: 6, messages: 4, loops: 2, reloads: false, seed: 1)
    }

    @Test func reloadsLoseNoPushAndNoMembership() async throws {
        try await walk(sessions: 400, steps: 24, messages: 20, loops: 3, reloads: true, seed: 2)
    }

    @Test(
        "Soak: 10,000 sessions of 4, or as many as there are file descriptors for, with reloads",
        .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil))
    func soak() async throws {
        let sessions = min(10_000, (raiseDescriptorLimit(to: 82_000) - 2_000) / 16 * 2)
        try await walk(sessions: sessions, steps: 30, messages: 30, loops: 2, reloads: true, seed: 3)
    }

    private func walk(sessions: Int, steps: Int, messages: Int, loops: Int, reloads: Bool, seed: UInt64) async throws {
        // Each socket counts twice in this process.
        let descriptors = raiseDescriptorLimit(to: sessions * 4 * 2 + 2_000)
        try #require(descriptors >= sessions * 4 * 2 + 2_000, "this test needs more file descriptors (ulimit -n)")
        // Sockets are silent for as long as all the others take, in the long runs for minutes.
        try await withRelay(loops: loops, settings: #"{"socket_timeout_ms": 86400000}"#) { server async throws in
            let clients = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: server.port)
            var groups: [NIOLoopBound<WalkGroup>] = []
            for number in 0..<sessions / 2 {
                let loop = clients.next()
                // One address has about 28,000 ports for connections to the same place.
                let source = sessions > 5_000 ? try SocketAddress(ipAddress: "127.0.0.\(2 + number % 4)", port: 0) : nil
                groups.append(
                    try await loop.submit {
                        NIOLoopBound(
                            WalkGroup(number, loop: loop, address: address, source: source, seed: seed << 32 + UInt64(number)),
                            eventLoop: loop)
                    }.get())
            }
            let all = groups
            let isDone = Atomic(false)
            async let reloading = reloads ? reload(server, until: isDone) : 0
            var failures = try await part(all) { $0.walk(steps: steps) }
            if failures.isEmpty { failures = try await part(all) { $0.storm(messages: messages) } }
            // What the server knows at the end, once it has handled all that came from sockets that are gone.
            var open = (sessions: 0, sockets: 0)
            for group in all {
                let (sessions, sockets) = try await group.eventLoop.submit { (group.value.openSessions, group.value.openSockets) }.get()
                open.sessions += sessions
                open.sockets += sockets
            }
            if failures.isEmpty {
                let sockets = open.sockets
                try await eventually("\(sockets) active sockets", within: .seconds(300)) {
                    try await server.get("/").text.contains("\n<br>Active sockets: \(sockets)\n")
                }
            }
            if failures.isEmpty { failures = try await part(all) { $0.settle() } }
            isDone.store(true, ordering: .relaxed)
            let count = try await reloading
            #expect(failures.prefix(5) == [])
            print("\(sessions) sessions, \(open.sockets) sockets left, \(count) reloads")
            if reloads { #expect(count >= 2) }
            let page = try await server.get("/").text
            #expect(page.contains("Active sessions: \(open.sessions)\n<br>Active sockets: \(open.sockets)\n"))
            // And that nothing is left behind.
            for group in all { group.eventLoop.execute { group.value.disconnectAll() } }
            try await eventually("no session and no socket to be left", within: .seconds(300)) {
                try await server.get("/").text.contains("Active sessions: 0\n<br>Active sockets: 0\n")
            }
            try await clients.shutdownGracefully()
        }
    }

    /// Runs a part in all groups and gathers their failures.
    private func part(
        _ groups: [NIOLoopBound<WalkGroup>], _ start: @escaping @Sendable (WalkGroup) -> EventLoopFuture<[String]>
    ) async throws -> [String] {
        let futures = groups.map { group in
            let limit = group.eventLoop.scheduleTask(in: .seconds(1_200)) { group.value.giveUp() }
            let future = group.eventLoop.flatSubmit { start(group.value) }
            future.whenComplete { _ in limit.cancel() }
            return future
        }
        return try await EventLoopFuture.whenAllSucceed(futures, on: groups[0].eventLoop).get().flatMap { $0 }
    }

    /// Saves and takes over main.lua again and again. Returns how often.
    private func reload(_ server: SyncServer, until isDone: borrowing Atomic<Bool>) async throws -> Int {
        var count = 0
        while !isDone.load(ordering: .relaxed) {
            let problem = try await server.reload(count)
            // A reload takes all sessions along: let there be more traffic than reloads.
            for _ in 0..<20 where !isDone.load(ordering: .relaxed) { _ = try await server.get("/version") }
            #expect(problem == nil)
            if problem != nil { break }
            count += 1
        }
        return count
    }

    /// Raises the number of open files, as far as the system lets this process. Returns what it is now.
    private func raiseDescriptorLimit(to count: Int) -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        if limit.rlim_cur < rlim_t(count) {
            var wanted = limit
            wanted.rlim_cur = rlim_t(count)
            wanted.rlim_max = max(limit.rlim_max, rlim_t(count))
            if setrlimit(resource, &wanted) == 0 { return count }
            limit.rlim_cur = limit.rlim_max
            guard setrlimit(resource, &limit) == 0 else { return 0 }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
