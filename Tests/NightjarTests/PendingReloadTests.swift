import Foundation
import Testing

/// What refused a script is told until it is mended.
@Suite("Reloads that fail", .serialized, .timeLimit(.minutes(4)))
struct PendingReloadTests {
    private static let good = "return {}\n"

    @Test("a second reload of a broken file fails again, a good file ends it")
    func again() throws {
        let files = try TestFiles(["Scripts/a/main.lua": Self.good, "Scripts/b/main.lua": Self.good])
        let common = ["--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games")]
        let server = try ServerProcess(arguments: ["--ephemeral"] + common, directory: files.url)
        defer { server.kill() }
        #expect(try ServerProcess.run(["reload"] + common).status == 0)
        try files.write("Scripts/a/main.lua", "return {}\nif\n")
        for attempt in 1...3 {
            let (status, output) = try ServerProcess.run(["reload"] + common)
            #expect(status == 1, "attempt \(attempt)")
            #expect(output.contains("package a: ") && output.contains("a/main.lua:2: "), "attempt \(attempt): \(output)")
            #expect(output.contains("generation 1 goes on"), "attempt \(attempt): \(output)")
            #expect(output.components(separatedBy: "main.lua").count == 2, "attempt \(attempt) says the position once: \(output)")
        }
        #expect(try ServerProcess.run(["reload", "b"] + common).status == 0, "the other package's trouble is not this one's")
        #expect(try ServerProcess.run(["reload", "a"] + common).status == 1)
        try files.write("Scripts/a/main.lua", "return { }\n")
        let (status, output) = try ServerProcess.run(["reload"] + common)
        #expect(status == 0, "\(output)")
        #expect(try ServerProcess.run(["reload"] + common).output.contains("no script has changed"))
    }

    @Test("every SIGHUP logs what is still broken")
    func signal() throws {
        let files = try TestFiles(["Scripts/a/main.lua": Self.good])
        let common = ["--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games")]
        let log = Pipe()
        let server = try ServerProcess(arguments: ["--ephemeral"] + common, directory: files.url, standardError: log)
        defer { server.kill() }
        try files.write("Scripts/a/main.lua", "return {}\nif\n")
        var text = ""
        for attempt in 1...2 {
            server.signal(SIGHUP)
            text += try log.text("the reload on SIGHUP") { $0.contains("reloaded on SIGHUP") }
            let told = text.split(separator: "\n").filter { $0.contains(#""signal":"SIGHUP""#) && $0.contains("a/main.lua:2: ") }
            #expect(told.count == attempt, "\(text)")
        }
        #expect(server.terminate() == 0)
    }
}
