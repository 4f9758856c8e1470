import Bytes
import LuaRuntime

/// A kind of money a wallet can hold (docs/casino.md), as `Scripts/casino/denominations.lua` describes it.
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

    /// - Returns: nil when something is missing or of another type.
    init?(_ description: JSONValue) {
        guard let object = description.object, let name = object["name"]?.string, !name.isEmpty, let prefix = object["prefix"]?.string,
            let suffix = object["suffix"]?.string, let isInteger = object["integer"]?.boolean, let rgsID = object["rgs_id"]?.string,
            let multiplier = object["money_multiplier"], multiplier.kind == .integer || multiplier.kind == .float
        else { return nil }
        self.init(
            name: name, prefix: prefix, suffix: suffix, isInteger: isInteger,
            moneyMultiplier: String(decoding: multiplier.bytes, as: UTF8.self), rgsID: rgsID)
    }

    init(name: String, prefix: String, suffix: String, isInteger: Bool, moneyMultiplier: String, rgsID: String) {
        self.name = name
        self.prefix = prefix
        self.suffix = suffix
        self.isInteger = isInteger
        self.moneyMultiplier = moneyMultiplier
        self.rgsID = rgsID
    }

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
