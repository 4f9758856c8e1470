import Foundation
import NightjarTesting
import Synchronization
import Testing

@testable import Nightjar

@Suite("Argus: the client", .timeLimit(.minutes(5)))
struct SenderTests {
    /// A folder of a mod.
    private func folder(_ files: [String: String] = [:]) -> TestFolder {
        let folder = TestFolder()
        for (name, text) in files { folder.write(name, text) }
        return folder
    }

    /// What a client does here: its lines, the addresses it has opened, its pauses.
    private final class Told {
        var lines: [String] = []
        var addresses: [String] = []
        var pauses: [Duration] = []
    }

    private func sender(_ server: ArgusBackend, _ folder: TestFolder, _ told: Told, opened: @escaping (String) async throws -> Void = { _ in }) -> ArgusSender {
        ArgusSender(
            backend: server, file: ArgusTokenFile(folder: folder.path), authURL: "https://id.example", clientID: "the-id", log: { told.lines.append($0) },
            browse: { told.addresses.append($0) },
            wait: { pause in
                told.pauses.append(pause)
                if told.pauses.count == 1, let address = told.addresses.first { try await opened(address) }
            })
    }

    private func state(of address: String) -> String { address.firstMatch(of: /state=([0-9a-f]{32})&/).map { String($0.1) } ?? "" }

    @Test("a login: the address of the published clients, a poll a second, the token in the file, then a run is sent")
    func logsInAndSends() async throws {
        try await withArgus { server async throws in
            let folder = folder(), told = Told()
            try await ArgusBackend.with("http://127.0.0.1:\(server.port)/") { backend in
                let sender = sender(backend, folder, told) { address async throws in
                    // The person at the browser.
                    #expect(address.hasPrefix("https://id.example/oauth2/authorize?response_type=code&client_id=the-id&state="))
                    #expect(address.hasSuffix("&redirect_uri=http://127.0.0.1:\(server.port)/oauth_token&scope=openid&claims=%7B%22userinfo%22%3A+%7B%22picture%22%3Anull%7D%7D"))
                    #expect(try await server.browse(state: state(of: address)) == "/auth_success.html")
                }
                try await sender.login()
                let token = try #require(ArgusTokenFile(folder: folder.path).read().token)
                #expect(
                    told.lines == [
                        "Doing argus login...", "If no browser opens, visit this address in one: \(told.addresses[0])", "asked for argus token and got: FAIL",
                        "asked for argus token and got: \(token)\nhttps://pictures.example/4711.png", "Successful login with token: \(token)",
                    ])
                #expect(told.pauses == [.seconds(1)])
                #expect(try folder.read("cache/argus_token.ini") == "[DEFAULT]\nargus_token = \(token)\nprofile_pic = https://pictures.example/4711.png\n")
                told.lines = []
                try await sender.login()
                #expect(told.lines == ["Doing argus login...", "checking token \(token) and got response token_ok", "Skipping auth. Already have token in config file."])
                told.lines = []
                let run = try #require(ArgusRunData.prepared["nominal"])
                await sender.send(.run(run))
                #expect(
                    told.lines == [
                        "checking token \(token) and got response token_ok", "Logged in user: \(token)", "Boon list: \(run.boons)", "Weapon: Rare;;DaggerBlockAspect",
                        "Familiar: 8;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus", "Extras: Epic;;ForceZeusBoonKeepsake Common;;SpellSummonTrait",
                        "Elements: Fire:1;;Water:0;;Earth:3;;Air:0;;Aether:0", "Pins: RandomStatusBoon;;AresExCastBoon;;GoodStuffBoon", "Vows: \(run.vows)",
                        "Arcana: \(run.arcana)", "Response: 200",
                    ])
            }
            let data = try await server.runData(server.ticket(channel: "4711")).text
            #expect(data.contains("ApolloManaBoon") && data.contains(#""totalRunItems":"13""#), "\(data)")
        }
    }

    @Test("sixty polls with a second between them, and no more")
    func givesUp() async throws {
        try await withArgus { server async throws in
            let folder = folder(), told = Told()
            try await ArgusBackend.with("http://127.0.0.1:\(server.port)") { try await sender($0, folder, told).login() }
            #expect(told.pauses.count == 60 && told.pauses.allSatisfy { $0 == .seconds(1) })
            #expect(told.lines.count(where: { $0 == "asked for argus token and got: FAIL" }) == 60)
            #expect(told.lines.last == "Failed login after all retries.")
        }
    }

    @Test("a token that is refused, and none, are told, and nothing is sent")
    func sendsNothingWithoutAToken() async throws {
        try await withArgus { server async throws in
            for (files, lines) in [
                ([:], []), (["argus_token.ini": "[DEFAULT]\nargus_token = 0123456789abcdef\n"], ["checking token 0123456789abcdef and got response token_not_ok"]),
            ] as [([String: String], [String])] {
                let folder = folder(files), told = Told()
                try await ArgusBackend.with("http://127.0.0.1:\(server.port)") { await sender($0, folder, told).send(.run(ArgusRunData())) }
                #expect(told.lines == lines + ["Failed to read token from config file. :("])
            }
        }
    }

    @Test("an answer that is none of a login is told, and the file stays as it is")
    func refusesStrangeReplies() async throws {
        let strange = "require('nightjar').http.post('/get_argus_token', function() return 'a token, it seems' end) return {}"
        try await withTestServer(packages: ["strange": strange]) { server in
            let folder = folder(), told = Told()
            try await ArgusBackend.with("http://127.0.0.1:\(server.port)") { try await sender($0, folder, told).login() }
            #expect(told.lines.suffix(2) == ["asked for argus token and got: a token, it seems", "Got strange response data: a token, it seems"])
            #expect(!folder.contains("cache/argus_token.ini"))
        }
    }

    @Test("the game's own tables are sent as they came")
    func sendsGameStates() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let folder = folder(["cache/argus_token.ini": "[DEFAULT]\nARGUS_TOKEN: \(token)\n"]), told = Told()
            let text = #"{"CurrentRun":{"Hero":{"Traits":[{"Name":"DaggerBlockAspect","Rarity":"Rare","Slot":"Aspect"},{"Name":"ZeusWeaponBoon","Rarity":"Epic"}]}},"GameState":{}}"#
            try await ArgusBackend.with("http://127.0.0.1:\(server.port)") { await sender($0, folder, told).send(.gameState(text)) }
            #expect(told.lines.suffix(2) == ["Game state: \(text.utf8.count) bytes", "Response: 200"])
            #expect(try await server.runData(server.ticket(channel: "4711")).text.contains("ZeusWeaponBoon"))
        }
    }

    @Test("a server that does not answer is told of at once, in the lines of the published client")
    func tellsThatNobodyAnswers() async throws {
        let folder = folder(["argus_token.ini": "[DEFAULT]\nargus_token = 0123456789abcdef\n"]), told = Told()
        let began = ContinuousClock.now
        try await ArgusBackend.with("http://127.0.0.1:1") { await sender($0, folder, told).send(.run(ArgusRunData())) }
        // It tries again for ten seconds unless it is told not to.
        #expect(ContinuousClock.now - began < .seconds(5))
        #expect(
            told.lines == [
                "checking token 0123456789abcdef and got response no answer from http://127.0.0.1:1: nobody takes connections at this host and port. "
                    + "Does the server run there? Another one is named with ARGUS_BACKEND_URL or --backend",
                "Failed to read token from config file. :(",
            ])
    }

    @Test("so is one that is another")
    func tellsOfOtherServers() async throws {
        try await withTestServer(packages: ["other": "return {}"]) { server in
            let folder = folder(["argus_token.ini": "[DEFAULT]\nargus_token = 0123456789abcdef\n"]), told = Told()
            try await ArgusBackend.with("http://127.0.0.1:\(server.port)") { await sender($0, folder, told).send(.run(ArgusRunData())) }
            #expect(told.lines.count == 2 && told.lines.last == "Failed to read token from config file. :(", "\(told.lines)")
        }
    }

    @Test("a run that is not taken comes with what the server says about it")
    func tellsWhatTheServerSays() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let folder = folder(["cache/argus_token.ini": "[DEFAULT]\nargus_token = \(token)\n"])
            func last(_ load: ArgusSender.Load) async throws -> [String] {
                let told = Told()
                try await ArgusBackend.with("http://127.0.0.1:\(server.port)") { await sender($0, folder, told).send(load) }
                return told.lines.suffix(2)
            }
            #expect(try await last(.gameState(#"{"CurrentRun":{"Hero":{"Traits":[]}}}"#)) == ["Response: 200", "The server says: ignored: no weapon trait"])
            #expect(try await last(.gameState("[]")) == ["Response: 400", "The server says: gameState must be an object, or the text of a Lua table"])
            #expect(try await last(.run(ArgusRunData())).last == "Response: 200")
        }
    }

    @Test("the built-in runs are those of the published client, and an answer is waited for as long")
    func preparedRuns() {
        let boons =
            "Common;;ApolloManaBoon Rare;;AphroditeSpecialBoon Epic;;PoseidonWeaponBoon Heroic;;PoseidonCastBoon Common;;DaggerBlinkAoETrait Duo;;PoseidonSplashSprintBoon "
            + "Rare;;DoubleRewardBoon Legendary;;AmplifyConeBoon Infusion;;ElementalDodgeBoon"
        func full(_ boons: String, pins: String) -> [String] {
            [
                boons, "Rare;;DaggerBlockAspect", "8;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus",
                "Epic;;ForceZeusBoonKeepsake Common;;SpellSummonTrait", "Fire:1;;Water:0;;Earth:3;;Air:0;;Aether:0", pins,
                "4;;BossDifficultyShrineUpgrade 1;;MinibossCountShrineUpgrade 2;;NextBiomeEnemyShrineUpgrade 2;;BiomeSpeedShrineUpgrade",
                "3;;ScreenReroll 3;;StatusVulnerability 2;;ChanneledCast 3;;HealthRegen 3;;LowManaDamageBonus 1;;CastCount 3;;SorceryRegenUpgrade",
            ]
        }
        let minimal = ["Common;;ApolloWeaponBoon", "NOWEAPONS", "NOFAMILIARS", "NOEXTRAS", "NOELEMENTS", "NOPINS", "NOVOWS", "NOARCANA"]
        let usual = "RandomStatusBoon;;AresExCastBoon;;GoodStuffBoon"
        let wanted = [
            "test1": full(boons, pins: usual), "nominal": full(boons, pins: usual), "test2": minimal, "minimal": minimal,
            "pins": full(boons, pins: "LuckyBoon;;ElementalUnifiedBoon;;GoodStuffBoon"), "doubleboon": full(boons + " Duo;;PoseidonSplashSprintBoon", pins: usual),
        ]
        #expect(ArgusRunData.prepared.mapValues { $0.fields.map(\.value) } == wanted)
        #expect(ArgusBackend.timeoutSeconds == 60)
    }

    @Test("token files are read as all clients write them", arguments: [
        ("[DEFAULT]\nargus_token = a\nprofile_pic = https://x/%20a?b=c%\n", "a", "https://x/%20a?b=c%"), ("[default]\nargus_token = a\n", nil, nil),
        ("; old\n# older\n[DEFAULT]\n Argus_Token=a\r\n", "a", nil), ("[OTHER]\nargus_token = b\n[DEFAULT]\nargus_token: a\n", "a", nil), ("argus_token = a", nil, nil),
        ("\u{FEFF}[DEFAULT]\r\nargus_token = a\r\n", "a", nil), ("\u{FEFF}\u{FEFF}[DEFAULT]\nargus_token = a\n", nil, nil),
        ("[DEFAULT]\nargus_token =\n", nil, nil), ("", nil, nil), ("\u{0}\u{1}[", nil, nil),
    ])
    func readsTokenFiles(_ text: String, _ token: String?, _ picture: String?) {
        #expect(ArgusTokenFile.parse(text) == ArgusTokenFile.Content(token: token, picture: picture))
    }

    @Test("the file in cache comes first, then the one beside it")
    func readsTheCacheFirst() throws {
        let folder = folder(["argus_token.ini": "[DEFAULT]\nargus_token = plain\n"])
        let file = ArgusTokenFile(folder: folder.path)
        #expect(file.read().token == "plain")
        try file.write(ArgusTokenFile.Content(token: "new", picture: ""))
        #expect(file.read() == ArgusTokenFile.Content(token: "new"))
        #expect(try folder.read("cache/argus_token.ini") == "[DEFAULT]\nargus_token = new\n" && folder.read("argus_token.ini").contains("plain"))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/cache/argus_token.ini")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("made-up runs are runs: the server finds nothing odd about them, as often as the shares say")
    func makesUpRuns() async throws {
        try await withArgus { server async throws in
            var random = Seeded(11)
            var empty = (boons: 0, familiars: 0, pins: 0)
            for _ in 0..<300 {
                let run = ArgusRunGenerator.run(using: &random)
                if run.boons == "NOBOONS" { empty.boons += 1 }
                if run.familiar == "NOFAMILIARS" { empty.familiars += 1 }
                if run.pins == "NOPINS" { empty.pins += 1 }
                let data = Dictionary(uniqueKeysWithValues: run.fields.map { ($0.name, $0.value) })
                let answer = try await server.call("argus.parse", ["text": String(decoding: try JSONSerialization.data(withJSONObject: data), as: UTF8.self)])
                #expect(answer["ok"] as? Bool == true && (answer["warnings"] as? [String])?.isEmpty == true, "\(answer) \(run)")
            }
            for count in [empty.boons, empty.familiars, empty.pins] { #expect((30...90).contains(count)) }
        }
    }
}
