import Bytes
import LuaRuntime

/// One request to an operator's wallet: a POST of a JSON object to the wallet's address with the call's name behind it. Its id
/// stays the same however often it is sent. docs/casino-wallets.md is its reference. Immutable; any thread.
package struct WalletCall: Sendable, Equatable {
    package enum Name: String, Sendable, CaseIterable {
        /// Who is it, and what does he have?
        case authenticate
        /// What does the player have?
        case balance
        /// Takes a stake, if the player has it.
        case debit
        /// Pays. To be accepted always.
        case credit
        /// Undoes a debit, or makes it impossible if it has not come yet. To be accepted always.
        case rollback
    }

    /// Whose money moves.
    package struct Holder: Sendable, Equatable {
        /// The player's id at the operator: the user id of the session's platform.
        package var player: String
        /// The denomination's `rgs_id`.
        package var currency: String

        package init(player: String, currency: String) {
            self.player = player
            self.currency = currency
        }
    }

    /// What it moves for.
    package struct Cause: Sendable, Equatable {
        package var site: String
        package var game: String
        /// Id of the round.
        package var round: String
        /// The kinds that make up the amount, in order, as the journal names them: `bet`, `extra`, `win` …
        package var kinds: [String]

        package init(site: String, game: String, round: String, kinds: [String]) {
            self.site = site
            self.game = game
            self.round = round
            self.kinds = kinds
        }
    }

    package let name: Name
    /// 1 to 64 characters. Of a debit or credit also the operator's proof that it happened once.
    package let id: String
    /// A JSON object, as it is sent.
    package let body: [UInt8]

    private init(_ name: Name, _ id: String, _ members: (inout [UInt8]) -> Void) {
        self.name = name
        self.id = id
        var body: [UInt8] = []
        body.reserveCapacity(256)
        body.append(text: "{\"id\":")
        body.append(jsonString: id)
        members(&body)
        body.append(text: "}")
        self.body = body
    }

    /// One that was kept as text; nil when it is none.
    package init?(_ name: String, body: [UInt8]) {
        guard let name = Name(rawValue: name),
            let id = body.withUnsafeBytes({ bytes in (try? JSONObject(bytes)).flatMap { $0["id"]?.string } })
        else { return nil }
        (self.name, self.id, self.body) = (name, id, body)
    }

    /// - Parameters:
    ///   - token: What the client gave; empty if it gave none.
    package static func authenticate(id: String, _ holder: Holder, token: String, site: String) -> WalletCall {
        WalletCall(.authenticate, id) { body in
            holder.append(to: &body)
            body.append(member: "token", token)
            body.append(member: "site", site)
        }
    }

    package static func balance(id: String, _ holder: Holder) -> WalletCall {
        WalletCall(.balance, id) { holder.append(to: &$0) }
    }

    /// - Parameter amount: At least 1, smallest unit.
    package static func debit(id: String, _ holder: Holder, amount: Int64, for cause: Cause) -> WalletCall {
        WalletCall(.debit, id) { body in
            holder.append(to: &body)
            cause.append(amount, to: &body)
        }
    }

    /// - Parameter amount: At least 1, smallest unit.
    package static func credit(id: String, _ holder: Holder, amount: Int64, for cause: Cause) -> WalletCall {
        WalletCall(.credit, id) { body in
            holder.append(to: &body)
            cause.append(amount, to: &body)
        }
    }

    /// - Parameter debit: The id of the debit that is not to count.
    package static func rollback(id: String, _ holder: Holder, debit: String) -> WalletCall {
        WalletCall(.rollback, id) { body in
            holder.append(to: &body)
            body.append(member: "debit", debit)
        }
    }
}

extension WalletCall.Holder {
    fileprivate func append(to body: inout [UInt8]) {
        body.append(member: "player", player)
        body.append(member: "currency", currency)
    }
}

extension WalletCall.Cause {
    fileprivate func append(_ amount: Int64, to body: inout [UInt8]) {
        body.append(text: ",\"amount\":")
        body.append(decimal: amount)
        body.append(member: "site", site)
        body.append(member: "game", game)
        body.append(member: "round", round)
        body.append(text: ",\"kinds\":[")
        for (index, kind) in kinds.enumerated() {
            if index > 0 { body.append(text: ",") }
            body.append(jsonString: kind)
        }
        body.append(text: "]")
    }
}

extension [UInt8] {
    fileprivate mutating func append(member name: StaticString, _ value: String) {
        append(text: ",\"")
        append(text: name)
        append(text: "\":")
        append(jsonString: value)
    }
}
