import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import NightjarTesting
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct TLSWireTests {
    /// A self-signed pair made for this test alone.
    static let certificate = """
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
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnPq6/4i8ltocuK7X
        CQKF/seJ4HkbZ4lozP57BoqvQA+hRANCAASw/zWZc7Pw5ViQlXpzXa0ZlXY0D6pk
        uUWhU4g+KYqddlnAJ7HIF3yKFiW3yJuF69vtvSnukEtV6q/O/3/52IXI
        -----END PRIVATE KEY-----
        """

    private func withFiles(_ body: (ListenerConfiguration.TLS) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = folder.appendingPathComponent("cert.pem"), key = folder.appendingPathComponent("key.pem")
        try Data((Self.certificate + "\n").utf8).write(to: certificate)
        try Data((Self.key + "\n").utf8).write(to: key)
        try await body(.init(certificatePath: certificate.path, keyPath: key.path))
    }

    private func connect(_ port: Int) async throws -> TestConnection {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let context = try NIOSSLContext(configuration: configuration)
        return try await TestConnection.connect(port: port) { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
        }
    }

    @Test func requestsAndWebSocketsWorkOverTLS() async throws {
        try await withFiles { tls in
            let hello = TestResponder { _, reply in reply.send(text: "hello") }
            let endpoint = TestEndpoint { $0.maxUnsent = 4 << 20 }
            try await withServer(tls: tls, [.http(.GET, "/", hello), .webSocket("/echo", endpoint)]) { _, port in
                let http = HTTPTestClient(try await connect(port))
                #expect(try await http.request("GET", "/").text == "hello")
                await http.connection.close()
                let client = try await WebSocketTestClient.open(connect(port), "/echo")
                for count in [1, 20_000, 500_000] {
                    try await client.send(binary: [UInt8](repeating: 7, count: count))
                    #expect(try await client.receive() == .binary([UInt8](repeating: 7, count: count)))
                }
                try await client.close()
                #expect(try await endpoint.nextClosed().code == 1000)
            }
        }
    }

    @Test func violationsAreToldOverTLS() async throws {
        try await withFiles { tls in
            try await withServer(tls: tls, [.webSocket("/echo", TestEndpoint())]) { _, port in
                let client = try await WebSocketTestClient.open(connect(port), "/echo")
                try await client.sendFrame(3, [])
                #expect(try await client.receiveClose().code == 1002)
                await client.disconnect()
            }
        }
    }

    @Test func unusableCertificatesAreNamed() async throws {
        let failure = try await #require(throws: ListenFailure.self) {
            try await withServer(tls: .init(certificatePath: "/nonexistent", keyPath: "/nonexistent"), []) { _, _ in }
        }
        #expect(failure.code == .badCertificate)
    }
}
