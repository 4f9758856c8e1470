import Foundation
import Games
import NIOCore
import NightjarTesting
import Store
import Testing

/// The shipped back office on a server of its own, and before it a post that makes trouble on request: `/rgs-api/…` of the listener
/// `main` passes everything on to the back office as its mode says.
struct BackOfficeServer {
    let server: TestServer
    /// Orders failures of its books.
    let faults = StoreFaults()

    /// What the post does with a request.
    enum Mode: String, CaseIterable {
        case fine
        /// Answers 503; nothing gets through.
        case down
        /// Passes on after a second and a half.
        case slow
        /// Passes on, and then says 503: the answer is lost, so that everything comes again.
        case lost
        /// Passes everything on twice.
        case twice
        /// Answers every other request by 503.
        case shaky
    }

    static let post = """
        local nightjar = require "nightjar"
        local mode, target, count = "fine", nil, 0
        local holds, held = "", 0
        nightjar.http.post("/mode", function(request) mode = request.body return "" end)
        nightjar.http.post("/target", function(request) target = request.body return "" end)
        nightjar.http.get("/count", function() return tostring(count) end)
        nightjar.http.post("/hold", function(request)
          holds = request.body
          if holds == "" then nightjar.event.notify "go on" end
          return ""
        end)
        nightjar.http.get("/held", function() return tostring(held) end)
        local function ask(request)
          local answer, code = nightjar.http.fetch {
            url = target .. request.path, method = request.method, body = request.body,
            headers = { ["content-type"] = "application/json" },
          }
          return answer or { status = 502, body = code }
        end
        local function pass(request)
          count = count + 1
          local now = mode
          if holds ~= "" and (request.method .. " " .. request.path):find(holds, 1, true) == 1 then
            held = held + 1
            nightjar.event.wait("go on", 25)
          end
          if now == "down" or (now == "shaky" and count % 2 == 0) then return { status = 503, body = "" } end
          if now == "slow" then nightjar.sleep(1.5) end
          local answer = ask(request)
          if now == "twice" then answer = ask(request) end
          if now == "lost" then return { status = 503, body = "" } end
          return { status = answer.status, body = answer.body }
        end
        for _, method in ipairs { "get", "post", "delete" } do nightjar.http[method]("/rgs-api/*", pass) end
        return {}
        """

    /// - Parameter sites: File name → text, besides the shipped ones.
    init(sites: [String: String] = [:], folder: TestFolder? = nil) async throws {
        let project = TestFolder.project(of: #filePath)
        var options = ServerOptions()
        options.folder = folder
        for name in ["Scripts/backoffice", "Scripts/lib"] { options.copies[name] = project + "/" + name }
        options.files["Scripts/post/main.lua"] = Self.post
        for (name, text) in sites { options.files["Scripts/backoffice/sites/" + name] = text }
        options.listeners = ["backoffice", "main"]
        options.faults = faults
        server = try await TestServer(options)
        try await say("/target", "http://127.0.0.1:\(server.port)")
    }

    /// What a server of games is told as `rgs_base`.
    var base: String { "http://127.0.0.1:\(server.ports["main"] ?? 0)/rgs-api/" }

    private func say(_ path: String, _ text: String) async throws {
        let answer = try await HTTPTestClient.request(port: server.ports["main"] ?? 0, "POST", path, body: Array(text.utf8))
        #expect(answer.status == 200)
    }

    func become(_ mode: Mode) async throws { try await say("/mode", mode.rawValue) }

    /// From now on requests that begin like `start`, method and path, get no answer until `release`.
    func hold(_ start: String) async throws { try await say("/hold", start) }

    func release() async throws { try await say("/hold", "") }

    /// How many requests were held so far.
    func held() async throws -> Int? { try await Int(HTTPTestClient.request(port: server.ports["main"] ?? 0, "GET", "/held").text) }

    /// From now on the post passes on to another back office.
    func handOver(to other: BackOfficeServer) async throws { try await say("/target", "http://127.0.0.1:\(other.server.port)") }

    /// A server of games with this back office. `file`: the text of its own site file `demo`, nil: none.
    func casino(file: String? = #"{"id":"demo","initial_credits":1000,"games":{"coin_toss":{}}}"#, _ set: (inout ServerOptions) -> Void = { _ in }) async throws -> TestServer {
        var options = ServerOptions.casino()
        options.debug = false
        options.settings["casino"] = #"{"rgs_base":"\#(base)"}"#
        options.casino?.reportsToBackOffice = true
        options.casino?.playerReportInterval = .milliseconds(200)
        if let file { options.files["Scripts/casino/sites/demo.json"] = file } else { options.files["Scripts/casino/sites/demo.json"] = #"{"id":"other","games":{}}"# }
        set(&options)
        return try await TestServer(options)
    }

    // MARK: The books

    /// A request of the page, answered with a JSON object.
    func book(_ path: String) async throws -> [String: Any] {
        let answer = try await server.request("GET", "/books/" + path)
        guard answer.status == 200 else { return ["status": answer.status] }
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    func rows(_ path: String) async throws -> [[String: Any]] { try await book(path)["rows"] as? [[String: Any]] ?? [] }

    /// The totals of a game.
    func totals(_ game: String = "coin_toss") async throws -> [String: Any]? {
        (try await book("overview")["games"] as? [[String: Any]])?.first { $0["game"] as? String == game }
    }

    func rounds(_ game: String = "coin_toss") async throws -> Int { try await totals(game)?["rounds"] as? Int ?? 0 }

    func stop() async {
        let errors = server.scriptErrors
        await server.stop()
        #expect(errors.isEmpty, "\(errors)")
    }
}

extension WireSession {
    /// Plays rounds of Coin Toss with a stake of 5, each to its end.
    func toss(_ count: Int) throws {
        for _ in 0..<count {
            try act("toss", #"{"call":"heads","amount":5}"#)
            if try state().gameName == "won" {
                try act("take")
                try state()
            }
        }
    }
}
