import Foundation
import NightjarTesting
import Testing

@testable import Nightjar

/// `nightjar argus`, as processes.
@Suite("Argus on the command line", .serialized, .timeLimit(.minutes(10)))
struct CommandTests {
    private static let root = TestFolder.project(of: #filePath)

    /// Runs a command of the built executable.
    private func run(_ arguments: [String], of command: String = "argus", input: String? = nil, ends: Bool = false, environment: [String: String] = [:]) async throws -> (status: Int32, output: String, errors: String) {
        try await blocking {
            // The end of the input is left open, as the game leaves it, unless the test says otherwise.
            let ended = try EndedProcess.run(
                BuiltExecutable.url("nightjar", of: #filePath), [command] + arguments, in: Self.root, environment: environment, input: input,
                leavesInputOpen: input != nil && !ends)
            return (ended.status, ended.output, ended.errors)
        }
    }

    /// The lines without the time before each.
    private func lines(_ output: String) -> [String] {
        output.split(separator: "\n").map { line in
            #expect(line.prefixMatch(of: /[0-9]{2}:[0-9]{2}:[0-9]{2}[ ]/) != nil, "\(line)")
            return String(line.dropFirst(9))
        }
    }

    @Test("eight lines on standard input are sent, and a built-in run is; the exit status is 0")
    func sends() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let folder = TestFolder()
            folder.write("cache/argus_token.ini", "[DEFAULT]\nargus_token = \(token)\n")
            let environment = ["ARGUS_BACKEND_URL": "http://127.0.0.1:\(server.port)"]
            let eight = ["  Common;;ZeusWeaponBoon ", "NOWEAPONS", "NOFAMILIARS", "NOEXTRAS", "NOELEMENTS", "NOPINS", "NOVOWS", "NOARCANA\r"].joined(separator: "\n") + "\n"
            let sent = try await run(["send", "--pluginpath", folder.path], input: eight, environment: environment)
            #expect(sent.status == 0 && sent.errors == "")
            #expect(
                lines(sent.output) == [
                    "checking token \(token) and got response token_ok", "Logged in user: \(token)", "Boon list: Common;;ZeusWeaponBoon", "Weapon: NOWEAPONS",
                    "Familiar: NOFAMILIARS", "Extras: NOEXTRAS", "Elements: NOELEMENTS", "Pins: NOPINS", "Vows: NOVOWS", "Arcana: NOARCANA", "Response: 200",
                ])
            #expect(try await server.runData(server.ticket(channel: "4711")).text.contains("ZeusWeaponBoon"))
            for (arguments, found) in [(["--test", "minimal"], "ApolloWeaponBoon"), (["--test", "doubleboon"], "PoseidonSplashSprintBoon"), (["--generate"], "weaponData")] {
                #expect(lines(try await run(["send", "--pluginpath", folder.path] + arguments, environment: environment).output).last == "Response: 200")
                #expect(try await server.runData(server.ticket(channel: "4711")).text.contains(found))
            }
            let state = #"{"CurrentRun":{"Hero":{"Traits":[{"Name":"DaggerBlockAspect","Rarity":"Rare","Slot":"Aspect"}]}},"GameState":{}}"#
            let raw = try await run(["send", "--pluginpath", folder.path, "--state"], input: state + "\n", environment: environment)
            #expect(lines(raw.output).suffix(2) == ["Game state: \(state.utf8.count) bytes", "Response: 200"])
        }
    }

    @Test("a login reads no input, and without a token a run is not sent: both say so, and the exit status is 0")
    func endsWell() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let folder = TestFolder(), empty = TestFolder()
            folder.write("cache/argus_token.ini", "[DEFAULT]\nargus_token = \(token)\n")
            let environment = ["ARGUS_BACKEND_URL": "http://127.0.0.1:\(server.port)"]
            // The input stays open: who reads it waits for good.
            let login = try await run(["send", "--pluginpath", folder.path, "--login"], input: "", environment: environment)
            #expect(login.status == 0 && login.errors == "")
            #expect(
                lines(login.output) == [
                    "Doing argus login...", "checking token \(token) and got response token_ok", "Skipping auth. Already have token in config file.",
                ])
            let sent = try await run(["send", "--pluginpath", empty.path, "--test", "test2"], environment: environment)
            #expect(sent.status == 0 && sent.errors == "" && lines(sent.output) == ["Failed to read token from config file. :("], "\(sent)")
        }
    }

    @Test("options that make no sense have exit status 2, input that ends too soon 1")
    func refusesOptions() async throws {
        for (arguments, input, status, words) in [
            ([], nil, 2, "--pluginpath is required"), (["--pluginpath", "/tmp", "--test", "test3"], nil, 2, "there is no built-in run \"test3\""),
            (["--pluginpath", "/tmp", "--login", "--generate"], nil, 2, "cannot be said together"), (["--pluginpath", "/tmp", "--backend", "argus", "--generate"], nil, 2, "the server's address"),
            (["--pluginpath", "/tmp"], nil, 1, "ended after 0 of 8 lines"), (["--pluginpath", "/tmp", "--state"], "[]\n", 1, "one JSON object is expected"),
        ] as [([String], String?, Int32, String)] {
            let answer = try await run(["send"] + arguments, input: input)
            #expect(answer.status == status && answer.errors.contains(words) && answer.output == "", "\(arguments): \(answer)")
        }
    }

    @Test("a run, a game state and a recording are parsed without a server, and what is odd is told")
    func parses() async throws {
        let folder = TestFolder()
        folder.write("run.json", #"{"boonData":"Common;;ZeusWeaponBoon Rare;;NoSuchBoon","weaponData":"Rare;;DaggerBlockAspect"}"#)
        folder.write("bad.json", #"{"boonData":"#)
        folder.write(
            "two.jsonl", """
                {"nightjar_recording":1,"package":"argus","began":1}
                {"at":1763000000000,"channel":"4711","message":{"argusProtocolVersion":"2","runData":{"boonData":"Common;;HeraWeaponBoon"}}}
                {"at":1763000001000,"channel":"4711","message":{"argusProtocolVersion":"2","runData":{"boonData":"Common;;AresWeaponBoon"}}}

                """)
        let data = ["--data-dir", folder.path + "/data"]
        let one = try await run(["parse", folder.path + "/run.json"] + data)
        #expect(one.status == 0 && one.output.contains(#""codeName":"ZeusWeaponBoon""#) && one.errors.contains("NoSuchBoon"), "\(one)")
        #expect((try JSONSerialization.jsonObject(with: Data(one.output.utf8)) as? [String: Any])?["totalRunItems"] as? String == "2")
        let two = try await run(["parse", folder.path + "/two.jsonl"] + data)
        #expect(two.status == 0 && two.output.split(separator: "\n").count == 2 && two.output.contains("HeraWeaponBoon") && two.output.contains("AresWeaponBoon"), "\(two)")
        let bad = try await run(["parse", folder.path + "/bad.json"] + data)
        #expect(bad.status == 1 && bad.output == "" && !bad.errors.isEmpty)
        let none = try await run(["parse", folder.path + "/none.json"] + data)
        #expect(none.status == 1 && none.errors.contains("there is no such file"))
        let piped = try await run(["parse", "-"] + data, input: "return { Traits = { { Name = 'DaggerBlockAspect', Slot = 'Aspect' } } }", ends: true)
        #expect(piped.status == 0 && piped.output.contains("DaggerBlockAspect"), "\(piped)")
        let replayed = try await run(["replay", folder.path + "/two.jsonl", "--package", "argus"] + data, of: "events")
        #expect(replayed.status == 1 && replayed.errors.contains("nightjar argus parse"), "\(replayed)")
    }

    @Test("a mapping is checked and installed; one with a mistake is told with its place and not installed")
    func installsMappings() async throws {
        let folder = TestFolder()
        let shipped = try String(contentsOfFile: Self.root + "/Scripts/argus/data/ui_mappings.json", encoding: .utf8)
        folder.write("good.json", shipped)
        folder.write("broken.json", "{\n  \"boons\": {\n    oops\n  }\n}\n")
        let place = "data/packages/argus/data/ui_mappings.json", data = ["--data-dir", folder.path + "/data"]
        let broken = try await run(["mappings", folder.path + "/broken.json"] + data)
        #expect(broken.status == 1 && broken.output.contains("3") && !folder.contains(place), "\(broken)")
        let checked = try await run(["mappings", folder.path + "/good.json", "--check"] + data)
        #expect(checked.status == 0 && checked.output.contains("boons") && !folder.contains(place), "\(checked)")
        let good = try await run(["mappings", folder.path + "/good.json"] + data)
        #expect(good.status == 0 && good.output.contains("installed as"), "\(good)")
        #expect(try folder.read(place) == shipped)
    }

    @Test("a running server says who has logged in and what it did not know, and takes a mapping over while it runs")
    func asksTheServer() async throws {
        let folder = TestFolder()
        folder.write("games/.keep", "")
        let twitch = try await FakeTwitch(clock: nil)
        defer { Task { await twitch.stop() } }
        folder.write(
            "config.json",
            #"{"packages":{"argus":{"auth_url":"\#(twitch.url)","api_url":"\#(twitch.url)","public_url":"http://argus.example"}},"secrets":{"argus":{"client":"\#(FakeTwitch.clientSecret)"}}}"#)
        let common = ["--config", folder.path + "/config.json", "--data-dir", folder.path + "/data"]
        let process = Process()
        process.executableURL = try BuiltExecutable.url("nightjar", of: #filePath)
        process.currentDirectoryURL = URL(fileURLWithPath: Self.root)
        process.arguments = ["serve", "--port", "0", "--listen", "argus=127.0.0.1:0", "--ephemeral", "--port-file", folder.path + "/port"] + common
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        try await eventually("the server") { folder.contains("port") }
        let port = try #require(Int(try folder.read("port.argus").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(try await run(["tokens"] + common).output.contains("nobody has logged in yet"))
        let back = try await twitch.visit(ArgusServer.authorize(state: "s")).dropFirst(ArgusServer.publicURL.count)
        _ = try await HTTPTestClient.request(port: port, "GET", String(back))
        let token = try await HTTPTestClient.request(port: port, "POST", "/get_argus_token", body: Array(#"{"state":"s"}"#.utf8)).text
        let list = try await run(["tokens"] + common)
        #expect(list.status == 0 && list.output.contains("4711") && !list.output.contains(token), "\(list)")
        // What no list knows.
        let state = #"{"argusToken":"\#(token)","gameState":{"CurrentRun":{"Hero":{"Traits":[{"Name":"DaggerBlockAspect","Rarity":"Rare","Slot":"Aspect"},{"Name":"BrandNewBoon","Rarity":"Epic"}]}},"GameState":{}}}"#
        #expect(try await HTTPTestClient.request(port: port, "POST", "/run_info", body: Array(state.utf8)).text == "ok")
        let unknown = try await run(["unknown"] + common)
        #expect(unknown.status == 0 && unknown.output.contains("BrandNewBoon"), "\(unknown)")
        // What comes is recorded, without its token, and can be parsed.
        let recorded = folder.path + "/evening.jsonl"
        async let recording = run(["record", recorded, "--package", "argus", "--limit", "1"] + common, of: "events")
        try await eventually("a recorded run") {
            _ = try await HTTPTestClient.request(port: port, "POST", "/run_info", body: Array(state.utf8))
            return (try? folder.read("evening.jsonl"))?.contains("DaggerBlockAspect") == true
        }
        let ended = try await recording
        #expect(ended.status == 0, "\(ended)")
        #expect(try !folder.read("evening.jsonl").contains(token))
        let parsed = try await run(["parse", recorded, "--data-dir", folder.path + "/other"])
        #expect(parsed.status == 0 && parsed.output.contains("DaggerBlockAspect"), "\(parsed)")
        // The server takes the mapping over by itself.
        let shipped = try String(contentsOfFile: Self.root + "/Scripts/argus/data/ui_mappings.json", encoding: .utf8)
        folder.write("mine.json", shipped + "\n")
        let before = try await HTTPTestClient.request(port: port, "GET", "/argus/mapping")["etag"]
        #expect(try await run(["mappings", folder.path + "/mine.json"] + common).status == 0)
        try await eventually("the mapping") { try await HTTPTestClient.request(port: port, "GET", "/argus/mapping")["etag"] != before }
        // Tokens are taken back.
        #expect(try await run(["tokens", "--erase", "4712"] + common).status == 1)
        #expect(try await run(["tokens", "--erase", "4711"] + common).status == 0)
        #expect(try await HTTPTestClient.request(port: port, "GET", "/check_argus_token?argus_token=\(token)").text == "token_not_ok")
        #expect(try await run(["tokens", "--erase-all"] + common).status == 0)
    }

    @Test("without a server there is nobody to ask")
    func tellsThatThereIsNoServer() async throws {
        let folder = TestFolder()
        for command in ["tokens", "unknown"] {
            let answer = try await run([command, "--data-dir", folder.path])
            #expect(answer.status == 1 && answer.errors.contains("no server answers on"))
        }
        #expect(try await run(["tokens", "--erase", "1", "--erase-all"]).errors.contains("Say one of them"))
    }
}
