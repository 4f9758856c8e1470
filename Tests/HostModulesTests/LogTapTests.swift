import Logging
import NightjarTesting
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// `nightjar.log.listen` in a running server.
@Suite("Listening to the log", .timeLimit(.minutes(1)))
struct LogTapTests {
    /// A package that keeps what it is given: `/NAME/wait/N` waits for N lists, `/NAME/until/TEXT` for a line, and both answer
    /// with all messages so far, lists separated by `|`.
    private func listener(_ name: String, _ body: String = "", more: String = "") -> String {
        """
        local nightjar = require "nightjar"
        local lists, all = {}, ""
        local function keep(list)
          local texts = {}
          for i, line in ipairs(list) do texts[i] = line.message end
          lists[#lists + 1] = table.concat(texts, ",")
          all = table.concat(lists, "|")
        end
        nightjar.log.listen(function(list)
          keep(list)
          nightjar.spawn(function() nightjar.event.notify("list") end)
          \(body)
        end)
        nightjar.http.get("/\(name)/wait/:count", function(request)
          while #lists < tonumber(request.params.count) do nightjar.event.wait("list", 10) end
          return all
        end)
        nightjar.http.get("/\(name)/until/:text", function(request)
          while not all:find(request.params.text, 1, true) do nightjar.event.wait("list", 10) end
          return all
        end)
        nightjar.http.get("/\(name)/say/:text", function(request)
          nightjar.log.info(request.params.text)
          return "said"
        end)
        \(more)
        return { workers = "one" }
        """
    }

    @Test("lines come whole and in order: the server's and those of scripts")
    func lines() async throws {
        let server = try await TestServer.listened([
            "ears": """
                local nightjar = require "nightjar"
                local text = {}
                nightjar.log.listen(function(list)
                  for _, line in ipairs(list) do text[#text + 1] = nightjar.json.encode(line, { sort = true }) end
                  nightjar.event.notify("list")
                end)
                nightjar.http.get("/lines/:count", function(request)
                  while #text < tonumber(request.params.count) do nightjar.event.wait("list", 10) end
                  return table.concat(text, "\\n")
                end)
                return {}
                """,
            "mouth": """
                local nightjar = require "nightjar"
                nightjar.http.get("/say", function()
                  nightjar.log.warn("odd", { who = "ann\\27", unit = "forged", generation = 99, list = { 1 } })
                  print("printed")
                  return "said"
                end)
                return {}
                """,
        ])
        server.logger.debug("one", metadata: ["b": "2", "a": "1"])
        #expect(try await server.get("/say") == "said")
        let lines = try await server.get("/lines/5").split(separator: "\n").map(String.init)
        // The package that listens is loaded first and hears of it; then comes the other one.
        #expect(lines.count == 5)
        for (index, name) in ["ears", "mouth"].enumerated() {
            #expect(lines[index].contains("\"unit\":\"\(name)\"") && lines[index].contains("\"message\":\"loaded"), "\(lines)")
        }
        #expect(lines[2] == #"{"fields":{"a":"1","b":"2"},"level":"debug","message":"one","text":"12:34:56:007 [DEBUG] one a=1 b=2","time":45296007}"#)
        #expect(lines[3] == #"{"fields":{"list":"[1]","who":"ann?"},"generation":2,"level":"warn","message":"odd","text":"12:34:56:007 [WARN] odd unit=mouth generation=2 list=[1] who=ann?","time":45296007,"unit":"mouth"}"#)
        #expect(lines[4] == #"{"fields":{},"generation":2,"level":"info","message":"printed","text":"12:34:56:007 [INFO] printed unit=mouth generation=2","time":45296007,"unit":"mouth"}"#)
        await server.stop()
    }

    @Test("the configured level decides")
    func level() async throws {
        let server = try await TestServer.listened(["ears": listener("ears")], level: .warning)
        server.logger.info("no")
        server.logger.warning("a")
        server.logger.critical("b")
        #expect(try await server.get("/ears/until/b").replacing("|", with: ",") == "a,b")
        await server.stop()
    }

    @Test("what a listener logs, and its errors, do not come back to any listener", arguments: [
        #"nightjar.log.error("mine")"#, #"print("mine")"#, #"error("mine")"#, #"nightjar.sleep(0) nightjar.log.info("mine")"#,
        #"nightjar.sleep(0) error("mine")"#, #"local t = nil; t.x = 1"#, "while true do end",
    ])
    func feedback(_ body: String) async throws {
        // The effects of a handler that raises are dropped, so the other package tells when a list has come.
        let server = try await TestServer.listened(["bad": listener("bad", body), "ears": listener("ears")], level: .warning)
        for (count, text) in ["a", "b", "c"].enumerated() {
            server.logger.warning("\(text)")
            let heard = try await server.get("/ears/until/\(text)")
            #expect(heard == ["a", "a|b", "a|b|c"][count], "only lines of others")
        }
        // Of the lists that came to the bad one none has a line that it brought about.
        let got = try await server.get("/bad/until/b")
        #expect(["a|b", "a|b|c"].contains(got), "\(got)")
        await server.stop()
    }

    @Test("what a listener brings about indirectly stays a trickle")
    func echo() async throws {
        let server = try await TestServer.listened([
            "echo": listener("echo", "nightjar.spawn(function() for _ = 1, 3 * #list do nightjar.log.warn('echo') end end)"),
        ], level: .warning)
        server.logger.warning("a")
        let lists = try await server.get("/echo/wait/6").split(separator: "|")
        #expect(lists.count >= 6)
        for list in lists {
            #expect(list.split(separator: ",").count { $0 == "echo" } <= LogQueue.ownLinesMax, "\(list)")
        }
        await server.stop()
    }

    @Test("while a handler waits lines are kept, up to the limits, and the number of missing ones is told")
    func burst() async throws {
        let server = try await TestServer.listened(["ears": """
            local nightjar = require "nightjar"
            local lists = {}
            nightjar.log.listen(function(list)
              lists[#lists + 1] = list
              nightjar.event.notify("list")
              if #lists == 1 then nightjar.event.wait("go", 20) end
            end)
            nightjar.http.get("/list/:number", function(request)
              local number = tonumber(request.params.number)
              while not lists[number] do nightjar.event.wait("list", 10) end
              local list = lists[number]
              return #list .. " " .. list[1].message .. " " .. (list[#list].fields.count or "-")
            end)
            nightjar.http.get("/go", function()
              nightjar.event.notify("go")
              return "gone"
            end)
            return {}
            """], level: .warning)
        server.logger.warning("first")
        #expect(try await server.get("/list/1") == "1 first -")
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask { for _ in 0..<1_000 { server.logger.warning("x") } }
            }
        }
        #expect(try await server.get("/go") == "gone")
        #expect(try await server.get("/list/2") == "\(LogQueue.linesMax + 1) x \(4_000 - LogQueue.linesMax)")
        server.logger.warning("last")
        #expect(try await server.get("/list/3") == "1 last -")
        await server.stop()
    }

    @Test("a reload loses no line: what waits goes to the new generation")
    func reload() async throws {
        let keeping = """
            local nightjar = require "nightjar"
            nightjar.log.listen(function(list)
              local seen = nightjar.state.get("seen", "")
              for _, line in ipairs(list) do
                if line.message:find("^%d+$") then seen = seen .. line.message .. " " end
              end
              nightjar.state.set("seen", seen)
              nightjar.event.notify("list")
            end)
            nightjar.http.get("/seen/:last", function(request)
              while not nightjar.state.get("seen", ""):find(" " .. request.params.last .. " ", 1, true) do
                nightjar.event.wait("list", 10)
              end
              return nightjar.state.get("seen")
            end)
            return {}
            """
        let server = try await TestServer.listened(["ears": keeping])
        for index in 1...60 {
            server.logger.info("\(index)")
            if index % 20 == 0 {
                server.save("Scripts/ears/main.lua", keeping + "\n-- \(index)")
                #expect(try await server.reloadEvents().map { $0.error == nil } == [true])
            }
        }
        #expect(try await server.get("/seen/60") == (1...60).map { "\($0) " }.joined())
        await server.stop()
    }

    @Test("a package that listens no more hears nothing more")
    func end() async throws {
        let server = try await TestServer.listened(["ears": listener("ears")])
        #expect(server.tap.isListening)
        server.save("Scripts/ears/main.lua", "return {}")
        _ = try await server.reloadEvents()
        #expect(!server.tap.isListening)
        server.save("Scripts/ears/main.lua", listener("ears"))
        _ = try await server.reloadEvents()
        #expect(server.tap.isListening)
        #expect(try await server.get("/ears/say/hello") == "said")
        #expect(try await server.get("/ears/until/hello").contains("hello"), "a package hears its own lines")
        server.folder.remove("Scripts/ears")
        _ = try await server.reloadEvents()
        #expect(!server.tap.isListening)
        await server.stop()
    }

    @Test("a package on every worker listens on every worker")
    func everywhere() async throws {
        let server = try await TestServer.listened(["ears": """
            local nightjar = require "nightjar"
            nightjar.log.listen(function(list)
              for _, line in ipairs(list) do
                if line.message == "x" then nightjar.store.increment("heard") nightjar.publish("heard", true) end
              end
            end)
            nightjar.subscribe("heard", function() nightjar.event.notify("heard") end)
            nightjar.http.get("/heard", function()
              while (nightjar.store.get("heard") or 0) < 3 do nightjar.event.wait("heard", 10) end
              return tostring(nightjar.store.get("heard"))
            end)
            return { workers = "all" }
            """], workers: 3, level: .warning)
        server.logger.warning("x")
        #expect(try await server.get("/heard") == "3")
        await server.stop()
    }

    @Test("it is declared once, while loading")
    func declaration() async throws {
        let server = try await TestServer.listened(["ears": """
            local nightjar = require "nightjar"
            nightjar.http.get("/late", function() return tostring(pcall(nightjar.log.listen, print)) end)
            return {}
            """])
        #expect(try await server.get("/late") == "false")
        server.save("Scripts/ears/main.lua", listener("ears", more: "nightjar.log.listen(print)"))
        let problems = try await server.reloadEvents().map(ReloadList.text)
        #expect(problems.count == 1 && problems[0].contains("log.listen is called twice"), "\(problems)")
        #expect(!server.tap.isListening)
        await server.stop()
    }

    @Test("what is logged after the end reaches nobody and breaks nothing")
    func late() async throws {
        let server = try await TestServer.listened(["ears": listener("ears")])
        #expect(server.tap.isListening)
        await server.stop()
        #expect(!server.tap.isListening)
        server.logger.error("after the end")
        #expect(server.log.all.last?.message == "after the end")
    }
}

extension TestServer {
    /// A server whose log is to be listened to. Its clock stands at 12:34:56.007.
    fileprivate static func listened(
        _ packages: [String: String], workers: Int = 1, level: Logger.Level = .trace
    ) async throws -> TestServer {
        try await TestServer(packages: packages, workers: workers) {
            $0.logLevel = level
            $0.clock = ManualClock(now: 45_296_007)
        }
    }
}
