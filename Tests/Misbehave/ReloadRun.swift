import Foundation
import NightjarTesting
import Synchronization

/// Reloads a package with state, a room and a timer under many clients: no message may be lost, doubled or out of order, no
/// timer doubled, no member missing, and memory must stay where it is.
struct ReloadRun: Sendable {
    let count: Int
    let clients: Int
    /// Ends earlier when this is over.
    let seconds: Double

    /// Interval of the package's timer, seconds.
    private static let tick = 0.05
    private static let threads = 4
    private static let patience = Duration.seconds(20)
    /// How much memory may lie above what it was after a tenth of the reloads, MiB: the heap breathes.
    private static let growthMiB = 24

    private struct Finding: Error, CustomStringConvertible { let description: String }

    private static func script(_ version: Int) -> String {
        """
        local nightjar = require "nightjar"
        local M = { version = \(version / 10) }
        nightjar.websocket.endpoint("/walk", {
          open = function(conn)
            conn.data = { count = 0 }
            nightjar.room("all"):join(conn)
          end,
          message = function(conn, text)
            conn.data.count = conn.data.count + 1
            nightjar.state.set("total", nightjar.state.get("total", 0) + 1)
            if \(version) % 3 == 0 and conn.data.count % 5 == 0 then nightjar.sleep(0.001) end
            conn:send(text .. " " .. conn.data.count .. " \(version)")
          end,
        })
        nightjar.timer.every("tick", \(tick), function() nightjar.state.set("ticks", nightjar.state.get("ticks", 0) + 1) end)
        nightjar.http.get("/walk/total", function() return tostring(nightjar.state.get("total", 0)) end)
        nightjar.http.get("/walk/ticks", function() return tostring(nightjar.state.get("ticks", 0)) end)
        nightjar.http.get("/walk/members", function() return tostring(nightjar.room("all"):count()) end)
        function M.migrate(_, state) state.migrations = (state.migrations or 0) + 1 return state end
        return M
        """
    }

    func run() async -> Bool {
        do {
            say("reloads: ok: \(try await reload())")
            return true
        } catch {
            say("reloads: FAILED: \(error)")
            return false
        }
    }

    private final class Traffic: Sendable {
        let isOver = Atomic(false)
        let sent = Atomic(0)
    }

    private func reload() async throws -> String {
        allowManyFiles()
        let server = try await TestServer(packages: ["walk": Self.script(0)], workers: 2)
        let port = server.port
        let traffic = Traffic()
        let began = ContinuousClock.now
        let perThread = clients / Self.threads
        let tasks = (0..<Self.threads).map { _ in Task { try await blocking { try Self.talk(port, perThread, traffic) } } }
        // All clients must have been there before the first reload counts.
        try await eventually("the clients", within: .seconds(30)) { try await server.get("/walk/members") == String(perThread * Self.threads) }
        var reloads = 0
        var base = 0
        var slowest = Duration.zero
        let end = ContinuousClock.now + .seconds(seconds)
        while reloads < count, ContinuousClock.now < end {
            reloads += 1
            let text = Self.script(reloads)
            let start = ContinuousClock.now
            let outcome = try await finishes("reload \(reloads)", within: Self.patience) {
                try await server.save("Scripts/walk/main.lua", text, andWaitFor: "package walk")
            }
            slowest = max(slowest, ContinuousClock.now - start)
            guard outcome == "package walk: loaded" else { throw Finding(description: "reload \(reloads): \(outcome)") }
            let share = ContinuousClock.now > end - .seconds(seconds * 0.9) || reloads > count / 10
            if base == 0, share { base = ResidentMemory.now }
        }
        let members = try await server.get("/walk/members")
        guard members == String(perThread * Self.threads) else { throw Finding(description: "\(members) members are left") }
        traffic.isOver.store(true, ordering: .relaxed)
        for task in tasks { try await task.value }
        let sent = traffic.sent.load(ordering: .relaxed)
        let total = try await server.get("/walk/total")
        guard total == String(sent) else { throw Finding(description: "\(sent) messages were sent, \(total) counted") }
        let most = (ContinuousClock.now - began) / .seconds(Self.tick) + 1
        let ticks = Double(try await server.get("/walk/ticks")) ?? -1
        guard ticks <= most, ticks >= most / 4 else { throw Finding(description: "\(ticks) ticks where at most \(most) are due") }
        let grown = ResidentMemory.now - base
        guard grown <= Self.growthMiB else { throw Finding(description: "memory grew by \(grown) MiB from \(base) MiB") }
        guard server.scriptErrors.isEmpty else { throw Finding(description: server.scriptErrors[0]) }
        try await finishes("the end of the server", within: Self.patience) { await server.stop() }
        return "\(reloads) reloads, \(sent) messages, slowest reload \(slowest.milliseconds) ms, \(ticks) of \(most) ticks, +\(grown) MiB over \(base) MiB"
    }

    /// Keeps two messages of each client under way.
    private static func talk(_ port: Int, _ clients: Int, _ traffic: Traffic) throws {
        let sockets = try (0..<clients).map { _ in try BlockingWebSocket(port: port, path: "/walk") }
        var next = 0
        while !traffic.isOver.load(ordering: .relaxed) {
            for socket in sockets { try socket.send(["m\(next)", "m\(next + 1)"]) }
            traffic.sent.add(2 * clients, ordering: .relaxed)
            for socket in sockets {
                for number in next..<next + 2 {
                    let parts = try socket.receive().split(separator: " ")
                    guard parts.count == 3, parts[0] == "m\(number)", parts[1] == "\(number + 1)" else {
                        throw Finding(description: "message \(number) was answered with \(parts)")
                    }
                }
            }
            next += 2
        }
    }

    /// Both ends of every connection are in this process.
    private func allowManyFiles() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
