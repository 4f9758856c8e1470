import Bytes
import Foundation
import NightjarTesting
import Synchronization

/// Reloads a package with state, a room and timers under many clients: no message may be lost, doubled or out of order, what is
/// told to the room reaches every member once, no timer's tick is lost or doubled, and memory must stay where it is.
struct ReloadRun: Sendable {
    let count: Int
    let clients: Int
    /// It has failed when this is over before all reloads are done.
    let seconds: Double

    /// Interval of the timers, seconds. Longer than a swap may hold a unit (0.25), so that no swap alone explains a lost tick.
    private static let tick = 0.3
    private static let threads = 4
    private static let patience = Duration.seconds(20)
    /// How much memory may lie above what it was after a tenth of the reloads, MiB: the heap breathes.
    private static let growthMiB = 24
    /// Ticks by which the package that is reloaded may lie behind one that is not: two, since they are asked at other moments, and one
    /// in 500 reloads. A swap may hold the unit for 0.25 s, and what 1,000 clients sent meanwhile comes before the timer's input.
    private var ticksBehind: Double { 2 + Double(count) / 500 }

    private struct Finding: Error, CustomStringConvertible { let description: String }

    private static func script(_ version: Int) -> String {
        """
        local nightjar = require "nightjar"
        local M = { version = \(version / 10) }
        local state = nightjar.state
        nightjar.websocket.endpoint("/walk", {
          open = function(conn)
            conn.data = { count = 0 }
            nightjar.room("all"):join(conn)
          end,
          message = function(conn, text)
            conn.data.count = conn.data.count + 1
            state.set("total", state.get("total", 0) + 1)
            if \(version) % 3 == 0 and conn.data.count % 5 == 0 then nightjar.sleep(0.001) end
            conn:send(text .. " " .. conn.data.count .. " \(version)")
          end,
        })
        nightjar.timer.every("tick", \(tick), function() state.set("ticks", state.get("ticks", 0) + 1) end)
        nightjar.timer.every("tell", \(tick), function()
          if state.get("is_quiet") then return end
          state.set("told", state.get("told", 0) + 1)
          nightjar.room("all"):send("room " .. state.get("told"))
        end)
        nightjar.http.get("/walk/total", function() return tostring(state.get("total", 0)) end)
        nightjar.http.get("/walk/ticks", function() return tostring(state.get("ticks", 0)) end)
        nightjar.http.get("/walk/members", function() return tostring(nightjar.room("all"):count()) end)
        nightjar.http.get("/walk/quiet", function()
          state.set("is_quiet", true)
          return tostring(state.get("told", 0))
        end)
        function M.migrate(_, old) old.migrations = (old.migrations or 0) + 1 return old end
        return M
        """
    }

    /// The same timer in a package that is never reloaded: what a busy machine costs, both lose.
    private static let still = """
        local nightjar = require "nightjar"
        local ticks = 0
        nightjar.timer.every("tick", \(tick), function() ticks = ticks + 1 end)
        nightjar.http.get("/still/ticks", function() return tostring(ticks) end)
        return {}
        """

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
        /// Messages to the room, once they have ended.
        let told = Atomic(0)
        let heard = Atomic(0)
        private let failures = Lock<[any Error]>([])

        func fail(_ error: any Error) { failures.withLock { $0.append(error) } }
        func check() throws {
            if let error = failures.withLock({ $0.first }) { throw error }
        }
    }

    private func reload() async throws -> String {
        allowManyFiles()
        let server = try await TestServer(packages: ["walk": Self.script(0), "still": Self.still], workers: 2)
        let port = server.port
        let traffic = Traffic()
        let perThread = clients / Self.threads
        let members = perThread * Self.threads
        let tasks = (0..<Self.threads).map { _ in
            Task {
                try await blocking {
                    do { try Self.talk(port, perThread, traffic) } catch { traffic.fail(error) }
                }
            }
        }
        // All clients must have been there before the first reload counts.
        try await eventually("the clients", within: .seconds(60)) {
            try traffic.check()
            return try await server.get("/walk/members") == String(members)
        }
        // Nor do the ticks that their coming has cost.
        let began = ContinuousClock.now
        let ticksBefore = try await Self.ticks(server)
        var base = 0
        var slowest = Duration.zero
        for number in 1...count {
            guard ContinuousClock.now - began < .seconds(seconds) else {
                throw Finding(description: "only \(number - 1) of \(count) reloads in \(seconds) s")
            }
            let start = ContinuousClock.now
            let outcome = try await finishes("reload \(number)", within: Self.patience) {
                try await server.save("Scripts/walk/main.lua", Self.script(number), andWaitFor: "package walk")
            }
            try traffic.check()
            slowest = max(slowest, ContinuousClock.now - start)
            guard outcome == "package walk: loaded" else { throw Finding(description: "reload \(number): \(outcome)") }
            if number == max(1, count / 10) { base = ResidentMemory.now }
        }
        let took = (ContinuousClock.now - began) / .seconds(1)
        let left = try await server.get("/walk/members")
        guard left == String(members) else { throw Finding(description: "\(left) of \(members) members are left") }
        let ticks = try await judgeTicks(server, since: ticksBefore, began)
        guard let told = Int(try await server.get("/walk/quiet")), told > 0 else { throw Finding(description: "nothing was told to the room") }
        traffic.told.store(told, ordering: .relaxed)
        traffic.isOver.store(true, ordering: .relaxed)
        for task in tasks { try await finishes("a client's last messages", within: Self.patience) { try await task.value } }
        try traffic.check()
        let sent = traffic.sent.load(ordering: .relaxed)
        let total = try await server.get("/walk/total")
        guard total == String(sent) else { throw Finding(description: "\(sent) messages were sent, \(total) counted") }
        let grown = ResidentMemory.now - base
        guard grown <= Self.growthMiB else { throw Finding(description: "memory grew by \(grown) MiB from \(base) MiB") }
        guard server.scriptErrors.isEmpty else { throw Finding(description: server.scriptErrors[0]) }
        try await finishes("the end of the server", within: Self.patience) { await server.stop() }
        return "\(count) reloads in \(Int(took)) s, slowest \(slowest.milliseconds) ms; \(sent) messages; \(told) to the room, heard "
            + "\(traffic.heard.load(ordering: .relaxed)) times; \(ticks); +\(grown) MiB over \(base) MiB"
    }

    /// Of the package that is reloaded, and of the one that is not.
    private static func ticks(_ server: TestServer) async throws -> (walk: Double, still: Double) {
        let walk = try await server.get("/walk/ticks"), still = try await server.get("/still/ticks")
        return (Double(walk) ?? .nan, Double(still) ?? .nan)
    }

    private func judgeTicks(
        _ server: TestServer, since before: (walk: Double, still: Double), _ began: ContinuousClock.Instant
    ) async throws -> String {
        let now = try await Self.ticks(server)
        let ticks = now.walk - before.walk, still = now.still - before.still
        let most = (ContinuousClock.now - began) / .seconds(Self.tick) + 2
        guard ticks <= most else { throw Finding(description: "\(ticks) ticks where at most \(most) are due") }
        guard ticks >= still - ticksBehind else { throw Finding(description: "\(ticks) ticks, \(still) without reloads") }
        return "\(Int(ticks)) ticks (without reloads \(Int(still)))"
    }

    /// One client, and what it has heard of the room.
    private struct Client {
        let socket: BlockingWebSocket
        var heard: Int?

        /// The next answer; what the room is told comes in between, once each.
        mutating func answer(_ traffic: Traffic) throws -> [Substring] {
            while true {
                let parts = try socket.receive().split(separator: " ")
                guard parts.first == "room" else { return parts }
                try hear(parts, traffic)
            }
        }

        mutating func hearToTheEnd(_ traffic: Traffic) throws {
            let last = traffic.told.load(ordering: .relaxed)
            while heard.map({ $0 < last }) ?? true {
                let parts = try socket.receive().split(separator: " ")
                guard parts.first == "room" else { throw Finding(description: "an answer too many: \(parts)") }
                try hear(parts, traffic)
            }
        }

        private mutating func hear(_ parts: [Substring], _ traffic: Traffic) throws {
            guard parts.count == 2, let number = Int(parts[1]), heard.map({ number == $0 + 1 }) ?? true else {
                throw Finding(description: "a member heard \(parts) after \(heard ?? 0)")
            }
            heard = number
            traffic.heard.add(1, ordering: .relaxed)
        }
    }

    /// Keeps two messages of each client under way.
    private static func talk(_ port: Int, _ clients: Int, _ traffic: Traffic) throws {
        var clients = try (0..<clients).map { _ in Client(socket: try BlockingWebSocket(port: port, path: "/walk")) }
        var next = 0
        while !traffic.isOver.load(ordering: .relaxed) {
            for client in clients { try client.socket.send(["m\(next)", "m\(next + 1)"]) }
            traffic.sent.add(2 * clients.count, ordering: .relaxed)
            for index in clients.indices {
                for number in next..<next + 2 {
                    let parts = try clients[index].answer(traffic)
                    guard parts.count == 3, parts[0] == "m\(number)", parts[1] == "\(number + 1)" else {
                        throw Finding(description: "message \(number) was answered with \(parts)")
                    }
                }
            }
            next += 2
        }
        for index in clients.indices { try clients[index].hearToTheEnd(traffic) }
    }

    /// Both ends of every connection are in this process.
    private func allowManyFiles() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
