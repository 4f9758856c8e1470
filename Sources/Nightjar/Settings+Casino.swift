import Foundation
import HostModules

extension Settings {
    /// Settings of the package `casino` that stand on the first level of `config.json`, as the casino's operators know them, and what they
    /// are called there.
    private static let casinoTexts: [(key: Key, setting: String)] = [
        (.facebookAppID, "fb_app_id"), (.facebookGraphURL, "fb_graph_url"),
    ]

    /// The same with those that the server reads itself, the one that holds last.
    static let casinoKeys = casinoTexts + [(.backofficeURL, "rgs_base"), (.rgsBase, "rgs_base")]

    /// Takes them over; they win over what the file says under `packages`.
    mutating func readCasino(_ text: (Key) -> String?) throws {
        for (key, setting) in Self.casinoTexts {
            guard let value = text(key) else { continue }
            let json = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .withoutEscapingSlashes])
            packageSettings["casino", default: [:]][setting] = String(decoding: json, as: UTF8.self)
        }
        if let secret = text(.facebookAppSecret).flatMap(Secret.init) {
            packageSecrets["casino", default: [:]][Key.facebookAppSecret.rawValue] = secret
        }
    }
}
