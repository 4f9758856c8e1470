import Bytes
import Host

/// A kind of money a wallet can hold (webingo protocol, section 10).
public struct Denomination: Sendable, Equatable {
    /// Key of the wallet, for instance `credit`.
    public let name: String
    /// Shown before an amount.
    public let prefix: String
    /// Shown after an amount.
    public let suffix: String
    /// Show amounts without decimals?
    public let isInteger: Bool
    /// Decimal text of the factor from credits to money: text, because it is only ever shown.
    public let moneyMultiplier: String
    /// Identity at the back office.
    public let rgsID: String

    public static let credit = Denomination(
        name: "credit", prefix: "", suffix: "", isInteger: true, moneyMultiplier: "1", rgsID: "CRE")
    public static let usd = Denomination(
        name: "usd", prefix: "US$ ", suffix: "", isInteger: false, moneyMultiplier: "0.01", rgsID: "USD")
    public static let brl = Denomination(
        name: "brl", prefix: "R$ ", suffix: "", isInteger: false, moneyMultiplier: "0.01", rgsID: "BRL")

    public static let all = [credit, usd, brl]

    /// The denomination called `name`, or nil.
    public static func named(_ name: String) -> Denomination? { all.first { $0.name == name } }

    /// The wallet's JSON after the amount: `,"denom":…,"denom_info":{…}}`.
    var walletTail: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: ",\"denom\":")
        bytes.append(jsonString: name)
        bytes.append(text: ",\"denom_info\":{\"prefix\":")
        bytes.append(jsonString: prefix)
        bytes.append(text: ",\"suffix\":")
        bytes.append(jsonString: suffix)
        bytes.append(text: ",\"integer\":")
        bytes.append(text: isInteger ? "true" : "false")
        bytes.append(text: ",\"money_multiplier\":")
        bytes.append(contentsOf: moneyMultiplier.utf8)
        bytes.append(text: ",\"rgs_id\":")
        bytes.append(jsonString: rgsID)
        bytes.append(text: "}}")
        return bytes
    }
}
