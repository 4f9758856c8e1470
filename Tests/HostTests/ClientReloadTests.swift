import LuaRuntime
import NIOCore
import NightjarTesting
import Reload
import Testing
@testable import Host
@testable import Transport

/// Outgoing connections through reloads.
@Suite(.timeLimit(.minutes(2))) struct ClientReloadTests {
    @Test(arguments: ["one", "dedicated"])
    func theSocketStaysOpenAndTheNewVersionHearsOfIt(_ workers: String) async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, version: "a", workers: workers))
        try await watch.open()
        try await service.send("first")
        #expect(try await watch.hear() == "a message first false 1")
        let options = "ping_interval = 5, pong_timeout = 3, max_message = 100, connect_timeout = 1,"
        #expect(try await watch.replace(ClientWatch.script(service.url, version: "b", workers: workers, options: options)) == nil)
        try await service.send("second")
        #expect(try await watch.hear() == "b message second false 2")
        try await watch.say("send echo still")
        #expect(try await watch.hear() == "b sent true")
        #expect(try await watch.hear() == "b message echo still false 3")
        let seen = service.events.takeAll()
        #expect(seen.filter { $0 == .opened }.count == 1 && !seen.contains { if case .closed = $0 { true } else { false } })
        await watch.stop()
        await service.stop()
    }

    /// Messages keep coming while versions change, some of them broken.
    @Test(arguments: ["one", "dedicated"])
    func noMessageIsLostOrDoubled(_ workers: String) async throws {
        let service = try await ClientService.start { $0.maxUnsent = 8 << 20 }
        func script(_ version: Int) -> String { ClientWatch.script(service.url, version: "\(version)", workers: workers) }
        let watch = try await ClientWatch.start(script(0)) {
            $0.luaLimits.sliceDeadline = .seconds(1)
            $0.configure = { $0.voteMilliseconds = 20_000 }
        }
        try await watch.open()
        let messages = 3_000
        let sending = Task {
            for number in 1...messages {
                try await service.send("\(number)")
                if number % 20 == 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
        }
        let reloading = Task { () async throws -> Int in
            var last = 0
            for round in 1...40 {
                if round % 5 == 0 {
                    #expect(try await watch.replace("error('broken on purpose')") != nil)
                } else {
                    last = round
                    #expect(try await watch.replace(script(round)) == nil)
                }
            }
            return last
        }
        var version = 0
        for number in 1...messages {
            let parts = try await watch.hear().split(separator: " ")
            guard parts.count == 5, parts[1] == "message", parts[2] == "\(number)", parts[4] == "\(number)", let seen = Int(parts[0]),
                seen >= version
            else {
                Issue.record("message \(number) was told as \(parts)")
                break
            }
            version = seen
        }
        try await sending.value
        let last = try await reloading.value
        try await service.send("end")
        #expect(try await watch.hear() == "\(last) message end false \(messages + 1)")
        #expect(watch.server.scriptErrors == [])
        await watch.stop()
        await service.stop()
    }

    @Test func anotherURLIsAnotherConnection() async throws {
        let first = try await ClientService.start(), second = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(first.url, version: "a").replacing("on_demand = true,", with: ""))
        try await first.next(.opened)
        #expect(try await watch.replace(ClientWatch.script(second.url, version: "b").replacing("on_demand = true,", with: "")) == nil)
        let end = try await first.nextClosed()
        #expect(end.code == 1_001)
        try await second.next(.opened)
        // The version that runs hears of both; which comes first is between two sockets.
        var wanted: Set<String> = ["b open", "b close"]
        while !wanted.isEmpty {
            let told = try await watch.hear()
            if told.hasPrefix("b close") { #expect(told.hasPrefix("b close 1001")) }
            wanted = wanted.filter { !told.hasPrefix($0) }
        }
        await watch.stop()
        await first.stop()
        await second.stop()
    }

    @Test(arguments: [
        ("headers = { ['x-token'] = 'new' },", true), ("protocols = { 'feed.v2' },", true), ("compression = false,", false),
        ("headers = {},", false), ("protocols = {},", false),
    ] as [(String, Bool)])
    func whatTheHandshakeSaysDecides(_ options: String, _ isAnother: Bool) async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, version: "a"))
        try await watch.open()
        #expect(try await watch.replace(ClientWatch.script(service.url, version: "b", options: options)) == nil)
        if isAnother {
            #expect(try await service.nextClosed().code == 1_001)
        } else {
            try await service.send("same")
            #expect(try await watch.hear() == "b message same false 1")
        }
        await watch.stop()
        await service.stop()
    }

    @Test func whatIsNotDeclaredAnyMoreIsClosed() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url))
        try await watch.open()
        #expect(try await watch.replace(ClientWatch.script("")) == nil)
        #expect(try await service.nextClosed().code == 1_001)
        #expect(watch.server.host.clientCounts.allSatisfy { $0.count == 0 })
        // And comes back as a new one.
        #expect(try await watch.replace(ClientWatch.script(service.url)) == nil)
        try await watch.open()
        await watch.stop()
        await service.stop()
    }

    @Test func aPackageThatIsRemovedLeavesNothing() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url))
        try await watch.open()
        watch.server.folder.remove("Scripts/p")
        #expect(try await watch.server.reload() == ["package p: unloaded"])
        #expect(try await service.nextClosed().code == 1_001)
        #expect(watch.server.host.clientCounts.allSatisfy { $0.count == 0 })
        await watch.stop()
        await service.stop()
    }

    @Test func aRefusedVersionChangesNothing() async throws {
        let service = try await ClientService.start(), other = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, version: "a"))
        try await watch.open()
        let refused = ClientWatch.script(other.url, version: "b", more: "function M.on_reload() stream:open() error('no') end")
        #expect(try await watch.replace(refused)?.contains("no") == true)
        try await watch.say("send echo here")
        #expect(try await watch.hear() == "a sent true")
        #expect(try await watch.hear() == "a message echo here false 1")
        #expect(other.events.isEmpty)
        await watch.stop()
        await service.stop()
        await other.stop()
    }

    @Test func whetherItIsWantedSurvives() async throws {
        let service = try await ClientService.start()
        func script(_ version: String, _ more: String = "") -> String {
            ClientWatch.script(service.url, version: version, more: more).replacing("on_demand = true,", with: "on_demand = false,")
        }
        let watch = try await ClientWatch.start(script("a").replacing("on_demand = false,", with: "on_demand = true,"))
        try await watch.say("status")
        #expect(try await watch.hear().hasPrefix("a status closed"))
        // Whoever takes the option away wants it to be open.
        #expect(try await watch.replace(script("b")) == nil)
        #expect(try await watch.hear() == "b open 127.0.0.1 integer")
        try await watch.say("close")
        #expect(try await watch.hear().hasPrefix("b close 4002"))
        #expect(try await watch.replace(script("c")) == nil)
        try await watch.say("status")
        #expect(try await watch.hear().hasPrefix("c status closed"))
        #expect(try await watch.replace(script("d", "function M.on_reload() if stream:status().state == 'closed' then stream:open() end end")) == nil)
        #expect(try await watch.hear() == "d open 127.0.0.1 integer")
        #expect(try await watch.replace(script("e", "function M.on_reload() stream:send('echo from on_reload') end")) == nil)
        #expect(try await watch.hear() == "e message echo from on_reload false 1")
        await watch.stop()
        await service.stop()
    }

    @Test func pausesAndPingsApplyAnew() async throws {
        let service = try await ClientService.start()
        let port = service.port
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, version: "a"))
        try await watch.open()
        let slow = ClientWatch.script(service.url, version: "b", options: "ping_interval = false,")
            .replacing("reconnect = { first = 0.01, initial = 0.01, max = 0.02 }", with: "reconnect = { first = 3600, initial = 3600, max = 3600 }")
        #expect(try await watch.replace(slow) == nil)
        await service.stop()
        #expect(try await watch.hear().hasPrefix("b close"))
        try await watch.say("status")
        #expect(try await watch.hear().hasPrefix("b status waiting 0"))
        let back = try await ClientService.start(port: port)
        // It would wait for up to an hour; the new pauses are shorter.
        #expect(try await watch.replace(ClientWatch.script(service.url, version: "c")) == nil)
        #expect(try await watch.hear() == "c open 127.0.0.1 integer")
        await watch.stop()
        await back.stop()
    }
}
