import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NightjarTesting
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct StaticFilesTests {
    /// A folder with files, links that lead out of it, and secrets beside it: one in a folder whose name begins like its own.
    private func withFiles(
        _ policy: StaticFiles.Policy = StaticFiles.Policy(), in place: String = "", _ body: (Int, URL) async throws -> Void
    ) async throws {
        let outer = FileManager.default.temporaryDirectory.appendingPathComponent(place + UUID().uuidString)
        let root = outer.appendingPathComponent("root")
        try FileManager.default.createDirectory(at: root.appendingPathComponent("sub/empty"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: outer) }
        func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: outer.appendingPathComponent(path)) }
        try write("secret", "secret.txt")
        try write("<p>index</p>", "root/index.html")
        try write("0123456789", "root/ten.txt")
        try write("sub", "root/sub/index.html")
        try write("hidden", "root/.env")
        try write("wasm", "root/game.wasm")
        try write("pck", "root/a b.pck")
        try write("", "root/empty.js")
        try Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }).write(to: root.appendingPathComponent("big.bin"))
        try FileManager.default.createSymbolicLink(
            at: root.appendingPathComponent("out.txt"), withDestinationURL: outer.appendingPathComponent("secret.txt"))
        try FileManager.default.createSymbolicLink(
            at: root.appendingPathComponent("in.txt"), withDestinationURL: root.appendingPathComponent("ten.txt"))
        let sibling = outer.appendingPathComponent("root-secret")
        try FileManager.default.createDirectory(at: sibling, withIntermediateDirectories: true)
        try write("secret", "root-secret/index.html")
        try write("secret", "root-secret.txt")
        for (link, target) in [("sibling", "root-secret"), ("sibling.txt", "root-secret.txt"), ("sibling.html", "root-secret/index.html")] {
            try FileManager.default.createSymbolicLink(
                at: root.appendingPathComponent(link), withDestinationURL: outer.appendingPathComponent(target))
        }
        let files = StaticFiles(root: root.path, policy: policy, threadPool: .singleton)
        try await withServer([.files("/f/*", files), .files("/", files)]) { _, port in try await body(port, root) }
    }

    @Test(arguments: [
        ("/", "<p>index</p>", "text/html; charset=utf-8"), ("/f/", "<p>index</p>", "text/html; charset=utf-8"),
        ("/f/ten.txt", "0123456789", "text/plain; charset=utf-8"), ("/f/in.txt", "0123456789", "text/plain; charset=utf-8"),
        ("/f/sub/", "sub", "text/html; charset=utf-8"), ("/f/game.wasm", "wasm", "application/wasm"),
        ("/f/a%20b.pck", "pck", "application/octet-stream"), ("/f/empty.js", "", "text/javascript; charset=utf-8"),
    ])
    func servesFilesWithTheirTypes(_ path: String, _ text: String, _ type: String) async throws {
        try await withFiles { port, _ in
            let answer = try await HTTPTestClient.request(port: port, "GET", path)
            #expect(answer.status == 200 && answer.text == text && answer["content-type"] == type)
            let head = try await HTTPTestClient.request(port: port, "HEAD", path)
            #expect(head.status == 200 && head["content-length"] == "\(text.utf8.count)")
        }
    }

    @Test(arguments: [
        "/f/../secret.txt", "/f/%2e%2e/secret.txt", "/f/..%2fsecret.txt", "/f/%2e%2e%2fsecret.txt", "/f/sub/../../secret.txt",
        "/f/.env", "/f/%2eenv", "/f/out.txt", "/f//etc/passwd", "/f/sub/empty/", "/f/sub/empty", "/f/missing", "/f/ten.txt/x",
        "/f/ten.txt/", "/f/./ten.txt", "/f/..", "/f/...", "/f/sub//index.html", "/f/..%5csecret.txt", "/f/sibling", "/f/sibling/", "/f/sibling/index.html", "/f/sibling.txt", "/f/sibling.html",
    ])
    func nothingElseIsReachable(_ path: String) async throws {
        try await withFiles { port, _ in
            let answer = try await HTTPTestClient.request(port: port, "GET", path)
            #expect(answer.status == 404, "\(path)")
            #expect(!answer.text.contains("secret") && !answer.text.contains("hidden"))
        }
    }

    @Test func randomPathsReachNothingOutside() async throws {
        try await withFiles { port, _ in
            var random = Seeded(77)
            let client = try await HTTPTestClient.connect(port: port)
            let parts = ["..", ".", "%2e%2e", "%2f", "/", "sub", "out.txt", "secret.txt", "sibling", "sibling.txt", "index.html", "ten.txt", "%00", "%5c", "%25", "~", ";"]
            for _ in 0..<400 {
                let path = "/f/" + (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    parts.randomElement(using: &random)! + (Bool.random(using: &random) ? "/" : "")
                }.joined()
                let answer = try await client.request("GET", path)
                #expect(!answer.text.contains("secret"), "\(path)")
            }
        }
    }

    @Test func foldersAreCompletedWithASlash() async throws {
        try await withFiles { port, _ in
            let answer = try await HTTPTestClient.request(port: port, "GET", "/f/sub?x=1")
            #expect(answer.status == 301 && answer["location"] == "/f/sub/?x=1")
        }
    }

    @Test func unchangedFilesAreNotSentAgain() async throws {
        try await withFiles { port, root in
            let first = try await HTTPTestClient.request(port: port, "GET", "/f/ten.txt")
            let tag = try #require(first["etag"])
            for condition in [("if-none-match", tag), ("if-none-match", "\"x\", W/\(tag)"), ("if-none-match", "*"),
                ("if-modified-since", try #require(first["last-modified"]))] {
                let again = try await HTTPTestClient.request(port: port, "GET", "/f/ten.txt", headers: [condition])
                #expect(again.status == 304 && again.body.isEmpty && again["etag"] == tag)
            }
            try Data("changed".utf8).write(to: root.appendingPathComponent("ten.txt"))
            let changed = try await HTTPTestClient.request(port: port, "GET", "/f/ten.txt", headers: [("if-none-match", tag)])
            #expect(changed.status == 200 && changed.text == "changed")
        }
    }

    @Test(arguments: ["ten.txt", "big.bin"])
    func partsOfFiles(_ name: String) async throws {
        try await withFiles { port, root in
            let whole = Array(try Data(contentsOf: root.appendingPathComponent(name)))
            let answer = try await HTTPTestClient.request(port: port, "GET", "/f/\(name)")
            #expect(answer.body == whole)
            let part = try await HTTPTestClient.request(port: port, "GET", "/f/\(name)", headers: [("range", "bytes=2-5")])
            #expect(part.status == 206 && part.body == Array(whole[2...5]) && part["content-range"] == "bytes 2-5/\(whole.count)")
            let rest = try await HTTPTestClient.request(port: port, "GET", "/f/\(name)", headers: [("range", "bytes=-3")])
            #expect(rest.body == Array(whole.suffix(3)))
            let none = try await HTTPTestClient.request(port: port, "GET", "/f/\(name)", headers: [("range", "bytes=9999999-")])
            #expect(none.status == 416 && none["content-range"] == "bytes */\(whole.count)")
            let stale = try await HTTPTestClient.request(
                port: port, "GET", "/f/\(name)", headers: [("range", "bytes=2-5"), ("if-range", "\"old\"")])
            #expect(stale.status == 200)
        }
    }

    @Test func manyDownloadsFollowEachOtherOnOneConnection() async throws {
        try await withFiles { port, _ in
            let client = try await HTTPTestClient.connect(port: port)
            for _ in 0..<5 {
                #expect(try await client.request("GET", "/f/big.bin").body.count == 1_000_000)
                let head = try await client.request("HEAD", "/f/big.bin")
                #expect(head["content-length"] == "1000000")
            }
        }
    }

    @Test func policyDecides() async throws {
        var policy = StaticFiles.Policy()
        policy.allowed = { $0.hasSuffix(".txt") }
        policy.index = nil
        policy.headers = [("x-extra", "1")]
        try await withFiles(policy) { port, _ in
            let allowed = try await HTTPTestClient.request(port: port, "GET", "/f/ten.txt")
            #expect(allowed["x-extra"] == "1")
            for path in ["/f/big.bin", "/f/"] {
                let refused = try await HTTPTestClient.request(port: port, "GET", path)
                #expect(refused.status == 404)
            }
        }
    }

    /// What is asked of a policy is the path below the root, however many bytes the letters above it have.
    @Test(arguments: ["игры-пользователя", "e\u{301}-é-🎲", "遊戲"])
    func aFolderMayHaveAnyLetters(_ place: String) async throws {
        var policy = StaticFiles.Policy()
        policy.allowed = { $0 == "ten.txt" }
        try await withFiles(policy, in: place) { port, _ in
            for (path, status) in [("ten.txt", 200), ("in.txt", 404), ("sibling.txt", 404), ("a%20b.pck", 404)] {
                let answer = try await HTTPTestClient.request(port: port, "GET", "/f/\(path)")
                #expect(answer.status == status, "\(path)")
            }
        }
    }

    @Test(arguments: [
        ("bytes=0-0", .part(0..<1)), ("bytes=5-", .part(5..<10)), ("bytes=-20", .part(0..<10)), ("bytes=9-100", .part(9..<10)),
        ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=5-2", .whole), ("bytes=1-2,4-5", .whole),
        ("lines=1-2", .whole), ("bytes=a-b", .whole), ("bytes=", .whole), ("bytes=-", .whole),
        ("bytes=0-99999999999999999999999", .part(0..<10)), ("bytes=--1", .whole),
    ] as [(String, FileConditions.Part)])
    func rangesAreRead(_ text: String, _ expected: FileConditions.Part) {
        #expect(FileConditions.parse(text, size: 10) == expected)
    }
}
