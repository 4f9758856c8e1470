import NIOCore
import NightjarTesting
import Testing
@testable import Host
import Reload
@testable import Transport

/// `nightjar.websocket.connect` over a live port.
@Suite(.timeLimit(.minutes(2))) struct ClientWireTests {
    @Test(arguments: ["one", "dedicated"])
    func aPackageTalksToAService(_ workers: String) async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, workers: workers))
        try await watch.say("status")
        #expect(try await watch.hear() == "v status closed 0 nil false true")
        try await watch.say("send too early")
        #expect(try await watch.hear() == "v sent nil not_open the connection is not open")
        try await watch.say("open")
        #expect(try await watch.hear() == "v open 127.0.0.1 integer")
        try await watch.say("status")
        #expect(try await watch.hear() == "v status open 0 nil false true")
        try await watch.say("send echo hello")
        #expect(try await watch.hear() == "v sent true")
        #expect(try await watch.hear() == "v message echo hello false 1")
        try await watch.say("binary 300000")
        #expect(try await watch.hear() == "v sent true")
        #expect(try await watch.hear() == "v message 300000 true 2")
        try await service.send(String(repeating: "y", count: 900_000))
        #expect(try await watch.hear() == "v message 900000 false 3")
        try await watch.say("close done")
        #expect(try await watch.hear() == "v close 4002 done closed 3")
        let end = try await service.nextClosed()
        #expect(end.code == 4_002 && end.reason == "done")
        #expect(watch.server.scriptErrors == [])
        await watch.stop()
        await service.stop()
    }

    @Test func whatAHandlerSendsBeforeItClosesGoesOutFirstAndItIsOpenedAgain() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url))
        try await watch.open()
        try await service.send("bye")
        try await service.next(.text("bye yourself"))
        let end = try await service.nextClosed()
        #expect(end.code == 4_001 && end.reason == "enough")
        #expect(try await watch.hear() == "v message bye false 1")
        #expect(try await watch.hear() == "v close 4001 enough waiting 1")
        #expect(try await watch.hear() == "v open 127.0.0.1 integer")
        await watch.stop()
        await service.stop()
    }

    @Test func aServiceThatClosesIsAnsweredAfterWhatCameBefore() async throws {
        let service = try await ClientService.start()
        let script = ClientWatch.script(
            service.url, handler: "nightjar.event.wait('go', 20) conn:send('answer to ' .. text)")
        let watch = try await ClientWatch.start(script)
        try await watch.open()
        try await service.send("one")
        try await service.send("two")
        try await service.each { $0.close(code: 4_010, reason: "later") }
        try await watch.say("go")
        #expect(try await watch.hear() == "v message one false 1")
        try await watch.say("go")
        #expect(try await watch.hear() == "v message two false 2")
        #expect(try await watch.hear().hasPrefix("v close 4010 later waiting"))
        try await service.next(.opened)
        try await service.next(.closed(4_010, "later"))
        #expect(try await watch.hear() == "v open 127.0.0.1 integer")
        await watch.stop()
        await service.stop()
    }

    @Test func aServiceThatGoesAndComesBackIsFoundAgain() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url))
        try await watch.open()
        await service.stop()
        #expect(try await watch.hear().hasPrefix("v close "))
        #expect(try await watch.hear() == "v failed connect_failed nil true")
        try await watch.server.log.wait(for: "nobody takes connections there")
        try await watch.say("status")
        var seen = ""
        repeat { seen = try await watch.hear() } while !seen.hasPrefix("v status")
        #expect(seen.hasPrefix("v status waiting ") || seen.hasPrefix("v status connecting "), "\(seen)")
        #expect(seen.contains(" connect_failed "))
        let back = try await ClientService.start(port: service.port)
        repeat { seen = try await watch.hear() } while seen.hasPrefix("v failed")
        #expect(seen == "v open 127.0.0.1 integer")
        try await watch.say("status")
        #expect(try await watch.hear() == "v status open 0 nil false true")
        await watch.stop()
        await back.stop()
    }

    @Test(arguments: ["404", "500"])
    func anAnswerThatIsNoHandshakeIsAFailedAttempt(_ status: String) async throws {
        let service = try await FixedAnswer("HTTP/1.1 \(status) Sorry\r\ncontent-length: 2\r\n\r\nno")
        let url = "ws://127.0.0.1:\(service.port)/feed?service-id=s:secret"
        let watch = try await ClientWatch.start(ClientWatch.script(url, options: "headers = { ['x-token'] = 'hidden' },"))
        try await watch.say("open")
        let told = try await watch.hear()
        #expect(told == "v failed refused \(status) true")
        try await watch.say("close")
        let lines = watch.server.log.all.map(\.description).joined(separator: "\n")
        #expect(lines.contains("client=c") && !lines.contains("secret") && !lines.contains("hidden"), "\(lines)")
        await watch.stop()
        await service.stop()
    }

    @Test func withoutReconnectOneFailureIsTheEndOfIt() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(
            ClientWatch.script(service.url, options: "").replacing("reconnect = { first = 0.01, initial = 0.01, max = 0.02 }", with: "reconnect = false"))
        try await watch.open()
        try await service.each { $0.close(code: 4_000) }
        #expect(try await watch.hear() == "v close 4000  closed 0")
        await service.stop()
        try await watch.say("open")
        #expect(try await watch.hear() == "v failed connect_failed nil nil")
        try await watch.say("status")
        #expect(try await watch.hear() == "v status closed 1 connect_failed false true")
        await watch.stop()
    }

    @Test func headersAndSubprotocolsAreOffered() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(
            ClientWatch.script(service.url, options: "headers = { ['x-token'] = 't1' }, protocols = { 'feed.v2', 'feed.v1' }, compression = false,"))
        try await watch.open()
        try await service.next(.text("token t1"))
        await watch.stop()
        await service.stop()
    }

    @Test func compressionIsAgreedOnAndKeepsItsContext() async throws {
        let service = try await ClientService.start {
            $0.compression = Compression()
            $0.compression?.contextTakeover = true
        }
        let watch = try await ClientWatch.start(ClientWatch.script(service.url))
        try await watch.open()
        try await service.next(.text("compressed"))
        let text = "echo " + String(repeating: "the same again ", count: 10)
        for round in 1...20 {
            try await watch.say("send \(text)\(round)")
            #expect(try await watch.hear() == "v sent true")
            #expect(try await watch.hear() == "v message \(text)\(round) false \(round)")
        }
        try await service.send(String(repeating: "z", count: 1_000_000))
        #expect(try await watch.hear() == "v message 1000000 false 21")
        // Compressed it is small; what counts is what comes out.
        try await service.send(String(repeating: "z", count: 1_100_000))
        #expect(try await watch.hear().hasPrefix("v close 1009"))
        await watch.stop()
        await service.stop()
    }

    @Test func wssTrustsWhoTheServerIsToldToTrust() async throws {
        let folder = TestFolder()
        let files = TestCertificate.first.write(to: folder)
        let service = try await ClientService.start(tls: files)
        let tls = try WebSocketClientTLS(trustingFile: files.certificatePath)
        let script = ClientWatch.script("wss://localhost:\(service.port)/feed")
        let watch = try await ClientWatch.start(script) { $0.configure = { $0.clientTLS = tls } }
        try await watch.open()
        try await watch.say("send echo safe")
        #expect(try await watch.hear() == "v sent true")
        #expect(try await watch.hear() == "v message echo safe false 1")
        await watch.stop()
        let distrustful = try await ClientWatch.start(script)
        try await distrustful.say("open")
        #expect(try await distrustful.hear() == "v failed tls_failed nil true")
        await distrustful.stop()
        await service.stop()
    }

    @Test func theStopOfTheServerClosesWhatPackagesHaveOpened() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(
            ClientWatch.script(service.url).replacing("close = function(conn, code, reason) tell(", with: "close = function(conn, code, reason) nightjar.log.info('heard of ' .. code) tell("))
        try await watch.open()
        await watch.stop()
        let end = try await service.nextClosed()
        #expect(end.code == 1_001)
        #expect(watch.server.log.first("heard of 1001") != nil)
        await service.stop()
    }

    @Test func aConnectionToAServiceIsInNoRoom() async throws {
        let service = try await ClientService.start()
        let watch = try await ClientWatch.start(ClientWatch.script(service.url, handler: "nightjar.room('r'):join(conn)"))
        try await watch.open()
        try await service.send("x")
        #expect(try await watch.hear() == "v error runtime")
        #expect(watch.server.scriptErrors.first?.contains("this one leads to another server") == true)
        await watch.stop()
        await service.stop()
    }
}
