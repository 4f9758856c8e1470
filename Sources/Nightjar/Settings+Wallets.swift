import Foundation
import Games
import LuaRuntime
import NIOCore
import Transport

extension Settings {
    /// Takes over `wallets` of the file: `{"token": {"url": "https://operator.example/wallet/", "secret": "…"}}`.
    mutating func readWallets(_ file: [String: Any], path: String) throws {
        guard let platforms = file[Key.wallets.rawValue] as? [String: Any] else { return }
        for (platform, value) in platforms.sorted(by: { $0.key < $1.key }) {
            let place = "\(path): \"wallets\", \"\(platform)\""
            func wrong(_ code: String, _ text: String) -> SettingsError { SettingsError(code: code, description: "\(place): \(text)") }
            guard let members = value as? [String: Any] else {
                throw wrong("config_wrong_kind", "must be an object, like {\"url\": \"https://operator.example/wallet/\", \"secret\": \"…\"}.")
            }
            let known = ["secret", "timeout_ms", "url"]
            if let name = members.keys.sorted().first(where: { !known.contains($0) }) {
                throw wrong("config_unknown_key", "unknown key \"\(name)\"\(Suggestion.hint(name, among: known))")
            }
            guard let url = members["url"] as? String, let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
                let host = parts.host, !host.isEmpty, parts.query == nil, parts.fragment == nil
            else { throw wrong("config_wrong_kind", "\"url\" must be an address that begins with https:// or http://, behind which a call's name can stand.") }
            let secret = Array((members["secret"] as? String ?? "").utf8)
            guard secret.count >= WalletSettings.secretBytesMin else {
                throw wrong(
                    "config_range",
                    "\"secret\" must be a text of at least \(WalletSettings.secretBytesMin) bytes that only you and the operator know; openssl rand -hex 32 makes one.")
            }
            let range = WalletSettings.timeoutRange
            guard let timeout = (members["timeout_ms"] ?? WalletSettings.timeoutUsual) as? Int, range.contains(timeout) else {
                throw wrong("config_range", "\"timeout_ms\" must be a whole number from \(range.lowerBound) to \(range.upperBound).")
            }
            if parts.scheme == "http", !HostPolicy.isLoopback(host) {
                warnings.append("\(place): calls to \(host) are not encrypted, and their answers can be forged on the way; use https://")
            }
            wallets[platform] = WalletSettings(url: url, secret: secret, timeout: .milliseconds(Int64(timeout)))
        }
    }
}
