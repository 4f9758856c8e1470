import NIOCore
import NightjarTesting
import Testing
import Transport
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What a script says about an endpoint, as the transport gets it.
@Suite(.timeLimit(.minutes(1))) struct EndpointOptionTests {
    private static func script(_ options: String) -> String {
        """
        local nightjar = require "nightjar"
        nightjar.websocket.endpoint("/e", { \(options)
          message = function(conn, text) conn:send(text) end })
        return {}
        """
    }

    /// The extensions of the answer to the handshake.
    private func agreed(_ options: String, offer: String) async throws -> String? {
        let server = try await TestServer(packages: ["test": Self.script(options)])
        let port = server.port
        let result = try await blocking { () -> String? in
            let socket = try BlockingWebSocket(port: port)
            let head = try socket.request(
                "GET /e HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Extensions: \(offer)\r\n\r\n")
            let line = head.split(separator: "\r\n").first { $0.hasPrefix("sec-websocket-extensions: ") }
            return line.map { String($0.dropFirst(26)) }
        }
        await server.stop()
        return result
    }

    @Test(arguments: [
        ("", nil), ("compression = false,", nil),
        ("compression = true,", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        (
            "compression = { threshold = 50, level = 1, memory_level = 9 },",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        ),
        ("compression = { context_takeover = true, window_bits = 10 },", "permessage-deflate; client_max_window_bits=10"),
    ] as [(String, String?)])
    func compressionIsNegotiatedAsDeclared(_ options: String, _ answer: String?) async throws {
        #expect(try await agreed(options, offer: "permessage-deflate; client_max_window_bits") == answer)
    }

    @Test(arguments: [
        ("idle_timeout = 0.01,", "idle_timeout"), ("idle_timeout = \"soon\",", "0.05…86400 seconds"),
        ("ping_interval = true,", "0.05…86400 seconds or false"), ("pong_timeout = 0,", "pong_timeout"),
        ("pings_keep_alive = 1,", "boolean expected"), ("max_message = 0,", "1…16777216 bytes"),
        ("compression = 5,", "boolean or table"), ("compression = { window_bits = 8 },", "'compression.window_bits'"),
        ("compression = { level = 10 },", "1…9 expected"), ("compression = { memory_level = 1.5 },", "'compression.memory_level'"),
        ("compression = { threshold = -1 },", "'compression.threshold'"), ("compression = { context_takeover = 1 },", "boolean expected"),
        ("compression = { treshold = 5 },", "compression.treshold"),
    ])
    func whatIsWrongIsSaid(_ options: String, _ message: String) async throws {
        let server = try await TestServer(packages: ["test": Self.script("")])
        server.save("Scripts/test/main.lua", Self.script(options))
        let failure = try await server.takeOver()
        #expect(failure?.contains(message) == true, "\(failure ?? "loaded")")
        await server.stop()
    }

    @Test func settingsBecomeTransportOptions() {
        var settings = EndpointSettings()
        #expect(settings.options.pingInterval == WebSocketOptions().pingInterval && settings.options.compression == nil)
        settings.idleTimeoutSeconds = 0.05
        settings.pings = .none
        settings.pongTimeoutSeconds = 1.5
        settings.pingsKeepAlive = true
        settings.compression = Compression()
        let options = settings.options
        #expect(options.idleTimeout == .milliseconds(50) && options.pingInterval == nil && options.pingsKeepAlive)
        #expect(options.pongTimeout == .milliseconds(1_500) && options.compression == Compression())
        settings.pings = .everySeconds(2)
        #expect(settings.options.pingInterval == .seconds(2))
    }
}
