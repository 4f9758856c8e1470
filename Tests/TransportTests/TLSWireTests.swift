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

    /// Another one, to replace it by.
    static let nextCertificate = """
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
    static let nextKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMWHZSSMVzu+UcTxh
        BLKUnf2SdGWN9vXqTulf84WEJzGhRANCAASG8K5pAWKmk/qY4eJZx9xH33ZM+39f
        jC4+A8yjW0BLALa/xzHKmXMqIExHa1hi+tXuT7h3VjOlGUWkDoOPtgiF
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

    /// Opens a connection of this kind and asks something; throws if the handshake fails.
    private func ask(_ port: Int, _ configure: (inout TLSConfiguration) -> Void) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configure(&configuration)
        let context = try NIOSSLContext(configuration: configuration)
        let client = HTTPTestClient(try await TestConnection.connect(port: port) { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
        })
        _ = try await client.request("GET", "/")
        await client.connection.close()
    }

    @Test func onlyVersionsAndCiphersOfTodayAreSpoken() async throws {
        try await withFiles { tls in
            try await withServer(tls: tls, []) { _, port in
                try await ask(port) { $0.minimumTLSVersion = .tlsv13 }
                try await ask(port) { $0.maximumTLSVersion = .tlsv12 }
                for version in [TLSVersion.tlsv1, .tlsv11] {
                    await #expect(throws: (any Error).self, "\(version)") {
                        try await ask(port) {
                            $0.minimumTLSVersion = .tlsv1
                            $0.maximumTLSVersion = version
                        }
                    }
                }
                for suite in ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"] {
                    await #expect(throws: (any Error).self, "\(suite)") {
                        try await ask(port) {
                            $0.maximumTLSVersion = .tlsv12
                            $0.cipherSuites = suite
                        }
                    }
                }
            }
        }
    }

    @Test func aReplacedCertificateIsTakenOverAndABrokenOneIsNot() async throws {
        try await withFiles { tls in
            try await withServer(tls: tls, []) { server, port in
                /// Which certificate the server shows.
                func shows(_ text: String) async -> Bool {
                    let result = await Result.of {
                        let roots = try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
                        try await ask(port) {
                            $0.certificateVerification = .noHostnameVerification
                            $0.trustRoots = .certificates(roots)
                        }
                    }
                    return (try? result.get()) != nil
                }
                let open = try await connect(port)
                let same = server.renewCertificates()
                #expect(same.map(\.hasChanged) == [false])
                try Data((Self.nextCertificate + "\n").utf8).write(to: URL(fileURLWithPath: tls.certificatePath))
                let broken = server.renewCertificates()
                #expect(broken.count == 1 && broken[0].failure?.detail.contains("is not the key") == true && !broken[0].hasChanged)
                #expect(await shows(Self.certificate), "the former one goes on")
                try Data((Self.nextKey + "\n").utf8).write(to: URL(fileURLWithPath: tls.keyPath))
                let renewed = server.renewCertificates()
                #expect(renewed.map(\.hasChanged) == [true] && renewed[0].failure == nil && renewed[0].listener == "main")
                #expect(await shows(Self.nextCertificate))
                #expect(await !shows(Self.certificate))
                let stays = try await HTTPTestClient(open).request("GET", "/")
                #expect(stays.status == 404, "who was there stays")
                await open.close()
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

extension Result where Failure == any Error {
    fileprivate static func of(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
