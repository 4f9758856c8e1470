import Foundation
import Testing

/// The certificate of a running server is replaced.
@Suite("Certificates", .serialized, .timeLimit(.minutes(1)))
struct CertificateTests {
    // Self-signed pairs made for this test alone.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUfA5mS7B8s88SzUd+tLZztq9MPvswCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA5MzMwNFoYDzIxMjYxMDI4
        MDkzMzA0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASw/zWZc7Pw5ViQlXpzXa0ZlXY0D6pkuUWhU4g+KYqddlnAJ7HIF3yK
        FiW3yJuF69vtvSnukEtV6q/O/3/52IXIo2kwZzAdBgNVHQ4EFgQUo2VE5s9pkVs/
        th0b6hZTS+b1rQwwHwYDVR0jBBgwFoAUo2VE5s9pkVs/th0b6hZTS+b1rQwwDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SAAwRQIgW2VAj1TUPOFbvIit7u59SiHHyD3nHU9ySX/DtOCa7l0CIQCxoxGIKSQj
        xxWr/Q1ZRFbnM0ysILw9/6WNrcFSQO8Mnw==
        -----END CERTIFICATE-----
        """
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnPq6/4i8ltocuK7X
        CQKF/seJ4HkbZ4lozP57BoqvQA+hRANCAASw/zWZc7Pw5ViQlXpzXa0ZlXY0D6pk
        uUWhU4g+KYqddlnAJ7HIF3yKFiW3yJuF69vtvSnukEtV6q/O/3/52IXI
        -----END PRIVATE KEY-----
        """
    private static let nextCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUUsJrSrJuDJ9NAJOnI/tLfu0xOrMwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTE4MDQ0NVoYDzIxMjYxMTA1
        MTgwNDQ1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASG8K5pAWKmk/qY4eJZx9xH33ZM+39fjC4+A8yjW0BLALa/xzHKmXMq
        IExHa1hi+tXuT7h3VjOlGUWkDoOPtgiFo2kwZzAdBgNVHQ4EFgQUdfg9W9LRm4jG
        OULJOD3Rw3kt6zIwHwYDVR0jBBgwFoAUdfg9W9LRm4jGOULJOD3Rw3kt6zIwDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SAAwRQIgbwMSy4sh7+VyLMoLYeuSF3s0pJOsbBYlz0QIwqqvyVECIQC0TActvXes
        7NqqvWuFihBITPj/Mb4sr2f0HJ7OxENj5w==
        -----END CERTIFICATE-----
        """
    private static let nextKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMWHZSSMVzu+UcTxh
        BLKUnf2SdGWN9vXqTulf84WEJzGhRANCAASG8K5pAWKmk/qY4eJZx9xH33ZM+39f
        jC4+A8yjW0BLALa/xzHKmXMqIExHa1hi+tXuT7h3VjOlGUWkDoOPtgiF
        -----END PRIVATE KEY-----
        """

    @Test("nightjar reload takes a new certificate over, tells of a broken one, and goes on with the former")
    func reload() throws {
        let files = try TestFiles(["Scripts/a/main.lua": "return {}\n", "cert.pem": Self.certificate, "key.pem": Self.key])
        let common = ["--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games")]
        let server = try ServerProcess(
            arguments: ["--ephemeral", "--cert", files.path("cert.pem"), "--certkey", files.path("key.pem")] + common, directory: files.url)
        defer { server.kill() }
        #expect(try ServerProcess.run(["reload"] + common).output.contains("no script has changed"))
        try files.write("cert.pem", Self.nextCertificate)
        let broken = try ServerProcess.run(["reload"] + common)
        #expect(broken.status == 1 && broken.output.contains("the former certificate stays in use") && broken.output.contains("key.pem"), "\(broken.output)")
        try files.write("key.pem", Self.nextKey)
        let good = try ServerProcess.run(["reload"] + common)
        #expect(good.status == 0 && good.output.contains("listener main: new certificate"), "\(good.output)")
        #expect(server.terminate() == 0)
    }
}
