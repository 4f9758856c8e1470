import Foundation
import NightjarTesting
import Store
import Testing

/// The kit's own promises: waits end and say what for, servers stop, what a script did wrong fails the test.
@Suite(.timeLimit(.minutes(1))) struct KitTests {
    private static let project = TestFolder.project(of: #filePath)

    @Test(arguments: ["ExampleTests.swift", "GameExampleTests.swift"])
    func theExampleOfThePageIsTheOneThatRuns(_ name: String) throws {
        let page = try String(contentsOfFile: Self.project + "/docs/testing.md", encoding: .utf8)
        let file = try String(contentsOfFile: "\(Self.project)/Tests/NightjarTestingTests/\(name)", encoding: .utf8)
        let example = try #require(file.range(of: "// example\n")).upperBound
        #expect(page.contains("```swift\n" + file[example...] + "```"))
    }

    @Test func theExamplesNeedNothingThatIsNotPublic() throws {
        let outside = try EndedProcess.run(
            URL(fileURLWithPath: Self.project + "/Tests/NightjarTestingTests/outside.sh"),
            [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path], within: .seconds(300))
        #expect(outside.status == 0, "\((outside.output + outside.errors).prefix(4_000))")
    }

    @Test func aProcessIsNotWaitedForForEver() throws {
        let shell = URL(fileURLWithPath: "/bin/sh")
        let ended = try EndedProcess.run(shell, ["-c", "read line; echo \"$line\" $KIT; echo wrong >&2; exit 3"], environment: ["KIT": "kit"], input: "a test\n")
        #expect(ended.status == 3 && ended.output == "a test kit\n" && ended.errors == "wrong\n")
        let error = #expect(throws: WaitedInVain.self) {
            try EndedProcess.run(shell, ["-c", "echo here; exec sleep 60"], leavesInputOpen: true, within: .milliseconds(500))
        }
        #expect(error?.description.contains("in vain for the end of sh") == true)
    }

    @Test func aWaitEndsAndSaysWhatItWasFor() async throws {
        let error = await #expect(throws: WaitedInVain.self) {
            try await eventually("the moon", within: .milliseconds(20)) { false }
        }
        #expect(error?.description.contains("in vain for the moon") == true)
        let box = Letterbox<Int>("a letter")
        await #expect(throws: WaitedInVain.self) { try await box.next(within: .milliseconds(20)) }
        box.put(1)
        #expect(try await box.next() == 1)
        await #expect(throws: WaitedInVain.self) {
            try await finishes("what never ends", within: .milliseconds(20)) { try await Task.sleep(for: .seconds(3_600)) }
        }
        let silence = await #expect(throws: WaitedInVain.self) {
            try await answer("a word", within: .milliseconds(20)) { (_: @escaping @Sendable (Int) -> Void) in }
        }
        #expect(silence?.description.contains("in vain for a word") == true)
        #expect(try await answer("a word") { done in Thread.detachNewThread { done(7) } } == 7)
    }

    @Test func anErrorOfAScriptFailsTheTest() async throws {
        let broken = #"require("nightjar").http.get("/x", function() error("on purpose") end) return {}"#
        let error = await #expect(throws: UnexpectedScriptErrors.self) {
            try await withTestServer(packages: ["broken": broken]) { server in _ = try await server.get("/x") }
        }
        #expect(error?.description.contains("on purpose") == true)
        try await withTestServer(packages: ["broken": broken], allowsScriptErrors: true) { server in
            let answer = try await server.get("/x")
            #expect(answer.hasPrefix("500 "))
            #expect(server.scriptFailures.count == 1)
        }
    }

    @Test func theLogIsKept() async throws {
        let talker = #"require("nightjar").http.get("/x", function() require("nightjar").log.warn("hear", { a = 1 }) end) return {}"#
        try await withTestServer(packages: ["talker": talker]) { server in
            _ = try await server.get("/x")
            let line = try await server.log.wait(for: "hear")
            #expect(line.message == "hear" && line.fields["a"] == "1" && "\(line.level)" == "warning")
            await #expect(throws: WaitedInVain.self) { try await server.log.wait(for: "silence", within: .milliseconds(20)) }
        }
    }

    @Test func developmentTakesOverWhatIsSavedByItself() async throws {
        func text(_ answer: String) -> String { #"require("nightjar").http.get("/x", function() return "\#(answer)" end) return {}"# }
        try await withTestServer(packages: ["p": text("one")], { $0.debug = true }) { server in
            let outcome = try await server.save("Scripts/p/main.lua", text("two"), andWaitFor: "package p")
            #expect(outcome == "package p: loaded")
            #expect(try await server.get("/x") == "two")
            let broken = try await server.save("Scripts/p/main.lua", "return {\n\n", andWaitFor: "package p")
            #expect(broken.hasPrefix("package p: Scripts/p/main.lua:"))
            #expect(try await server.get("/x") == "two")
        }
    }

    @Test func aServerStartsAgainWithItsFolderAndStore() async throws {
        let counter = #"""
            local nightjar = require "nightjar"
            nightjar.http.get("/x", function() return tostring(nightjar.store.increment("n")) end)
            return {}
            """#
        var options = ServerOptions()
        options.packages = ["counter": counter]
        options.store = MemoryStore()
        options.folder = TestFolder()
        let first = try await withTestServer(options) { try await $0.get("/x") }
        #expect(first == "1")
        let second = try await withTestServer(options) { try await $0.get("/x") }
        #expect(second == "2")
    }
}
