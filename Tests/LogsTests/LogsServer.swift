import Foundation
import Logging
import LuaRuntime
import NightjarTesting

/// The shipped package `logs` and a package `talker` that writes to the log, on 127.0.0.1. Its clock stands until it is set,
/// so frames are known to the letter.
struct LogsServer: Sendable {
    /// Unix ms.
    static let time: Int64 = 1_763_000_000_000

    private let server: TestServer
    private let clock = ManualClock(now: LogsServer.time)
    var port: Int { server.port }
    var logger: Logger { server.logger }

    /// - Parameters:
    ///   - level: Least severe line of the log; by default the log is silent.
    ///   - token: What listeners must say to see the server's own lines.
    init(level: Logger.Level? = nil, loops: Int = 2, token: String? = nil) async throws {
        var options = ServerOptions()
        // How fast a machine runs scripts is no matter of these tests.
        options.luaLimits.sliceDeadline = .seconds(1)
        options.luaLimits.loadDeadline = .seconds(1)
        if let token { options.secrets["logs"] = ["token": token] }
        let scripts = TestFolder.project(of: #filePath) + "/Scripts"
        options.copies = ["Scripts/logs": scripts + "/logs", "Scripts/lib": scripts + "/lib"]
        options.packages["talker"] = """
            local nightjar = require "nightjar"
            nightjar.http.get("/say/:text", function(request)
              nightjar.log.warn(request.params.text, { who = "ann" })
              return tostring(nightjar.generation)
            end)
            nightjar.http.get("/fail", function() error("broken") end)
            return { listener = "sync" }
            """
        options.workers = loops
        options.clock = clock
        options.listeners = ["sync"]
        options.logLevel = level
        options.patience = .seconds(1)
        server = try await TestServer(options)
    }

    func setTime(_ milliseconds: Int64) { clock.set(milliseconds) }

    func stop() async { await server.stop() }

    /// Loads a package again; whether that went well.
    func reload(_ package: String) async throws -> Bool { try await server.reload([package]).allSatisfy { $0.hasSuffix(": loaded") } }

    func request(_ method: String, _ path: String, headers: [(String, String)] = [], _ body: String? = nil) async throws -> TestResponse {
        try await server.request(method, path, headers: headers, body: body)
    }

    /// Posts a body to `/logs/add`; the status.
    @discardableResult
    func post(_ body: String) async throws -> Int { try await request("POST", "/logs/add", body).status }

    /// A listener; with a query like `?room=a`. It listens when this returns.
    func listen(_ query: String = "", headers: [(String, String)] = []) async throws -> WebSocketTestClient {
        try await WebSocketTestClient.connect(port: port, "/logs/listen" + query, headers: headers)
    }
}

extension WebSocketTestClient {
    /// The `msg` of an entry up to its first `name=value`.
    static func message(_ entry: [String: Any]) -> String? {
        (entry["msg"] as? String)?.split(separator: " ").prefix { !$0.contains("=") }.joined(separator: " ")
    }

    /// Entries of frames up to and including one whose `msg` is `last`, apart from what the server adds to its own lines.
    func entries(until last: String) async throws -> [[String: Any]] {
        var all: [[String: Any]] = []
        while true {
            let frame = try await receiveText()
            guard let list = try JSONSerialization.jsonObject(with: Data(frame.utf8)) as? [[String: Any]], !list.isEmpty else {
                throw ServerViolation(reason: frame)
            }
            all += list
            if list.contains(where: { Self.message($0) == last }) { return all }
        }
    }
}
