import Bytes
import Foundation
import NightjarTesting
import Synchronization

/// A healthy client of a healthy package: sends a message about every 5 ms and notes how long the answer took. It has a thread
/// of its own.
final class Neighbour: Sendable {
    /// The package it talks to. `NAME` is replaced.
    static let package = """
        local nightjar = require "nightjar"
        nightjar.websocket.endpoint("/NAME", {
          message = function(conn, text) conn:send(text == "id" and tostring(conn.id) or text) end,
        })
        nightjar.http.get("/NAME", function() return "well" end)
        nightjar.provide("NAME.echo", function(value) return value end)
        return { workers = "PLACEMENT" }
        """

    /// - Parameter placement: `all` answers on every worker what came in there.
    static func package(_ name: String, placement: String = "one") -> String {
        package.replacing("NAME", with: name).replacing("PLACEMENT", with: placement)
    }

    private struct State {
        var latencies: [Duration] = []
        var asked: ContinuousClock.Instant?
        var failure: String?
        var hasEnded = false
    }

    private let state = Lock(State())
    private let mustEnd = Atomic(false)
    /// The loop its connection lives on.
    let loop: Int

    /// Opens its connection and begins.
    init(port: Int, path: String) throws {
        let socket = try BlockingWebSocket(port: port, path: path, timeoutSeconds: 20)
        try socket.send("id")
        loop = Int(UInt64(try socket.receive()) ?? 0) >> 56
        let given = Given(socket: socket)
        Thread.detachNewThread { [self] in run(given.socket) }
    }

    // @unchecked: handed over to the thread, nobody else keeps it.
    private struct Given: @unchecked Sendable { let socket: BlockingWebSocket }

    private func run(_ socket: BlockingWebSocket) {
        var number = 0
        do {
            while !mustEnd.load(ordering: .relaxed) {
                number += 1
                let began = ContinuousClock.now
                state.withLock { $0.asked = began }
                try socket.send("m\(number)")
                let answer = try socket.receive()
                let took = ContinuousClock.now - began
                guard answer == "m\(number)" else { throw Wrong(description: "m\(number) was answered with \(answer)") }
                state.withLock {
                    $0.latencies.append(took)
                    $0.asked = nil
                }
                usleep(5_000)
            }
        } catch {
            state.withLock { $0.failure = "\(error)" }
        }
        state.withLock { $0.hasEnded = true }
    }

    private struct Wrong: Error, CustomStringConvertible { let description: String }

    func end() { mustEnd.store(true, ordering: .relaxed) }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }
    var failure: String? { state.withLock { $0.failure } }
    var count: Int { state.withLock { $0.latencies.count } }

    /// Latencies since the `first`-th, with the one of an answer that is due.
    func latencies(from first: Int) -> [Duration] {
        state.withLock { state in
            Array(state.latencies.dropFirst(first)) + (state.asked.map { [ContinuousClock.now - $0] } ?? [])
        }
    }
}

extension [Duration] {
    /// The value below which this share lies.
    func quantile(_ share: Double) -> Duration {
        guard !isEmpty else { return .zero }
        let sorted = sorted()
        return sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

extension Duration {
    var milliseconds: Double { self / .milliseconds(1) }
}
