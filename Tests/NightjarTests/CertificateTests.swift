import Foundation
import NightjarTesting
import Testing

/// The certificate of a running server is replaced.
@Suite("Certificates", .serialized, .timeLimit(.minutes(1)))
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
}
