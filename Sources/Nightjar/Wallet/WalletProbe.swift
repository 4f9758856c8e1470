import AsyncHTTPClient
import Foundation
import Games
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends single calls to a wallet, also such as no casino would send. Any thread.
struct WalletProbe: Sendable {
    private let client: HTTPClient
    private let url: String
    private let secret: [UInt8]
    private let timeout: TimeAmount

    /// How a call is spoiled.
    enum Spoiling: Sendable {
        case none
        /// No signature at all.
        case unsigned
        /// Signed with another secret.
        case foreign
        /// Signed so many milliseconds ago.
        case aged(Int64)
        /// Sent as another call than it was signed for.
        case sentAs(WalletCall.Name)
    }

    /// What came back.
    struct Reply: Sendable {
        var answer: WalletAnswer
        var status: Int
        var body: String
    }

    static func with<Value: Sendable>(
        url: String, secret: [UInt8], timeoutMilliseconds: Int, _ body: (WalletProbe) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = WalletTrial.atOnce
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
        let probe = WalletProbe(
            client: client, url: url.hasSuffix("/") ? url : url + "/", secret: secret, timeout: .milliseconds(Int64(timeoutMilliseconds)))
        let result: Result<Value, any Error>
        do { result = .success(try await body(probe)) } catch { result = .failure(error) }
        try? await client.shutdown()
        return try result.get()
    }

    func send(_ call: WalletCall, _ spoiling: Spoiling = .none) async -> Reply {
        var name = call.name
        var signed: String? = nil
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        switch spoiling {
        case .none: signed = WalletSignature.value(of: call, secret: secret, now: now)
        case .unsigned: break
        case .foreign: signed = WalletSignature.value(of: call, secret: secret + Array("?".utf8), now: now)
        case .aged(let milliseconds): signed = WalletSignature.value(of: call, secret: secret, now: now - milliseconds)
        case .sentAs(let other):
            signed = WalletSignature.value(of: call, secret: secret, now: now)
            name = other
        }
        var request = HTTPClientRequest(url: url + name.rawValue)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        if let signed { request.headers.add(name: WalletSignature.header, value: signed) }
        request.body = .bytes(call.body)
        do {
            let response = try await client.execute(request, timeout: timeout)
            let body = Array((try await response.body.collect(upTo: WalletAnswer.bytesMax)).readableBytesView)
            return Reply(
                answer: WalletAnswer(status: Int(response.status.code), body: body, to: call), status: Int(response.status.code),
                body: String(decoding: body, as: UTF8.self))
        } catch {
            return Reply(answer: .unknown("\(error)"), status: 0, body: "")
        }
    }
}
