import Foundation
import Host
import HostModules
import LuaRuntime

extension Settings {
    /// Environment variables that the operators of the shipped packages know, and what they set.
    private static let packageEnvironment: [(variable: String, package: String, key: String, range: ClosedRange<Int>)] = [
        ("SOCKET_TIMEOUT", "sync", "socket_timeout_ms", 1...86_400_000),
        ("SOCKET_TIMEOUT_CHECK_INTERVAL", "sync", "socket_timeout_check_interval_ms", 1...86_400_000),
        ("GATEWAY_MAX_CLIENTS", "gateway", "max_clients", 0...1_000_000),
        ("GATEWAY_SHARD_COUNT", "gateway", "shard_count", 0...1_000_000),
        ("GATEWAY_SHARD_GRACE", "gateway", "shard_grace_ms", 0...86_400_000),
    ]

    /// The same for texts and numbers with a fraction; their ranges are the package's matter.
    private static let packageTexts: [(variable: String, package: String, key: String, kind: TextKind)] = [
        ("PS2_ESS_URL", "ps2", "ess_url", .text),
        ("PS2_CENSUS_URL", "ps2", "census_url", .text),
        ("PS2_SERVICE_ID", "ps2", "service_id", .text),
        ("PS2_ENVIRONMENT", "ps2", "environment", .text),
        ("PS2_BACKOFF_INITIAL", "ps2", "backoff_initial", .seconds),
        ("PS2_BACKOFF_MAX", "ps2", "backoff_max", .seconds),
        ("PS2_TRIGGERS", "ps2", "triggers", .list),
        ("ARGUS_TWITCH_ID", "argus", "client_id", .text),
        ("ARGUS_TWITCH_AUTH_URL", "argus", "auth_url", .text),
        ("ARGUS_TWITCH_API_URL", "argus", "api_url", .text),
        ("ARGUS_PUBLIC_URL", "argus", "public_url", .text),
        ("ARGUS_OWNER_ID", "argus", "owner_id", .text),
    ]

    /// What such a variable holds.
    private enum TextKind {
        case text, seconds
        /// Apart by commas.
        case list
    }

    /// Environment variables with secrets.
    private static let secretEnvironment: [(variable: String, package: String, name: String)] = [
        ("GATEWAY_TOKEN", "gateway", "token"),
        ("GATEWAY_ADMIN_TOKEN", "gateway", "admin_token"),
        ("LOGS_TOKEN", "logs", "token"),
        ("BACKOFFICE_TOKEN", "backoffice", "token"),
        ("BACKOFFICE_SECRET", "backoffice", "rgs"),
        ("RGS_SECRET", "casino", "rgs"),
        ("FB_APP_SECRET", "casino", "fb_app_secret"),
        ("CASINO_TOKEN_SECRET", "casino", "token_secret"),
        ("PS2_TOKEN", "ps2", "token"),
        ("ARGUS_CLIENT_SECRET", "argus", "client"),
        ("ARGUS_EXTENSION_SECRET", "argus", "extension"),
        ("ARGUS_DASHBOARD_TOKEN", "argus", "dashboard"),
    ]

    /// Takes over `packages` and `secrets` of the file.
    mutating func readPackages(_ file: [String: Any], path: String) throws {
        func objects(_ key: Key, _ body: (String, String, Any) throws -> Void) throws {
            guard let packages = file[key.rawValue] else { return }
            guard let packages = packages as? [String: [String: Any]] else {
                throw SettingsError(
                    code: "config_wrong_kind",
                    description: "\(path): \"\(key.rawValue)\" must hold one object per package, like {\"sync\": {\"polling\": true}}.")
            }
            for (package, members) in packages {
                packagesNamed[package] = "\(path): \"\(key.rawValue)\""
                for (name, value) in members { try body(package, name, value) }
            }
        }
        try objects(.packages) { package, name, value in
            let text = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
            packageSettings[package, default: [:]][name] = String(decoding: text, as: UTF8.self)
        }
        try objects(.secrets) { package, name, value in
            guard let text = value as? String else {
                throw SettingsError(code: "config_wrong_kind", description: "\(path): the secret \"\(name)\" of \"\(package)\" must be a string.")
            }
            let known = Self.secretEnvironment.filter { $0.package == package }.map(\.name)
            // Platforms and packages of one's own may ask for others; what is nearly one of ours is a slip.
            guard known.contains(name) || Suggestion.nearest(name, among: known) == nil else {
                throw SettingsError(
                    code: "config_unknown_secret",
                    description: "\(path): \(package) has no secret \"\(name)\"; it has \(known.joined(separator: ", "))\(Suggestion.nearest(name, among: known).map { "; did you mean \($0)?" } ?? ".")")
            }
            packageSecrets[package, default: [:]][name] = Secret(text)
        }
    }

    /// Takes over the variables above; they win over the file.
    mutating func readPackages(environment: [String: String]) throws {
        for (variable, package, key, range) in Self.packageEnvironment {
            guard let text = environment[variable], !text.isEmpty else { continue }
            guard let value = Int(text), range.contains(value) else {
                throw SettingsError(
                    code: "config_range",
                    description: "environment \(variable): \"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound).")
            }
            packageSettings[package, default: [:]][key] = String(value)
            notePlace(variable, of: package, key)
        }
        for (variable, package, key, kind) in Self.packageTexts {
            guard let text = environment[variable], !text.isEmpty else { continue }
            let value: Any
            switch kind {
            case .text: value = text
            case .list: value = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            case .seconds:
                guard let seconds = Double(text), seconds.isFinite, seconds >= 0 else {
                    throw SettingsError(
                        code: "config_range", description: "environment \(variable): \"\(text)\" is not a number of seconds, like 3.1.")
                }
                value = seconds
            }
            let json = try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
            packageSettings[package, default: [:]][key] = String(decoding: json, as: UTF8.self)
            notePlace(variable, of: package, key)
        }
        for (variable, package, name) in Self.secretEnvironment {
            if let secret = environment[variable].flatMap(Secret.init) { packageSecrets[package, default: [:]][name] = secret }
        }
    }

    /// The settings of the packages as the script host takes them. What the server has a key of its own for goes to the package
    /// that it concerns.
    var packageObjects: [String: [UInt8]] {
        var all = packageSettings
        if let rgsBase { all["casino", default: [:]]["rgs_base"] = String(decoding: jsonText(rgsBase), as: UTF8.self) }
        return all.mapValues { members in
            let list = members.sorted { $0.key < $1.key }.map { name, value in
                String(decoding: jsonText(name), as: UTF8.self) + ":" + value
            }
            return Array("{\(list.joined(separator: ","))}".utf8)
        }
    }

    private func jsonText(_ text: String) -> Data {
        (try? JSONSerialization.data(withJSONObject: text, options: .fragmentsAllowed)) ?? Data("\"\"".utf8)
    }
}
