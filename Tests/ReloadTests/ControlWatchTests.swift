import Foundation
import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite(.timeLimit(.minutes(1))) struct ControlWatchTests {
    @Test func savingByWriteOrRenameMakesTheChangeLive() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder, debug: true)
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/main.lua", answering("p", "two"))
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "two")
        folder.replace("Scripts/p/main.lua", answering("p", "three"))
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "three")
        folder.replace("Scripts/p/main.lua", "return {\n\n")
        let text = try await server.reloads.wait { $0 != "package p: loaded" }
        #expect(text.hasPrefix("package p: Scripts/p/main.lua:"))
        #expect(try await server.get("/p") == "three")
        folder.write("Scripts/q/main.lua", answering("q", "new"))
        _ = try await server.reloads.wait { $0 == "package q: loaded" }
        #expect(try await server.get("/q") == "new")
        folder.remove("Scripts/q")
        _ = try await server.reloads.wait { $0 == "package q: unloaded" }
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
        let server = try await TestServer(folder: folder, debug: true)
        #expect(try await server.get("/p") == "oldold")
        for file in 0..<100 { folder.replace("Scripts/p/m\(file).lua", "return 'new'") }
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "newnew")
        // What the poll or late events still tell changes nothing: the contents are known.
        folder.write("Scripts/z/main.lua", answering("z", "two"))
        _ = try await server.reloads.wait { $0 == "package z: loaded" }
        #expect(server.reloads.texts.filter { $0 == "package p: loaded" }.count == 2)
        await server.stop()
    }

    /// Each link back doubled what was to be looked at, sixteen folders deep.
    @Test func linksThatLeadBackAreFollowedOnce() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        folder.write("Scripts/p/data/words.txt", "")
        for number in 0..<4 { try FileManager.default.createSymbolicLink(atPath: folder.path + "/Scripts/p/data/l\(number)", withDestinationPath: "..") }
        let server = try await TestServer(folder: folder, debug: true) { $0.configure = { $0.pollMilliseconds = 50 } }
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/main.lua", answering("p", "two"))
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "two")
        await server.stop()
    }

    /// Without the poll, which would find everything a second later.
    @Test func aFolderIsWatchedUnderItsNewName() async throws {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", answering("p", "one"))
        folder.write("Scripts/a/deep/part.lua", "return 1")
        let server = try await TestServer(folder: folder, debug: true) { $0.configure = { $0.pollMilliseconds = 600_000 } }
        _ = try await server.reloads.wait { $0 == "package a: loaded" }
        for (from, to) in [("a", "b"), ("b", "c")] {
            try FileManager.default.moveItem(atPath: folder.path + "/Scripts/\(from)", toPath: folder.path + "/Scripts/\(to)")
            _ = try await server.reloads.wait { $0 == "package \(to): loaded" }
            folder.write("Scripts/\(to)/main.lua", answering("p", "now \(to)"))
            _ = try await server.reloads.wait { $0 == "package \(to): loaded" }
            #expect(try await server.get("/p") == "now \(to)")
        }
        await server.stop()
    }

    @Test func thePollAloneIsEnough() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder, debug: true) { $0.configure = { $0.pollMilliseconds = 10 } }
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/main.lua", answering("p", "longer"))
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "longer")
        await server.stop()
    }

    /// Saving in several steps, as shells, slow copies and some editors do: what is there in between is no error.
    @Test func aFileThatIsEmptyOrHalfWrittenForAMomentShowsNoError() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder, debug: true)
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        let whole = answering("p", "two")
        folder.write("Scripts/p/main.lua", "")
        folder.write("Scripts/p/main.lua", String(whole.prefix(40)))
        folder.write("Scripts/p/main.lua", whole)
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "two")
        folder.write("Scripts/p/main.lua", "")
        let text = try await server.reloads.wait { _ in true }
        #expect(text == "package p: Scripts/p/main.lua: the file must end with `return M`, the table with the functions of the package", "what stays empty is told")
        #expect(server.reloads.texts.filter { $0 != "package p: loaded" }.count == 1)
        await server.stop()
    }

    /// A batch that was taken over while its file was half written is followed by another one before anybody is told.
    @Test func aFailureIsToldOnlyIfTheFileStaysAsItIs() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder, debug: true) {
            $0.configure = {
                $0.pollMilliseconds = 3_600_000
                $0.settleTiming.quiet = 1_000_000
                // Far longer than the test needs for its second save, however slow the machine.
                $0.settleTiming.held = 60_000_000_000
            }
        }
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/main.lua", "local M = {")
        // The attempt is over, and nobody has been told yet.
        try await eventually("the failure to be held") { await server.host.supervisor.isHoldingFailures }
        folder.write("Scripts/p/main.lua", answering("p", "two"))
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        #expect(try await server.get("/p") == "two")
        #expect(await !server.host.supervisor.isHoldingFailures, "it will never be told")
        #expect(server.reloads.texts.allSatisfy { $0 == "package p: loaded" }, "\(server.reloads.texts)")
        await server.stop()
    }

    @Test func aFailureIsToldOnceItHasBeenHeld() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        let server = try await TestServer(folder: folder, debug: true)
        _ = try await server.reloads.wait { $0 == "package p: loaded" }
        folder.write("Scripts/p/main.lua", "local M = {")
        let text = try await server.reloads.wait { $0 != "package p: loaded" }
        #expect(text.hasPrefix("package p: Scripts/p/main.lua:1: "))
        await server.stop()
    }
}
