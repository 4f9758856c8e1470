import Foundation
import NightjarTesting
import Testing

@testable import Nightjar
@testable import Transport

/// The certificate of a running server is replaced.
@Suite("Certificates", .serialized, .timeLimit(.minutes(4)))
struct CertificateTests {
    @Test("nightjar reload takes a new certificate over, tells of a broken one, and goes on with the former")
    func reload() throws {
        let former = TestCertificate.first, next = TestCertificate.next
        let files = try TestFiles(["Scripts/a/main.lua": "return {}\n", "cert.pem": former.certificate, "key.pem": former.key])
        let common = ["--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games")]
        let server = try ServerProcess(
            arguments: ["--ephemeral", "--cert", files.path("cert.pem"), "--certkey", files.path("key.pem")] + common, directory: files.url)
        defer { server.kill() }
        #expect(try ServerProcess.run(["reload"] + common).output.contains("no script has changed"))
        try files.write("cert.pem", next.certificate)
        let broken = try ServerProcess.run(["reload"] + common)
        #expect(broken.status == 1 && broken.output.contains("the former certificate stays in use") && broken.output.contains("key.pem"), "\(broken.output)")
        try files.write("key.pem", next.key)
        let good = try ServerProcess.run(["reload"] + common)
        #expect(good.status == 0 && good.output.contains("listener main: new certificate"), "\(good.output)")
        #expect(server.terminate() == 0)
    }

    /// Whoever renews certificates need not know of the server: with each connection a client sees which one is in use.
    @Test("a replaced certificate is taken over without anybody telling, one that does not fit is told once")
    func replaced() async throws {
        let former = TestCertificate.first, next = TestCertificate.next
        let files = try TestFiles(["Scripts/a/main.lua": "return {}\n", "cert.pem": former.certificate, "key.pem": former.key])
        let server = try ServerProcess(
            arguments: [
                "--ephemeral", "--cert", files.path("cert.pem"), "--certkey", files.path("key.pem"), "--data-dir", files.path("data"), "--scripts", files.path("Scripts"),
                "--games", files.path("games"),
            ], directory: files.url)
        defer { server.kill() }
        func line(_ text: String) async throws {
            try await eventually(text) { try String(contentsOf: server.logPath, encoding: .utf8).contains(text) }
        }
        try files.write("cert.pem", next.certificate)
        try await line("the former one stays in use")
        try files.write("key.pem", next.key)
        try await line("a new certificate is in use")
        #expect(server.terminate() == 0)
    }

    @Test("SIGHUP takes a new certificate over")
    func signal() async throws {
        let pairs = [TestCertificate.first, TestCertificate.next]
        let files = try TestFiles(["Scripts/a/main.lua": "return {}\n", "cert.pem": pairs[0].certificate, "key.pem": pairs[0].key])
        let server = try ServerProcess(
            arguments: [
                "--ephemeral", "--cert", files.path("cert.pem"), "--certkey", files.path("key.pem"), "--data-dir", files.path("data"), "--scripts", files.path("Scripts"),
                "--games", files.path("games"),
            ], directory: files.url)
        defer { server.kill() }
        func answers() throws -> [Substring] {
            try String(contentsOf: server.logPath, encoding: .utf8).split(separator: "\n").filter { $0.contains("reloaded on SIGHUP") }
        }
        // The look that the server takes every two seconds may come first: then once more, with the other pair.
        for turn in 1...10 {
            try files.write("cert.pem", pairs[turn % 2].certificate)
            try files.write("key.pem", pairs[turn % 2].key)
            server.signal(SIGHUP)
            try await eventually("the answer to the signal") { try answers().count == turn }
            if try answers().contains(where: { $0.contains(#""certificates":"1""#) }) { break }
        }
        let all = try answers()
        #expect(all.contains { $0.contains(#""certificates":"1""#) && $0.contains(#""failed":"0""#) }, "\(all)")
        server.signal(SIGHUP)
        try await eventually("the answer to another signal") { try answers().count == all.count + 1 }
        #expect(try answers().last?.contains(#""certificates":"0""#) == true, "what has not changed is not told")
        #expect(server.terminate() == 0)
    }

    @Test("two files that are replaced one after the other are no failure, a failure that stays is told once")
    func tellsOnce() {
        var watch = CertificateWatch()
        func look(_ reason: String?, changed: Bool = false) -> [CertificateWatch.News] {
            let failure = reason.map { ListenFailure(code: .badCertificate, listener: "main", detail: $0) }
            return watch.noticed([CertificateRenewal(listener: "main", hasChanged: changed, failure: failure)])
        }
        #expect(look(nil).isEmpty)
        #expect(look("no match").isEmpty)
        #expect(look(nil, changed: true) == [.renewed(listener: "main")])
        #expect(look("no match").isEmpty)
        #expect(look("no match") == [.failed(listener: "main", reason: "no match")])
        #expect(look("no match").isEmpty)
        #expect(look("gone").isEmpty)
        #expect(look("gone") == [.failed(listener: "main", reason: "gone")])
        #expect(look(nil).isEmpty)
    }
}
