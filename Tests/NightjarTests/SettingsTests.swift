import Foundation
import Games
import HostModules
import NIOCore
import Reload
import Testing

@testable import Nightjar

@Suite("Settings")
struct SettingsTests {
    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("config-\(UUID().uuidString).json").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func load(_ text: String, _ environment: [String: String] = [:]) async throws -> Settings {
        let path = try file(text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await Settings.load(path: path, environment: environment)
    }

    @Test("defaults are loopback, port 8080, SQLite, production")
    func defaults() async throws {
        let settings = try await load("{}")
        #expect(settings == Settings())
        #expect(settings.host == "127.0.0.1")
        #expect(!settings.debug)
        #expect(!settings.ephemeral)
    }

    @Test("the documented example file is understood")
    func example() async throws {
        let settings = try await load(
            #"{"debug":true,"http_port":9090,"backoffice_url":"x","cert":"/a.crt","certkey":"/a.key","fb_app_id":"1","fb_app_secret":"s","rgs_base":"http://b/"}"#)
        #expect(settings.debug)
        #expect(settings.httpPort == 9090)
        #expect(settings.cert == "/a.crt")
        #expect(settings.certKey == "/a.key")
        #expect(settings.packageSettings["casino"] == ["fb_app_id": #""1""#])
        #expect(settings.packageSecrets["casino"]?["fb_app_secret"] == Secret("s"))
    }

    @Test("the casino's settings come from the first level, from its package's settings, and from variables, which win")
    func casino() async throws {
        var settings = try await load(#"{"fb_graph_url":"http://g"}"#, ["NIGHTJAR_FB_APP_ID": "7", "NIGHTJAR_FB_APP_SECRET": "x"])
        #expect(settings.packageSettings["casino"] == ["fb_graph_url": #""http://g""#, "fb_app_id": #""7""#])
        #expect(settings.packageSecrets["casino"]?["fb_app_secret"] == Secret("x"))
        settings = try await load(#"{"fb_app_id":"1","packages":{"casino":{"fb_app_id":"2","platforms":["demo"]}}}"#)
        #expect(settings.packageSettings["casino"]?["fb_app_id"] == #""1""#)
        #expect(settings.packageSettings["casino"]?["platforms"] == #"["demo"]"#)
    }

    @Test("each setting of a package has a place that a message can name")
    func places() async throws {
        let path = try file("""
            {"fb_app_id": "1",
             "packages": {
               "casino": {"platforms": ["demo"],
                 "fb_app_id": "2"},
               "sync": {
                 "polling": true, "socket_timeout_ms": 5}},
             "backoffice_url": "http://b/"
            }
            """)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let places = try await Settings.load(path: path, environment: ["SOCKET_TIMEOUT": "7", "NIGHTJAR_FB_GRAPH_URL": "http://g"]).settingPlaces
        #expect(places["casino"] == [
            "platforms": SettingPlace(file: path, line: 3, path: "packages.casino.platforms"),
            // What the first level says holds.
            "fb_app_id": SettingPlace(file: path, line: 1, path: "fb_app_id"),
            "rgs_base": SettingPlace(file: path, line: 7, path: "backoffice_url"),
            "fb_graph_url": SettingPlace(file: "environment", path: "NIGHTJAR_FB_GRAPH_URL"),
        ])
        #expect(places["sync"] == [
            "polling": SettingPlace(file: path, line: 6, path: "packages.sync.polling"),
            "socket_timeout_ms": SettingPlace(file: "environment", path: "SOCKET_TIMEOUT"),
        ])
    }

    @Test("the casino's folders are together in one, or each by itself")
    func casinoFolders() async throws {
        var settings = try await load(#"{"res_dir":"/r","static_dir":"/s"}"#)
        #expect(settings.effectiveGamesDirectory == "/r/games" && settings.effectiveSitesDirectory == "/r/local_sites")
        #expect(settings.scriptHost.gamesDirectory == "/r/games" && settings.casino.gamesDirectory == "/r/games")
        #expect(settings.scriptHost.operatorFolders == [
            OperatorFolder(place: "casino/templates", directory: "/r/templates", isWatched: true),
            OperatorFolder(place: "casino/public", directory: "/s", isWatched: false),
        ])
        #expect(settings.scriptHost.watchedDirectories == ["/r/local_sites"])
        settings = try await load(#"{"res_dir":"/r","games_dir":"/g","sites_dir":"/l","templates_dir":"/t"}"#)
        #expect(settings.effectiveGamesDirectory == "/g" && settings.effectiveSitesDirectory == "/l" && settings.effectiveTemplatesDirectory == "/t")
        settings = try await load("{}")
        #expect(settings.effectiveGamesDirectory == "games" && settings.effectiveTemplatesDirectory == nil && settings.scriptHost.operatorFolders.isEmpty)
        for text in [#"{"static_dir":"/nowhere"}"#, #"{"templates_dir":"/nowhere"}"#, #"{"res_dir":"/nowhere"}"#] {
            let wrong = try await load(text)
            #expect(throws: CommandFailure.self) { try wrong.checkFolders() }
        }
    }

    @Test("the wallets of operators, and what is wrong with one")
    func wallets() async throws {
        let secret = String(repeating: "s", count: 32)
        let settings = try await load(#"{"wallets":{"token":{"url":"https://o.example/wallet","secret":"\#(secret)","timeout_ms":500}}}"#)
        #expect(settings.wallets["token"] == WalletSettings(url: "https://o.example/wallet/", secret: Array(secret.utf8), timeout: .milliseconds(500)))
        #expect(settings.casino.wallets == settings.wallets && settings.warnings.isEmpty)
        #expect(try await load(#"{"wallets":{"token":{"url":"http://o.example/","secret":"\#(secret)"}}}"#).warnings.count == 1)
        #expect(try await load(#"{"wallets":{"token":{"url":"http://127.0.0.1:9/","secret":"\#(secret)"}}}"#).warnings.isEmpty)
        for (members, words) in [
            (#""url":"https://o.example/""#, "at least 32 bytes"), (#""url":"https://o.example/","secret":"short""#, "at least 32 bytes"),
            (#""url":"o.example","secret":"\#(secret)""#, "https://"), (#""url":"ftp://o.example/","secret":"\#(secret)""#, "https://"),
            (#""url":"https://o.example/?a=1","secret":"\#(secret)""#, "https://"), (#""secret":"\#(secret)""#, "https://"),
            (#""url":"https://o.example/","secret":"\#(secret)","timeout_ms":1"#, "100 to 10000"),
            (#""url":"https://o.example/","secret":"\#(secret)","timeout":1"#, "did you mean"),
        ] {
            let error = await #expect(throws: SettingsError.self) { try await load("{\"wallets\":{\"token\":{\(members)}}}") }
            #expect(error?.description.contains(words) == true && error?.description.contains("\"token\"") == true, "\(members): \(error?.description ?? "")")
            #expect(error?.description.contains(secret) == false)
        }
        await #expect(throws: SettingsError.self) { try await load(#"{"wallets":{"token":7}}"#) }
        await #expect(throws: SettingsError.self) { try await load(#"{"wallets":[]}"#) }
    }

    @Test("log file, access log and the operators' listener, from file and environment")
    func operations() async throws {
        var settings = try await load(#"{"log_file":"/var/log/a","access_log":true,"listeners":{"ops":{}}}"#)
        #expect(settings.logFile == "/var/log/a" && settings.accessLog)
        #expect(settings.listeners["ops"] == Settings.Listener(host: "127.0.0.1", port: 5020))
        settings = try await load("{}", ["NIGHTJAR_LOG_FILE": "/b", "NIGHTJAR_ACCESS_LOG": "true", "NIGHTJAR_LISTEN": "ops=127.0.0.1:9"])
        #expect(settings.logFile == "/b" && settings.accessLog && settings.listeners["ops"]?.port == 9)
        await #expect(throws: SettingsError.self) { try await load(#"{"access_log":"yes"}"#) }
    }

    @Test("the overlay's listener, settings and secrets come from the variables that its operators know")
    func argus() async throws {
        let settings = try await load(
            "{}",
            [
                "NIGHTJAR_LISTEN": "argus", "ARGUS_PORT": "3999", "ARGUS_TWITCH_ID": "id", "ARGUS_TWITCH_AUTH_URL": "http://a", "ARGUS_TWITCH_API_URL": "http://b",
                "ARGUS_PUBLIC_URL": "http://c", "ARGUS_OWNER_ID": "7", "ARGUS_CLIENT_SECRET": "x", "ARGUS_EXTENSION_SECRET": "y", "ARGUS_DASHBOARD_TOKEN": "z",
            ])
        #expect(settings.listeners["argus"] == Settings.Listener(host: "127.0.0.1", port: 3999))
        let argus = try #require(settings.packageSettings["argus"])
        #expect(argus.keys.sorted() == ["api_url", "auth_url", "client_id", "owner_id", "public_url"] && argus["owner_id"] == "\"7\"")
        #expect(settings.packageSecrets["argus"]?.keys.sorted() == ["client", "dashboard", "extension"])
        #expect(try await load("{}", ["NIGHTJAR_LISTEN": "argus"]).listeners["argus"]?.port == 3000)
        await #expect(throws: SettingsError.self) { try await load("{}", ["ARGUS_PORT": "x"]) }
    }

    @Test("names that requests may be for come from file and environment")
    func hosts() async throws {
        #expect(try await load(#"{"hosts":["play.example.org","[::1]"]}"#).hosts == ["play.example.org", "[::1]"])
        #expect(try await load("{}", ["NIGHTJAR_HOSTS": "a.example,b.example"]).hosts == ["a.example", "b.example"])
        #expect(try await load(#"{"buffers_mb":64}"#).buffersMB == 64)
    }

    @Test("the environment wins over the file")
    func environmentWins() async throws {
        let settings = try await load(#"{"http_port":9090,"debug":false}"#, ["NIGHTJAR_HTTP_PORT": "9191", "NIGHTJAR_DEBUG": "true"])
        #expect(settings.httpPort == 9191)
        #expect(settings.debug)
    }

    @Test("every key of the file is a variable too, and an empty one counts as not set")
    func everyKeyIsAVariable() async throws {
        let values: [String: (json: String, variable: String)] = [
            "debug": ("true", "true"), "host": (#""127.0.0.9""#, "127.0.0.9"), "http_port": ("81", "81"), "cert": (#""/c""#, "/c"),
            "certkey": (#""/k""#, "/k"), "scripts_dir": (#""s""#, "s"), "package_dirs": (#"["a","b"]"#, "a,b"), "games_dir": (#""g""#, "g"),
            "sites_dir": (#""i""#, "i"), "data_dir": (#""d""#, "d"), "ephemeral": ("true", "true"), "workers": ("3", "3"),
            "templates_dir": (#""t""#, "t"), "static_dir": (#""st""#, "st"),
            "res_dir": (#""r""#, "r"), "session_idle_s": ("7", "7"), "port_file": (#""p""#, "p"), "log_level": (#""error""#, "error"),
        ]
        let file = "{" + values.map { "\"\($0.key)\":\($0.value.json)" }.joined(separator: ",") + "}"
        let variables = Dictionary(uniqueKeysWithValues: values.map { ("NIGHTJAR_" + $0.key.uppercased(), $0.value.variable) })
        let fromFile = try await load(file)
        #expect(try await load("{}", variables) == fromFile)
        #expect(fromFile.sessionIdleSeconds == 7 && fromFile.casino.sessionIdle == .seconds(7))
        let empty = variables.mapValues { _ in "" }
        #expect(try await load("{}", empty) == Settings())
        #expect(try await load(file, empty) == fromFile)
    }

    @Test("the README's table has every key, with its default")
    func theTableOfTheReadme() throws {
        let page = try String(contentsOf: ServerProcess.root.appendingPathComponent("README.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for key in Settings.Key.allCases {
            #expect(rows.contains { $0.contains("`\(key.rawValue)`") }, "\(key.rawValue)")
        }
        let usual = Settings()
        let defaults: [(Settings.Key, String)] = [
            (.debug, "\(usual.debug)"), (.host, "\(usual.host), \(usual.httpPort)"), (.dataDirectory, usual.dataDirectory),
            (.scriptsDirectory, "\(usual.scriptsDirectory), \(usual.effectiveGamesDirectory), \(usual.effectiveSitesDirectory), –"),
            (.ephemeral, "\(usual.ephemeral)"), (.sessionIdleSeconds, "\(usual.sessionIdleSeconds)"), (.logLevel, "\(usual.effectiveLogLevel)"),
        ]
        for (key, value) in defaults {
            let row = try #require(rows.first { $0.contains("`\(key.rawValue)`") })
            #expect(row.contains("| \(value) |"), "\(row)")
        }
    }

    @Test(
        "what cannot be used is refused with file, key and remedy",
        arguments: [
            (#"{"http_prot":1}"#, "config_unknown_key"),
            (#"{"http_port":"8080"}"#, "config_wrong_kind"),
            (#"{"http_port":true}"#, "config_wrong_kind"),
            (#"{"debug":1}"#, "config_wrong_kind"),
            (#"{"http_port":70000}"#, "config_range"),
            (#"{"workers":0}"#, "config_range"),
            (#"{"buffers_mb":0}"#, "config_range"),
            (#"{"hosts":"a"}"#, "config_wrong_kind"),
            (#"{"hosts":["https://a.example"]}"#, "config_hosts"),
            (#"{"hosts":["a.example:443"]}"#, "config_hosts"),
            (#"{"hosts":[""]}"#, "config_hosts"),
            (#"{"cert":"/a.crt"}"#, "config_tls"),
            (#"{"log_level":"loud"}"#, "config_range"),
            (#"[1]"#, "config_invalid"),
            (#"{"http_port":"#, "config_invalid"),
            (#"{"listeners":{"main":{}}}"#, "config_listener"),
            (#"{"listeners":{"Sync":{}}}"#, "config_listener"),
            (#"{"listeners":{"snyc":{}}}"#, "config_listener"),
            (#"{"listeners":{"sync":5001}}"#, "config_wrong_kind"),
            (#"{"listeners":{"sync":{"prot":1}}}"#, "config_wrong_kind"),
            (#"{"listeners":{"sync":{"port":65536}}}"#, "config_range"),
            (#"{"listeners":[]}"#, "config_wrong_kind"),
            (#"{"packages":{"sync":true}}"#, "config_wrong_kind"),
            (#"{"secrets":{"gateway":{"token":1}}}"#, "config_wrong_kind"),
            (#"{"listeners":{"gateway":{"host":"0.0.0.0"}}}"#, "exposed_without_token"),
            (#"{"listeners":{"gateway":{"host":"::"}},"secrets":{"gateway":{"token":""}}}"#, "exposed_without_token"),
            (#"{"listeners":{"gateway":{"host":"127.evil.example"}}}"#, "exposed_without_token"),
        ])
    func refused(_ text: String, _ code: String) async throws {
        await #expect {
            _ = try await load(text)
        } throws: { error in
            (error as? SettingsError)?.code == code
        }
    }

    @Test("a named file that is missing is an error, a missing config.json is not")
    func missing() async throws {
        await #expect(throws: SettingsError.self) {
            _ = try await Settings.load(path: "/nonexistent/config.json", environment: [:])
        }
    }

    @Test("a wrong value in the environment is an error")
    func wrongEnvironment() async throws {
        await #expect(throws: SettingsError.self) { _ = try await load("{}", ["NIGHTJAR_HTTP_PORT": "many"]) }
    }

    @Test("listeners come from the file, NIGHTJAR_LISTEN and --listen, with the ports people know")
    func listeners() async throws {
        #expect(try await load("{}").listeners.isEmpty)
        let file = try await load(#"{"listeners":{"sync":{},"gateway":{"port":7000},"mine":{"host":"127.0.0.2","port":0}}}"#)
        #expect(file.listeners == [
            "sync": .init(host: "127.0.0.1", port: 5001), "gateway": .init(host: "127.0.0.1", port: 7000), "mine": .init(host: "127.0.0.2", port: 0),
        ])
        let environment = try await load(
            #"{"listeners":{"sync":{"port":1}}}"#,
            ["NIGHTJAR_LISTEN": "sync=0.0.0.0, gateway", "PORT": "6001", "GATEWAY_BIND": "127.0.0.3:7001"])
        #expect(environment.listeners == ["sync": .init(host: "0.0.0.0", port: 6001), "gateway": .init(host: "127.0.0.3", port: 7001)])
        #expect(try await load("{}", ["PORT": "6001"]).listeners.isEmpty)
        var settings = Settings()
        try settings.addListener("sync=6000")
        #expect(settings.listeners["sync"] == .init(host: "127.0.0.1", port: 6000))
        try settings.addListener("sync=[::1]:6000")
        #expect(settings.listeners["sync"] == .init(host: "::1", port: 6000))
        try settings.addListener("sync=::")
        #expect(settings.listeners["sync"] == .init(host: "::", port: 5001))
    }

    @Test("an unusable --listen is refused", arguments: ["", "=1", "main=1", "sync=", "sync=a:b", "sync=1.2.3.4:70000", "sync=99999", "snyc", "snyc=127.0.0.1"])
    func badListeners(_ text: String) {
        var settings = Settings()
        #expect(throws: SettingsError.self) { try settings.addListener(text) }
    }

    @Test("package settings: the environment's names win over the file, secrets are not shown")
    func packages() async throws {
        let settings = try await load(
            #"{"packages":{"sync":{"socket_timeout_ms":1,"polling":true}},"secrets":{"gateway":{"admin_token":"hush"}}}"#,
            ["SOCKET_TIMEOUT": "5000", "GATEWAY_TOKEN": "secret", "GATEWAY_SHARD_COUNT": "4"])
        #expect(settings.packageObjects["sync"].map { String(decoding: $0, as: UTF8.self) } == #"{"polling":true,"socket_timeout_ms":5000}"#)
        #expect(settings.packageObjects["gateway"].map { String(decoding: $0, as: UTF8.self) } == #"{"shard_count":4}"#)
        #expect(settings.packageSecrets["gateway"]?.keys.sorted() == ["admin_token", "token"])
        #expect(!"\(settings)".contains("hush"))
        #expect(!"\(settings)".contains("secret\""))
        await #expect(throws: SettingsError.self) { _ = try await load("{}", ["SOCKET_TIMEOUT": "5 min"]) }
        _ = try await load(#"{"listeners":{"gateway":{"host":"0.0.0.0"}}}"#, ["GATEWAY_TOKEN": "secret"])
    }
}
