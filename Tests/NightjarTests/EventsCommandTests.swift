import Foundation
import NightjarTesting
import Testing

@testable import Nightjar

/// `nightjar triggers` and `nightjar events`, as processes.
@Suite("Triggers and events on the command line", .serialized, .timeLimit(.minutes(5)))
struct EventsCommandTests {
    private static let recording = ServerProcess.root.path + "/Scripts/ps2/recordings/evening.jsonl"

    /// Runs a replay with the shipped scripts.
    private func replay(_ arguments: [String], triggers: String = "rank_up,mutual_death,alert_board") throws -> (status: Int32, output: String) {
        try ServerProcess.run(["events", "replay"] + arguments, environment: ["PS2_TRIGGERS": triggers])
    }

    @Test("a replay prints what the examples print, and a table")
    func replaysTheRecording() throws {
        let (status, output) = try replay([Self.recording, "--log-level", "error"])
        #expect(status == 0)
        #expect(
            output.split(separator: "\n").map(String.init) == [
                "Night Owl Ada has reached BR 34!", "Ben has reached BR 100!", "Skipping anonymous player",
                "2026-08-30 20:00:23+00:00: [Emerald] - Mutual death between Ada and Ben",
                "2026-08-30 20:00:45+00:00: [Emerald] - Mutual death between Cleo and Ben",
                "2026-08-30 20:01:11+00:00: [Emerald] - Mutual death between 5428010618020694593 and Ada",
                "42 lines replayed, 23 events, 1 skipped, 1 dropped as duplicates",
                "trigger        seen  fired  errors  rejected by  events",
                "print_levelup     3      3       0  –            BattleRankUp",
                "mutual_death     10     10       0  –            Death",
                "alert_board       4      4       0  –            MetagameEvent",
            ])
    }

    @Test("a replay can show what one trigger remembers, and takes its time when it is told to")
    func replaysSlowly() throws {
        let files = try TestFiles([
            "two.jsonl": """
                {"at":1788120000000,"message":{"payload":{"event_name":"BattleRankUp","battle_rank":"2","character_id":"1","timestamp":"1788120000","world_id":"17","zone_id":"8"},"service":"event","type":"serviceMessage"}}
                {"payload":{"event_name":"BattleRankUp","battle_rank":"3","character_id":"1","timestamp":"1788120004","world_id":"17","zone_id":"8"},"service":"event","type":"serviceMessage"}
                """
        ])
        let began = ContinuousClock.now
        let (status, output) = try replay([files.path("two.jsonl"), "--speed", "8", "--trigger", "print_levelup", "--log-level", "error"], triggers: "rank_up")
        #expect(status == 0 && ContinuousClock.now - began >= .milliseconds(500))
        #expect(output.contains("print_levelup  (Scripts/ps2/examples/rank_up.lua:6)") && output.contains("seen 2, fired 2"), "\(output)")
    }

    @Test(
        "what is no recording is told with file and line",
        arguments: [
            ("{\"at\":1,\"text\":\"x\"}\n\nnonsense\n", ":3: is no JSON object"), ("{\"at\":1,\"text\":\"x\"}\n{\"at\":2}\n", ":2: has none of message"),
            ("{\"nightjar_recording\":9}\n", ":1: is the beginning of a recording of another release"), ("[1]\n", ":1: is no JSON object"),
            ("{\"nightjar_recording\":1,\"package\":\"argus\",\"began\":1}\n", ":1: is the beginning of a recording of the package argus. nightjar argus parse FILE takes those."),
        ])
    func refusesWhatIsNoRecording(_ text: String, _ problem: String) throws {
        let files = try TestFiles(["bad.jsonl": text])
        let (status, output) = try replay([files.path("bad.jsonl"), "--log-level", "error"])
        #expect(status == 1 && output.contains("nightjar: \(files.path("bad.jsonl"))\(problem)"), "\(output)")
    }

    @Test("without an option a recording ends after a million messages or a gigabyte")
    func endsByItself() throws {
        let help = try ServerProcess.run(["events", "record", "--help"]).output
        #expect(help.contains("(default: 1000000)") && help.contains("(default: 1024)"), "\(help)")
    }

    @Test("long lines are played, and one that is too long is told")
    func replaysLongLines() throws {
        let line = #"{"at":1788120000000,"text":"\#(String(repeating: "x", count: 100_000))"}"#
        let files = try TestFiles([
            "long.jsonl": Array(repeating: line, count: 12).joined(separator: "\n"),
            "bad.jsonl": #"{"at":1,"text":"\#(String(repeating: "x", count: 500_000))"}"#,
        ])
        let (status, output) = try replay([files.path("long.jsonl"), "--log-level", "error"])
        #expect(status == 0 && output.contains("12 lines replayed"), "\(output)")
        let bad = try replay([files.path("bad.jsonl"), "--log-level", "error"])
        #expect(bad.status == 1 && bad.output.contains("bad.jsonl:1: has more than"), "\(bad.output)")
    }

    @Test("Census is asked only with --online")
    func asksCensusWhenItIsTold() async throws {
        let census = """
            local nightjar = require "nightjar"
            nightjar.http.get("/get/:namespace/character", function()
              local row = { character_id = "1", name = { first = "Kim" }, title_id = "0" }
              return { json = { character_list = nightjar.json.array { row }, returned = 1 } }
            end)
            return {}
            """
        try await withTestServer(packages: ["fake_census": census]) { server in
            let files = try TestFiles([
                "config.json": #"{"packages":{"ps2":{"census_url":"http://127.0.0.1:\#(server.port)"}}}"#,
                "one.jsonl": #"{"payload":{"event_name":"BattleRankUp","battle_rank":"2","character_id":"1","timestamp":"1788120000","world_id":"17","zone_id":"8"},"service":"event","type":"serviceMessage"}"#,
            ])
            let arguments = [files.path("one.jsonl"), "--config", files.path("config.json"), "--log-level", "error"]
            #expect(try !replay(arguments, triggers: "rank_up").output.contains("Kim"))
            #expect(try replay(arguments + ["--online"], triggers: "rank_up").output.contains("Kim has reached BR 2!"))
        }
    }

    @Test("times of any size end no replay", arguments: ["0", "0.5", "1e300"])
    func playsTimesOfAnySize(_ speed: String) throws {
        let event = #""payload":{"event_name":"BattleRankUp","battle_rank":"2","character_id":"1","world_id":"17","zone_id":"8","timestamp":"#
        let files = try TestFiles([
            "odd.jsonl": """
                {\(event)"9223372036854775807"},"service":"event","type":"serviceMessage"}
                {"at":9000000000000000000,"message":{\(event)"1"},"service":"event","type":"serviceMessage"}}
                {"at":-9000000000000000000,"message":{\(event)"2"},"service":"event","type":"serviceMessage"}}
                """
        ])
        let (status, output) = try replay([files.path("odd.jsonl"), "--speed", speed, "--log-level", "error"], triggers: "rank_up")
        #expect(status == 0 && output.contains("3 lines replayed"), "\(output)")
    }

    @Test("mistakes are one line that says what to do")
    func tellsMistakes() throws {
        let files = try TestFiles(["Scripts/ps2/main.lua": "return {", "there.jsonl": ""])
        let empty = ["--data-dir", files.path("data")]
        for (arguments, words) in [
            (["events", "replay", files.path("none.jsonl")], "there is no such file that can be read"),
            (["events", "replay", Self.recording, "--scripts", files.path("Scripts")], "the package ps2 does not load"),
            (["events", "replay", Self.recording, "--package", "ps3"], "there is no package ps3"),
            (["events", "replay", Self.recording, "--speed", "-1"], "speed"),
            (["events", "record", files.path("new.jsonl")] + empty, "no server answers on"),
            (["events", "record", files.path("new.jsonl"), "--seconds", "1e300"] + empty, "--seconds from 0 to"),
            (["events", "record", files.path("new.jsonl"), "--megabytes", "9223372036854775807"] + empty, "--megabytes from 1 to"),
            (["triggers"] + empty, "no server answers on"),
            (["triggers", "x", "--event", "nothing"] + empty, "neither JSON nor a file"),
        ] {
            let (status, output) = try ServerProcess.run(arguments)
            #expect(status == 1 && output.contains(words), "\(arguments): \(output)")
        }
        #expect(!FileManager.default.fileExists(atPath: files.path("new.jsonl")))
    }

    @Test("a server's stream is recorded, explained and replayed")
    func recordsAndExplains() async throws {
        let fake = try String(contentsOfFile: ServerProcess.root.path + "/Tests/BrowserTests/streams/fake_stream/main.lua", encoding: .utf8)
        try await withTestServer(packages: ["fake_stream": fake]) { stream in
            let files = try TestFiles([
                "config.json": """
                    {"packages":{"ps2":{"ess_url":"ws://127.0.0.1:\(stream.port)/streaming","census":false,"triggers":["rank_up"]}}}
                    """
            ])
            let common = ["--data-dir", files.path("data"), "--config", files.path("config.json")]
            let server = try ServerProcess(arguments: ["--ephemeral"] + common, directory: files.url)
            defer { server.kill() }
            func say(_ lines: String) async throws -> Int { Int(try await stream.request("POST", "/say", body: lines).text) ?? 0 }
            try await eventually("the connection") { try await say(#"{"online":{},"service":"event","type":"heartbeat"}"#) == 1 }

            let event = #"{"payload":{"event_name":"BattleRankUp","battle_rank":"2","character_id":"5428010618015189713","timestamp":"1788120000","world_id":"17","zone_id":"8"},"service":"event","type":"serviceMessage"}"#
            let path = files.path("evening.jsonl")
            async let recorded = blocking { try ServerProcess.run(["events", "record", path, "--limit", "2"] + common) }
            try await eventually("the recorder's file") { FileManager.default.fileExists(atPath: path) }
            // What comes twice is recorded twice.
            _ = try await say(event + "\n" + event)
            let record = try await recorded
            #expect(record.status == 0 && record.output.contains("2 messages; that is the limit"), "\(record.output)")
            #expect(try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: event).count == 3)
            let again = try ServerProcess.run(["events", "record", path] + common)
            #expect(again.status == 1 && again.output.contains("is there already"))

            let brief = try ServerProcess.run(["events", "record", files.path("brief.jsonl"), "--seconds", "0.3"] + common)
            #expect(brief.status == 0 && brief.output.contains("messages; stopped"), "\(brief.output)")
            let large = files.path("large.jsonl")
            async let full = blocking { try ServerProcess.run(["events", "record", large, "--megabytes", "1"] + common) }
            try await eventually("the recorder's file") { FileManager.default.fileExists(atPath: large) }
            for _ in 1...20 { _ = try await say(String(repeating: "x", count: 100_000)) }
            let reached = try await full
            #expect(reached.status == 0 && reached.output.contains("1 MB are the limit"), "\(reached.output)")

            let untilStopped = Process()
            untilStopped.executableURL = try ServerProcess.executable()
            untilStopped.arguments = ["events", "record", files.path("stopped.jsonl")] + common
            untilStopped.standardOutput = FileHandle.nullDevice
            untilStopped.standardError = FileHandle.nullDevice
            try untilStopped.run()
            try await eventually("the recorder's file") { FileManager.default.fileExists(atPath: files.path("stopped.jsonl")) }
            untilStopped.interrupt()
            try await eventually("its end") { !untilStopped.isRunning }
            #expect(untilStopped.terminationStatus == 0 && untilStopped.terminationReason == .exit)

            let list = try ServerProcess.run(["triggers"] + common)
            #expect(list.status == 0 && list.output.contains("print_levelup     1      1"), "\(list.output)")
            let why = try ServerProcess.run(["triggers", "print_levelup", "--event", event.replacingOccurrences(of: "BattleRankUp", with: "Death")] + common)
            #expect(why.status == 1 && why.output.contains("this is no event: "), "\(why.output)")
            let fits = try ServerProcess.run(["triggers", "print_levelup", "--event", event] + common)
            #expect(fits.status == 0 && fits.output.contains("print_levelup: fires"), "\(fits.output)")
            #expect(try ServerProcess.run(["triggers", "print_levelup", "--log"] + common).output.contains("/streaming: open"))
            let slip = try ServerProcess.run(["triggers", "print_levelop"] + common)
            #expect(slip.status == 1 && slip.output.contains(#"did you mean "print_levelup"?"#), "\(slip.output)")
            #expect(try ServerProcess.run(["triggers", "--package", "nothing"] + common).output.contains("no package \"nothing\" that provides nothing.triggers"))

            let replayed = try ServerProcess.run(["events", "replay", path, "--config", files.path("config.json"), "--log-level", "error"])
            #expect(replayed.status == 0 && replayed.output.contains("2 lines replayed, 1 events, 0 skipped, 1 dropped as duplicates"), "\(replayed.output)")
            #expect(server.terminate() == 0)
        }
    }

    @Test("lines of scripts go to standard output, the log elsewhere")
    func writesToStandardOutput() throws {
        let files = try TestFiles([
            "Scripts/a/main.lua": """
                local nightjar = require "nightjar"
                nightjar.provide("a.triggers", function(question)
                  nightjar.output("a line of its own")
                  return { ok = true, lines = nightjar.json.array { "name " .. tostring(question.name) } }
                end)
                return {}
                """
        ])
        let common = ["--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games")]
        let server = try ServerProcess(arguments: ["--ephemeral"] + common, directory: files.url)
        defer { server.kill() }
        let (status, output) = try ServerProcess.run(["triggers", "x", "--package", "a"] + common)
        #expect(status == 0 && output == "name x\n")
        #expect(server.terminate() == 0)
        #expect(!(try String(contentsOf: server.logPath, encoding: .utf8)).contains("a line of its own"))
    }

    @Test("the variables of the package, and its listener")
    func settings() async throws {
        var settings = try await Settings.load(
            path: nil,
            environment: [
                "PS2_ESS_URL": "ws://127.0.0.1:9/streaming", "PS2_CENSUS_URL": "http://127.0.0.1:9", "PS2_SERVICE_ID": "s:x", "PS2_ENVIRONMENT": "ps2ps4eu",
                "PS2_BACKOFF_INITIAL": "0.5", "PS2_BACKOFF_MAX": "7", "PS2_TRIGGERS": "rank_up, mutual_death",
            ])
        #expect(
            settings.packageSettings["ps2"]?.mapValues { $0.replacingOccurrences(of: "\\/", with: "/") } == [
                "ess_url": #""ws://127.0.0.1:9/streaming""#, "census_url": #""http://127.0.0.1:9""#, "service_id": #""s:x""#,
                "environment": #""ps2ps4eu""#, "backoff_initial": "0.5", "backoff_max": "7", "triggers": #"["rank_up","mutual_death"]"#,
            ])
        try settings.addListener("ps2")
        #expect(settings.listeners["ps2"] == .init(host: "127.0.0.1", port: 5030))
        try settings.validate()
        try settings.addListener("ps2=0.0.0.0")
        let error = #expect(throws: SettingsError.self) { try settings.validate() }
        #expect(error?.code == "exposed_without_token" && error?.description.contains("PS2_TOKEN") == true)
        await #expect(throws: SettingsError.self) { try await Settings.load(path: nil, environment: ["PS2_BACKOFF_MAX": "long"]) }
    }
}
