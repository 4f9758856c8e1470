import Bytes
import LuaRuntime
import Store

/// A call that the operator's wallet must accept sooner or later, as it lies in the outbox: a win to be paid, a debit to be
/// undone. Any thread.
struct OwedCall: Sendable, Equatable {
    var call: WalletCall
    /// Whose it is.
    var account: AccountKey
    /// What it pays, smallest unit; 0 for a rollback.
    var amount: Int64

    /// The outbox's topic of a platform's wallet: each has a courier of its own.
    static func topic(_ platform: String) -> String { "wallet:" + platform }

    init(_ call: WalletCall, account: AccountKey, amount: Int64) {
        self.call = call
        self.account = account
        self.amount = amount
    }

    /// For the transition that owes it.
    var item: OutboxItem {
        var body: [UInt8] = []
        body.append(text: "{\"call\":\"")
        body.append(contentsOf: call.name.rawValue.utf8)
        body.append(text: "\",\"user\":")
        body.append(jsonString: account.user)
        body.append(text: ",\"denom\":")
        body.append(jsonString: account.denom)
        body.append(text: ",\"amount\":")
        body.append(decimal: amount)
        body.append(text: ",\"request\":")
        body.append(contentsOf: call.body)
        body.append(text: "}")
        return OutboxItem(topic: Self.topic(account.realm), key: "wallet:" + call.id, body: body)
    }

    /// Nil for what is no such item.
    init?(_ entry: OutboxEntry) {
        let owed = entry.body.withUnsafeBytes { bytes -> OwedCall? in
            guard let object = try? JSONObject(bytes), let name = object["call"]?.string, let user = object["user"]?.string,
                let denom = object["denom"]?.string, let amount = object["amount"]?.integer, let request = object["request"],
                let call = WalletCall(name, body: [UInt8](request.bytes))
            else { return nil }
            return OwedCall(call, account: AccountKey(realm: entry.realm, user: user, denom: denom), amount: amount)
        }
        guard let owed else { return nil }
        self = owed
    }
}
