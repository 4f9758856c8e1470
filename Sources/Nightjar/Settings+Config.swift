import Configuration
import Foundation
import LuaRuntime
import SystemPackage

extension Settings {
    /// The keys of `config.json`. The environment spells them `NIGHTJAR_` + upper case.
    enum Key: String, CaseIterable {
        case debug
        case host
        case httpPort = "http_port"
        case cert
        case certKey = "certkey"
        case scriptsDirectory = "scripts_dir"
        case packageDirectories = "package_dirs"
        case gamesDirectory = "games_dir"
        case sitesDirectory = "sites_dir"
        case templatesDirectory = "templates_dir"
        case staticDirectory = "static_dir"
        case resourcesDirectory = "res_dir"
        case dataDirectory = "data_dir"
        case ephemeral
        case workers
        case sessionIdleSeconds = "session_idle_s"
        case portFile = "port_file"
        case logLevel = "log_level"
        case logFile = "log_file"
        case accessLog = "access_log"
        case listeners
        case hosts
        case buffersMB = "buffers_mb"
        case packages
        case secrets
        case wallets
        case rgsBase = "rgs_base"
        /// An older name of `rgs_base`.
        case backofficeURL = "backoffice_url"
        // Of the casino, see `readCasino`.
        case facebookAppID = "fb_app_id"
        case facebookAppSecret = "fb_app_secret"
        case facebookGraphURL = "fb_graph_url"

        /// An object with names that users choose: no variable could say it.
        var isOfFileOnly: Bool { [.listeners, .packages, .secrets, .wallets].contains(self) }
    }

    /// Settings from the environment over the file at `path` over the defaults.
    ///
    /// - Parameters:
    ///   - path: A JSON file. When nil, `config.json` is read if it is there.
    ///   - environment: The process environment.
    /// - Throws: ``SettingsError`` when the file cannot be read, is not a JSON object, has a key nobody knows
    ///   (a typing slip must not be ignored silently), or a value is of the wrong kind or out of range.
    static func load(path: String?, environment: [String: String]) async throws -> Settings {
        let filePath = path ?? "config.json"
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: Self.withoutPrefix(environment))
        ]
        var file: [String: Any] = [:]
        if path != nil || FileManager.default.fileExists(atPath: filePath) {
            file = try object(filePath)
            providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(filePath)))
        }
        var settings = Settings()
        try settings.checkNames(environment)
        let reader = ConfigReader(providers: providers)
        try settings.apply(reader)
        try settings.readPackages(file, path: filePath)
        if !file.isEmpty { settings.notePlaces(path: filePath, moved: casinoKeys) }
        try settings.readPackages(environment: environment)
        for (key, setting) in casinoKeys {
            let variable = "NIGHTJAR_" + key.rawValue.uppercased()
            if environment[variable]?.isEmpty == false { settings.notePlace(variable, of: "casino", setting) }
        }
        try settings.readWallets(file, path: filePath)
        try settings.readCasino { key in reader.string(forKey: ConfigKey([key.rawValue])).flatMap { $0.isEmpty ? nil : $0 } }
        try settings.readListenerDefaults(environment)
        for (name, value) in file[Key.listeners.rawValue] as? [String: Any] ?? [:] {
            try settings.addListener(name, value, path: filePath)
        }
        for text in (environment["NIGHTJAR_LISTEN"] ?? "").split(separator: ",") { try settings.addListener(String(text)) }
        try settings.validate()
        return settings
    }

    /// A variable whose name is nearly one of ours would be ignored without a word; one that is unlike any is reported only,
    /// because orchestrators set variables of their own (`NIGHTJAR_SERVICE_HOST`).
    private mutating func checkNames(_ environment: [String: String]) throws {
        let prefix = "NIGHTJAR_"
        let known = Key.allCases.filter { !$0.isOfFileOnly }.map { $0.rawValue.uppercased() } + ["LISTEN"]
        for name in environment.keys.sorted() where name.hasPrefix(prefix) {
            let rest = String(name.dropFirst(prefix.count))
            guard !known.contains(rest) else { continue }
            if Key(rawValue: rest.lowercased()) != nil {
                let instead = rest == "LISTENERS" ? "; listeners can be named in NIGHTJAR_LISTEN" : ""
                throw SettingsError(
                    code: "environment_unknown", description: "environment \(name): this is set in config.json only\(instead).")
            }
            if let meant = Suggestion.nearest(rest, among: known) {
                throw SettingsError(
                    code: "environment_unknown", description: "environment \(name): there is no such setting; did you mean \(prefix)\(meant)?")
            }
            warnings.append("the environment variable \(name) is none of this server's settings")
        }
    }

    private static func withoutPrefix(_ environment: [String: String]) -> [String: String] {
        var result: [String: String] = [:]
        // An empty one counts as not set: the file's value is not hidden by it.
        for (name, value) in environment where name.hasPrefix("NIGHTJAR_") && !value.isEmpty {
            result[String(name.dropFirst("NIGHTJAR_".count))] = value
        }
        return result
    }

    /// Reads the file as a plain object: for the members whose keys are names that users choose, and for errors that name the
    /// file and the key.
    private static func object(_ path: String) throws -> [String: Any] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(code: "config_unreadable", description: "\(path): cannot be read. Give the right path with --config.")
        }
        let object: [String: Any]
        do {
            guard let parsed = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
                throw SettingsError(code: "config_invalid", description: "\(path): must hold one JSON object, like {\"http_port\": 8080}.")
            }
            object = parsed
        } catch let error as SettingsError {
            throw error
        } catch {
            // Of Foundation's own words only the place is of use, and that as a line.
            let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? ""
            let offset = detail.firstMatch(of: /character (\d+)/).flatMap { Int($0.1) }
            let place = offset.map { ":\(data.prefix($0).count { $0 == 0x0A } + 1)" } ?? ""
            throw SettingsError(code: "config_invalid", description: "\(path)\(place): is not valid JSON: a comma, quote or bracket is missing or too many.")
        }
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            guard let known = Key(rawValue: key) else {
                let hint = Suggestion.hint(key, among: Key.allCases.map(\.rawValue))
                throw SettingsError(code: "config_unknown_key", description: "\(path): unknown key \"\(key)\"\(hint)")
            }
            try known.checkKind(value, path: path)
        }
        return object
    }

    private mutating func apply(_ reader: ConfigReader) throws {
        func key(_ key: Key) -> ConfigKey { ConfigKey([key.rawValue]) }
        func string(_ name: Key) -> String? { reader.string(forKey: key(name)).flatMap { $0.isEmpty ? nil : $0 } }
        func integer(_ name: Key) throws -> Int? {
            if let value = reader.int(forKey: key(name)) { return value }
            if let text = string(name) { throw Self.wrongKind(name, "a whole number", text) }
            return nil
        }
        func boolean(_ name: Key) throws -> Bool? {
            if let value = reader.bool(forKey: key(name)) { return value }
            if let text = string(name) { throw Self.wrongKind(name, "true or false", text) }
            return nil
        }
        if let value = try boolean(.debug) { debug = value }
        if let value = string(.host) { host = value }
        if let value = try integer(.httpPort) { httpPort = value }
        cert = string(.cert) ?? cert
        certKey = string(.certKey) ?? certKey
        if let value = string(.scriptsDirectory) { scriptsDirectory = value }
        if let value = reader.stringArray(forKey: key(.packageDirectories)) { packageDirectories = value }
        gamesDirectory = string(.gamesDirectory) ?? gamesDirectory
        sitesDirectory = string(.sitesDirectory) ?? sitesDirectory
        templatesDirectory = string(.templatesDirectory) ?? templatesDirectory
        staticDirectory = string(.staticDirectory) ?? staticDirectory
        resourcesDirectory = string(.resourcesDirectory) ?? resourcesDirectory
        if let value = string(.dataDirectory) { dataDirectory = value }
        if let value = try boolean(.ephemeral) { ephemeral = value }
        workers = try integer(.workers) ?? workers
        if let value = try integer(.sessionIdleSeconds) { sessionIdleSeconds = value }
        portFile = string(.portFile) ?? portFile
        logLevel = string(.logLevel) ?? logLevel
        logFile = string(.logFile) ?? logFile
        if let value = try boolean(.accessLog) { accessLog = value }
        if let value = reader.stringArray(forKey: key(.hosts)) { hosts = value }
        buffersMB = try integer(.buffersMB) ?? buffersMB
        if let value = string(.rgsBase) ?? string(.backofficeURL) { rgsBase = try Self.rgsBase(value) }
    }

    /// The address of the back office as `Scripts/casino` wants it.
    private static func rgsBase(_ text: String) throws -> String {
        guard text.wholeMatch(of: /https?:\/\/[^\/\s?#]+(\/[^\s?#]*)?/) != nil else {
            throw SettingsError(
                code: "config_range",
                description: "setting \"rgs_base\": \"\(text)\" is not the address of a back office. Write it like http://127.0.0.1:5040/rgs-api/.")
        }
        return text.hasSuffix("/") ? text : text + "/"
    }

    private static func wrongKind(_ key: Key, _ wanted: String, _ got: String) -> SettingsError {
        SettingsError(code: "config_wrong_kind", description: "setting \"\(key.rawValue)\": must be \(wanted), not \"\(got)\".")
    }

    /// Checks ranges and combinations, wherever the values came from.
    func validate() throws {
        guard (0...65535).contains(httpPort) else {
            throw SettingsError(code: "config_range", description: "setting \"http_port\": \(httpPort) is not a port (0…65535).")
        }
        if let workers, !(1...64).contains(workers) {
            throw SettingsError(code: "config_range", description: "setting \"workers\": \(workers) is out of range (1…64).")
        }
        if let buffersMB, !(1...1_048_576).contains(buffersMB) {
            throw SettingsError(code: "config_range", description: "setting \"buffers_mb\": \(buffersMB) is out of range (1…1048576).")
        }
        guard sessionIdleSeconds >= 1 else {
            throw SettingsError(code: "config_range", description: "setting \"session_idle_s\": must be at least 1.")
        }
        guard (cert == nil) == (certKey == nil) else {
            throw SettingsError(
                code: "config_tls",
                description: "settings \"cert\" and \"certkey\" belong together: give both PEM files, or none for plain HTTP.")
        }
        try checkHosts()
        try checkExposure()
        let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        if let logLevel, !levels.contains(logLevel) {
            throw SettingsError(
                code: "config_range",
                description: "setting \"log_level\": \"\(logLevel)\" is not one of \(levels.joined(separator: ", ")).")
        }
    }
}

extension Settings.Key {
    /// Refuses a JSON value of the wrong kind, naming file and key.
    fileprivate func checkKind(_ value: Any, path: String) throws {
        let wanted: String
        let fits: Bool
        // A JSON true is a number to Foundation; the type of the number tells them apart.
        let isBoolean = (value as? NSNumber).map { Self.isBoolean($0) } ?? false
        switch self {
        case .debug, .ephemeral, .accessLog:
            (wanted, fits) = ("true or false", isBoolean)
        case .httpPort, .workers, .sessionIdleSeconds, .buffersMB:
            (wanted, fits) = ("a whole number", !isBoolean && value is Int)
        case .packageDirectories:
            (wanted, fits) = ("a list of folders", value is [String])
        case .hosts:
            (wanted, fits) = ("a list of names", value is [String])
        case .listeners, .packages, .secrets, .wallets:
            (wanted, fits) = ("an object", value is [String: Any])
        default:
            (wanted, fits) = ("a string", value is String)
        }
        guard fits else {
            throw SettingsError(code: "config_wrong_kind", description: "\(path): \"\(rawValue)\" must be \(wanted).")
        }
    }

    private static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
