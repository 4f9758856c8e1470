import Foundation
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
    }

    @Test("the environment wins over the file")
    func environmentWins() async throws {
        let settings = try await load(#"{"http_port":9090,"debug":false}"#, ["NIGHTJAR_HTTP_PORT": "9191", "NIGHTJAR_DEBUG": "true"])
        #expect(settings.httpPort == 9191)
        #expect(settings.debug)
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
            (#"{"cert":"/a.crt"}"#, "config_tls"),
            (#"{"log_level":"loud"}"#, "config_range"),
            (#"[1]"#, "config_invalid"),
            (#"{"http_port":"#, "config_invalid"),
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
}
