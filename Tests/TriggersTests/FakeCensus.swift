import Foundation
import NightjarTesting

/// A data service of the test's own: a script on a server of the test kit. It knows a few characters, titles and worlds, and is
/// slow, wrong or broken when it is told to.
struct FakeCensus: Sendable {
    let server: TestServer

    private static let script = #"""
        local nightjar = require "nightjar"
        local M = {}

        -- What the next requests get: a list of modes; the last one stays.
        local modes, asked = { "right" }, {}

        local NAMES = { ["5428010618015189713"] = "Ada", ["5429026007696236657"] = "Ben", ["5429152843598287233"] = "Cleo" }
        local collections = {}

        function collections.character(query)
          local rows = {}
          for id in query.character_id:gmatch("[^,]+") do
            if NAMES[id] then
              -- In another order than they were asked for.
              table.insert(rows, 1, { character_id = id, name = { first = NAMES[id] }, title_id = NAMES[id] == "Ada" and "77" or "0" })
            end
          end
          return rows
        end
        function collections.title(query)
          return query.title_id == "77" and { { title_id = "77", name = { en = "Night Owl" } } } or {}
        end
        function collections.characters_world(query)
          local rows = {}
          for id in query.character_id:gmatch("[^,]+") do
            rows[#rows + 1] = {
              character_id = id, world_id = "17",
              world_id_join_world = { world_id = "17", state = "online", name = { en = "Emerald" } },
            }
          end
          return rows
        end
        function collections.metagame_event(query)
          return { { metagame_event_id = query.metagame_event_id, name = { en = "Indar Superiority" } } }
        end

        local answers = {}
        function answers.right(collection, query)
          local make = collections[collection]
          if not make then return { body = '{"error":"No data found."}' } end
          local rows = make(query)
          -- The service calls it text.
          return { body = nightjar.json.encode { [collection .. "_list"] = nightjar.json.array(rows), returned = #rows } }
        end
        function answers.slow(collection, query)
          nightjar.event.wait("go", 25)
          return answers.right(collection, query)
        end
        function answers.unavailable() return { body = '{"error":"service_unavailable"}' } end
        function answers.redirect() return { status = 302, headers = { location = "https://example.org/" }, body = "" } end
        function answers.garbage() return { body = "<html>maintenance" } end
        function answers.broken() return { status = 500, body = "no" } end
        function answers.limited() return { body = '{"error":"Missing Service ID.  A valid Service ID is required"}' } end

        nightjar.http.get("/get/:namespace/:collection", function(request)
          local query = request.query
          asked[#asked + 1] = request.path .. "?" .. nightjar.json.encode(query, { sort = true })
          local mode = #modes > 1 and table.remove(modes, 1) or modes[1]
          return answers[mode](request.params.collection, query)
        end)
        nightjar.http.post("/modes", function(request)
          modes = nightjar.json.decode(request.body)
          return "ok"
        end)
        nightjar.http.post("/go", function() nightjar.event.notify("go") return "ok" end)
        nightjar.http.get("/asked", function() return { json = nightjar.json.array(asked) } end)
        return M
        """#

    init() async throws { server = try await TestServer(packages: ["census": Self.script]) { $0.logLevel = nil } }

    /// What `PS2_CENSUS_URL` is.
    var url: String { "http://127.0.0.1:\(server.port)" }

    /// What the next requests get: `right`, `slow`, `unavailable`, `redirect`, `garbage`, `broken`, `limited`; the last one stays.
    func modes(_ modes: String...) async throws {
        let list = modes.map { #""\#($0)""# }.joined(separator: ",")
        _ = try await server.request("POST", "/modes", body: "[\(list)]")
    }

    /// Lets the slow ones answer.
    func go() async throws { _ = try await server.request("POST", "/go") }

    func asked() async throws -> [String] {
        let text = try await server.get("/asked")
        return try JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    func stop() async { await server.stop() }
}
