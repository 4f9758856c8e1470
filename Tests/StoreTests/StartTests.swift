import Foundation
@testable import Store
import Testing

/// How soon a store is there again after a restart.
@Suite struct StartTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil), .timeLimit(.minutes(20)))
    func soakAMillionEntries() async throws {
        try await withFolder { folder in
            let path = ProcessInfo.processInfo.environment["NIGHTJAR_STORE"] ?? folder + "/store.sqlite"
            let accounts = (0..<1_000).map { AccountKey(realm: "demo", user: "user \($0)", denom: "credit") }
            let state = "{\"name\":\"x\",\"data\":{\"text\":\"\(String(repeating: "0123456789", count: 80))\"}}"
            if !FileManager.default.fileExists(atPath: path) {
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
            let began = ContinuousClock.now
            let store = try openSQLite(path)
            let opened = ContinuousClock.now
            #expect(opened - began < .seconds(5))
            #expect(try await store.account(accounts[7]).version >= 1_000)
            print("opened after \(opened - began), first answer \(ContinuousClock.now - opened) later")
            await store.close()
        }
    }
}
