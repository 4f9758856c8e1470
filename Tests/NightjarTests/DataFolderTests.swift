import Foundation
import Testing

@testable import Nightjar

/// One data folder, several processes.
@Suite("The data folder", .serialized, .timeLimit(.minutes(4)))
struct DataFolderTests {
    @Test("the second server ends at once, names the first, and leaves it alone; a crash gives the folder free")
    func lock() throws {
        let files = try TestFiles()
        let data = ["--data-dir", files.path("data")]
        let first = try ServerProcess(arguments: data + ["--log-level", "error"], directory: files.url)
        defer { first.kill() }
        let (status, output) = try ServerProcess.run(["serve", "--port", "0"] + data)
        #expect(status == 1)
        #expect(output.contains("is in use by the server with process number \(first.process.processIdentifier)"))
        #expect(output.split(separator: "\n").count == 1)
        #expect(try ServerProcess.run(["serve", "--ephemeral", "--port", "0"] + data).status == 1)
        #expect(try ServerProcess.run(["reload"] + data).status == 0, "the control socket is still the first server's")
        #expect(try ServerProcess.run(["verify", files.path("data/nightjar.sqlite")]).status == 0)
        first.kill()
        let next = try ServerProcess(arguments: data + ["--log-level", "error"], directory: files.url)
        defer { next.kill() }
        #expect(try ServerProcess.run(["reload"] + data).status == 0)
        #expect(next.terminate() == 0)
    }

    @Test("a lock is one holder's, and free again when it goes")
    func holder() throws {
        let files = try TestFiles()
        var holder: DataFolderLock? = try DataFolderLock(folder: files.url.path)
        #expect(throws: CommandFailure.self) { try DataFolderLock(folder: files.url.path) }
        let text = try String(contentsOfFile: files.path(DataFolderLock.fileName), encoding: .utf8)
        #expect(text == "\(getpid())\n")
        withExtendedLifetime(holder) {}
        holder = nil
        _ = try DataFolderLock(folder: files.url.path)
        #expect(throws: CommandFailure.self) { try DataFolderLock(folder: "/nonexistent") }
    }
}
