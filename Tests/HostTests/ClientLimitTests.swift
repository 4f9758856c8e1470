import LuaRuntime
import NIOCore
import NightjarTesting
import Reload
import Testing
@testable import Host
@testable import Transport

/// What bounds an outgoing connection.
@Suite(.timeLimit(.minutes(2))) struct ClientLimitTests {
    @Test(arguments: ["one", "dedicated"])
    func aHandlerThatWaitsLetsMessagesQueueAndThenStopsReading(_ workers: String) async throws {
        let service = try await ClientService.start { $0.maxUnsent = 64 << 20 }
        let handler = "if #text < 100 then nightjar.event.wait('go', 25) end"
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, workers: workers, options: "compression = false,", handler: handler)) {
            $0.luaLimits.sliceDeadline = .seconds(1)
        }
        try await watch.open()
        try await service.send("wait")
        // Far more than the buffers of both sockets take.
        let count = 300
        let bytes = [UInt8](repeating: 7, count: 64 << 10)
        try await service.each { connection in
            for _ in 0..<count { bytes.withUnsafeBytes { connection.send($0, .binary) } }
        }
        let home = watch.server.host.workerOfClients(workers)
        // The system takes what its buffers hold; then the service sits on the rest, because nobody reads.
        var last = -1
        try await eventually("the reading to stop") {
            let held = try await service.each { $0.heldBytes }.first ?? 0
            defer { last = held }
            let waiting = try await home.queuedBytes
            return held > 0 && held == last && waiting >= RuntimeLimits().queuedBytes
        }
        let waiting = try await home.queuedBytes
        #expect(waiting < RuntimeLimits().queuedBytes + (1 << 20), "what waits is bounded")
        try await watch.say("go")
        #expect(try await watch.hear() == "v message wait false 1")
        for number in 2...(count + 1) { #expect(try await watch.hear() == "v message 65536 true \(number)") }
        await watch.stop()
        await service.stop()
    }

    @Test func aServiceThatDoesNotReadMakesSendSayBusy() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, options: "compression = false,")) {
            $0.luaLimits.sliceDeadline = .seconds(1)
        }
        try await watch.open()
        try await service.each { $0.pauseReading() }
        try await watch.say("fill")
        let filled = try await watch.hear().split(separator: " ")
        #expect(filled.first == "v" && filled.last == "busy", "\(filled)")
        let count = try #require(Int(filled[2]))
        #expect(count >= 4 && count < 1_000)
        try await service.each { $0.resumeReading() }
        for _ in 0..<count { try await service.next(.text("65536 bytes")) }
        // There is room again.
        try await watch.say("send echo on")
        #expect(try await watch.hear() == "v sent true")
        #expect(try await watch.hear() == "v message echo on false 1")
        await watch.stop()
        await service.stop()
    }

    @Test func aHandlerThatSendsOnClosesTheConnection() async throws {
        let service = try await ClientService.start()
        let handler = "for _ = 1, 300 do conn:send(('x'):rep(65536)) end"
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, options: "compression = false,", handler: handler)) {
            $0.luaLimits.sliceDeadline = .seconds(1)
        }
        try await watch.open()
        try await service.each {
            $0.send("now")
            $0.pauseReading()
        }
        #expect(try await watch.hear() == "v message now false 1")
        try await service.each { $0.resumeReading() }
        #expect(try await watch.hear().hasPrefix("v close 1013 too slow"))
        await watch.stop()
        await service.stop()
    }

    @Test func aMessageThatIsTooLongClosesTheConnection() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, options: "max_message = 100,"))
        try await watch.open()
        try await service.send(String(repeating: "x", count: 101))
        #expect(try await watch.hear().hasPrefix("v close 1009"))
        #expect(try await service.nextClosed().code == 1_009)
        await watch.stop()
        await service.stop()
    }

    @Test func aServiceThatDoesNotAnswerIsATimeout() async throws {
        let service = try await FixedAnswer("")
        let watch = try await ClientWatch.start(ClientWatch.script("ws://127.0.0.1:\(service.port)/", options: "connect_timeout = 0.1,"))
        try await watch.say("open")
        #expect(try await watch.hear() == "v failed timeout nil true")
        await watch.stop()
        await service.stop()
    }
}

extension ScriptHost {
    /// Where the records of outgoing connections lie.
    fileprivate func workerOfClients(_ workers: String) -> Home { Home(host: self, index: workers == "one" ? 0 : self.workers) }

    fileprivate struct Home: Sendable {
        let host: ScriptHost
        let index: Int

        /// Bytes of messages that wait for their handler.
        var queuedBytes: Int {
            get async throws {
                try await answer("the worker") { done in
                    host.withWorker(index) { worker in done(worker.records.values.filter { $0.id.isOutgoing }.reduce(0) { $0 + $1.queue.bytes }) }
                }
            }
        }
    }
}
