import Foundation
import Glibc
import NightjarTesting
@testable import Store
import Testing

/// How soon a server is there again after a restart.
@Suite struct StartTests {
    /// With `NIGHTJAR_STORE`, a data folder, the entries are written there, once. The release build is asked if there is one, as in
    /// `make soak`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil), .timeLimit(.minutes(20)))
    func soakAMillionEntries() async throws {
        let folder = TestFolder()
        let data = ProcessInfo.processInfo.environment["NIGHTJAR_STORE"] ?? folder.path + "/data"
        let path = data + "/nightjar.sqlite"
        let accounts = (0..<1_000).map { AccountKey(realm: "demo", user: "user \($0)", denom: "credit") }
        let state = "{\"name\":\"x\",\"data\":{\"text\":\"\(String(repeating: "0123456789", count: 80))\"}}"
        if !FileManager.default.fileExists(atPath: path) {
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let store = try openSQLite(path)
            for account in accounts { _ = try await store.account(account, initialCredits: 1_000_000) }
            for version in Int64(1)...999 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for account in accounts {
                        group.addTask { _ = try await store.commit(transition(account, version: version, [LedgerEntry(.bet, -1)], blob: state)) }
                    }
                    try await group.waitForAll()
                }
            }
            await store.close()
        }
        folder.write("games/.keep", "")
        folder.write("Scripts/player/main.lua", """
            local nightjar = require "nightjar"
            nightjar.http.get("/play", function()
              local credits, version = nightjar.account.balance { user = "user 7", realm = "demo", denom = "credit" }
              nightjar.store.set("k", tostring(credits))
              return tostring(version)
            end)
            return {}
            """)
        let release = TestFolder.project(of: #filePath) + "/.build/release/nightjar"
        let isRelease = FileManager.default.isExecutableFile(atPath: release)
        let executable = isRelease ? URL(fileURLWithPath: release) : try BuiltExecutable.url("nightjar")
        // Twice, so that the second finds what was not moved out of the write-ahead log.
        for _ in 1...2 {
            let began = ContinuousClock.now
            let server = try Self.serve(executable, folder, data)
            defer { kill(server.processIdentifier, SIGKILL) }
            try await eventually("the server") { folder.contains("port") }
            let port = try #require(Int(try folder.read("port").trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(try await HTTPTestClient.request(port: port, "GET", "/play").text == "1000")
            let took = ContinuousClock.now - began
            print("answers after \(took)")
            #expect(took < .seconds(isRelease ? 2 : 5))
            kill(server.processIdentifier, SIGKILL)
            try await eventually("its end") { !server.isRunning }
            folder.remove("port")
        }
    }

    private static func serve(_ executable: URL, _ folder: TestFolder, _ data: String) throws -> Process {
        let server = Process()
        server.executableURL = executable
        server.arguments = [
            "serve", "--port", "0", "--data-dir", data, "--scripts", folder.path + "/Scripts", "--games", folder.path + "/games",
            "--port-file", folder.path + "/port",
        ]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        return server
    }
}
