import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite(.timeLimit(.minutes(1))) struct ControlWatchTests {
    @Test func savingByWriteOrRenameMakesTheChangeLive() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await ControlServer(folder, debug: true)
        _ = await server.events.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/main.lua", answering("p", "two"))
        _ = await server.events.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "two")
        folder.replace("Scripts/p/main.lua", answering("p", "three"))
        _ = await server.events.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "three")
        folder.replace("Scripts/p/main.lua", "return {\n\n")
        let text = await server.events.wait { $0 != "package p: loaded" }
        #expect(text.hasPrefix("package p: Scripts/p/main.lua:"))
        #expect(try await server.get("/p") == "three")
        folder.write("Scripts/q/main.lua", answering("q", "new"))
        _ = await server.events.wait { $0 == "package q: loaded" }
        #expect(try await server.get("/q") == "new")
        folder.remove("Scripts/q")
        _ = await server.events.wait { $0 == "package q: unloaded" }
        #expect(try await server.get("/q").hasPrefix("404"))
        await server.stop()
    }

    @Test func aHundredFilesAreOneSwap() async throws {
        let folder = TestFolder()
        let requires = (0..<100).map { "local m\($0) = require \"m\($0)\"" }.joined(separator: "\n")
        // 100 locals and more in one function are fine; Lua's limit is 200.
        for file in 0..<100 { folder.write("Scripts/p/m\(file).lua", "return 'old'") }
        folder.write("Scripts/p/main.lua", """
            local n = require "nightjar"
            \(requires)
            n.http.get("/p", function() return m0 .. m99 end)
            return {}
            """)
        folder.write("Scripts/z/main.lua", answering("z", "one"))
        let server = try await ControlServer(folder, debug: true)
        #expect(try await server.get("/p") == "oldold")
        for file in 0..<100 { folder.replace("Scripts/p/m\(file).lua", "return 'new'") }
        _ = await server.events.wait { $0 == "package p: loaded" }
        _ = await server.events.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "newnew")
        // What the poll or late events still tell changes nothing: the contents are known.
        folder.write("Scripts/z/main.lua", answering("z", "two"))
        _ = await server.events.wait { $0 == "package z: loaded" }
        #expect(server.events.texts.filter { $0 == "package p: loaded" }.count == 2)
        await server.stop()
    }

    @Test func thePollAloneIsEnough() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await ControlServer(folder, debug: true) { $0.pollMilliseconds = 10 }
        _ = await server.events.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/main.lua", answering("p", "longer"))
        _ = await server.events.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "longer")
        await server.stop()
    }
}
