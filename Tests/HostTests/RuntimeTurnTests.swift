import NIOCore
import NightjarTesting
import Synchronization
import Testing

@testable import Host
@testable import Reload

/// How units share the ticks of a loop with each other, with its sockets and with the host.
@Suite("Turns of the loop", .timeLimit(.minutes(2)))
struct RuntimeTurnTests {
    /// Counts the ticks of a worker's loop: a chore of the host takes one.
    private final class Ticks: Sendable {
        private let count = Atomic(0)
        private let isOver = Atomic(false)

        var soFar: Int { count.load(ordering: .relaxed) }
        func end() { isOver.store(true, ordering: .relaxed) }

        func begin(_ worker: Worker) {
            worker.later { [self, unowned worker] in
                count.add(1, ordering: .relaxed)
                if !isOver.load(ordering: .relaxed) { begin(worker) }
            }
        }
    }

    @Test("a unit that feeds itself gets its share of a tick, however fast it is: the loop's ticks go on")
    func ticks() async throws {
        var options = ServerOptions()
        options.limits.scheduler.inputsPerTick = 4
        options.packages = ["test": """
            local nightjar = require "nightjar"
            local left, waiter = 0, nil
            local function again()
              left = left - 1
              if left > 0 then nightjar.spawn(again) else nightjar.event.notify("over") end
            end
            nightjar.http.get("/run", function()
              left = 400
              nightjar.spawn(again)
              nightjar.event.wait("over")
              return "over"
            end)
            return {}
            """]
        try await withTestServer(options) { server in
            let ticks = Ticks()
            server.host.withWorker(0) { ticks.begin($0) }
            let before = ticks.soFar
            let answer = try await server.get("/run")
            #expect(answer == "over")
            #expect(ticks.soFar - before >= 400 / 4 - 1)
            ticks.end()
        }
    }

    @Test("chores of the host come one a tick, with the sockets served in between")
    func chores() async throws {
        try await withTestServer(packages: ["test": "return {}"]) { server in
            let order = Letterbox<Int>("a chore")
            server.host.withWorker(0) { worker in
                for number in 0..<3 {
                    worker.later {
                        order.put(number)
                        // A task of the loop comes after this tick's chore and before the next one.
                        worker.eventLoop.execute { order.put(number + 100) }
                    }
                }
            }
            var seen: [Int] = []
            for _ in 0..<6 { seen.append(try await order.next()) }
            #expect(seen == [0, 100, 1, 101, 2, 102])
        }
    }

    @Test("what runs out of line has a share too: then it waits in line, and is answered all the same")
    func direct() async throws {
        var options = ServerOptions()
        options.limits.scheduler.nanosecondsDirect = 0
        options.packages = ["test": """
            local nightjar = require "nightjar"
            nightjar.websocket.endpoint("/work", { message = function(conn, text)
              local started = os.clock()
              while os.clock() - started < 0.005 do end
              conn:send(text)
            end })
            return {}
            """]
        try await withTestServer(options) { server in
            let ticks = Ticks()
            server.host.withWorker(0) { ticks.begin($0) }
            let port = server.port
            let before = ticks.soFar
            try await blocking {
                let socket = try BlockingWebSocket(port: port, path: "/work")
                try socket.send((0..<20).map { "\($0)" })
                for number in 0..<20 { #expect(try socket.receive() == "\(number)") }
            }
            // They came with one read: out of line, all of them would have been one tick.
            #expect(ticks.soFar - before >= 15)
            ticks.end()
        }
    }

    @Test("a timer that is faster than its handler has one input at most, and slows itself down")
    func timer() async throws {
        try await withTestServer(packages: ["test": """
            local nightjar = require "nightjar"
            local runs = 0
            nightjar.timer.every("fast", 0.001, function()
              runs = runs + 1
              local started = os.clock()
              while os.clock() - started < 0.01 do end
            end)
            nightjar.http.get("/runs", function() return tostring(runs) end)
            return {}
            """]) { server in
            let most = Letterbox<Int>("a chore")
            try await eventually("a hundred runs", within: .seconds(30)) {
                server.host.withWorker(0) { worker in most.put(worker.units.values.map(\.mailbox.count).max() ?? 0) }
                return Int(try await server.get("/runs")) ?? 0 >= 100
            }
            let looks = most.takeAll()
            #expect(looks.count > 5 && looks.allSatisfy { $0 <= 2 }, "the timer's and a request: \(looks.max() ?? 0)")
        }
    }
}
