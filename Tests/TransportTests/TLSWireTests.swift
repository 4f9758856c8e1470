import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import NightjarTesting
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct TLSWireTests {
    private func connect(_ port: Int) async throws -> TestConnection {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let context = try NIOSSLContext(configuration: configuration)
        return try await TestConnection.connect(port: port) { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
        }
    }

    @Test func requestsAndWebSocketsWorkOverTLS() async throws {
        try await withCertificate { tls in
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
        try await withCertificate { tls in
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
        try await withCertificate { tls in
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
        try await withCertificate { tls in
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
                try Data(TestCertificate.next.certificate.utf8).write(to: URL(fileURLWithPath: tls.certificatePath))
                let broken = server.renewCertificates()
                #expect(broken.count == 1 && broken[0].failure?.detail.contains("is not the key") == true && !broken[0].hasChanged)
                #expect(await shows(TestCertificate.first.certificate), "the former one goes on")
                try Data(TestCertificate.next.key.utf8).write(to: URL(fileURLWithPath: tls.keyPath))
                let renewed = server.renewCertificates()
                #expect(renewed.map(\.hasChanged) == [true] && renewed[0].failure == nil && renewed[0].listener == "main")
                #expect(await shows(TestCertificate.next.certificate))
                #expect(await !shows(TestCertificate.first.certificate))
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
