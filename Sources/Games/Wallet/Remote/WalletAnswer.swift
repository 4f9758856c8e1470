import LuaRuntime

/// What came of one attempt of a ``WalletCall``. Any thread.
package enum WalletAnswer: Sendable, Equatable {
    /// It stands, now or since an earlier attempt.
    case accepted(WalletBalance)
    /// It does not stand, and this attempt has changed nothing.
    case refused(WalletRefusal)
    /// Nobody knows: no answer, or none that can be believed. The same call with the same id tells.
    case unknown(String)

    /// Bytes of an answer that are read; the protocol's have some hundred.
    package static let bytesMax = 16 << 10
    /// Most that a player may have, smallest unit: what every client can hold exactly (2^53), as with ``Site/initialCreditsMax``. Nobody
    /// has more, and sums with it stay far from the end of 64 bits.
    package static let balanceMax: Int64 = 9_000_000_000_000_000

    /// Reads an answer. It is believed only if it is what the protocol says in every point: a page of a proxy that is in the
    /// way refuses nothing.
    package init(status: Int, body: [UInt8], to call: WalletCall) {
        self = body.withUnsafeBytes { bytes in
            guard let object = try? JSONObject(bytes) else { return .unknown("status \(status) and no JSON object") }
            return status == 200 ? Self.acceptance(object, call) : Self.refusal(status, object)
        }
    }

    private static func acceptance(_ object: JSONObject, _ call: WalletCall) -> WalletAnswer {
        guard object["id"]?.string == call.id else { return .unknown("the answer has not the id of the call") }
        guard let balance = object["balance"]?.integer, (0...balanceMax).contains(balance) else {
            return .unknown("the answer's balance is no whole number from 0 to \(balanceMax)")
        }
        return .accepted(WalletBalance(balance: balance, player: object["player"]?.string, currency: object["currency"]?.string))
    }

    private static func refusal(_ status: Int, _ object: JSONObject) -> WalletAnswer {
        guard let code = object["error"]?.string.flatMap({ WalletRefusal.Code(rawValue: $0) }), code.status == status else {
            return .unknown("status \(status) without a code that goes with it")
        }
        return .refused(WalletRefusal(code: code, detail: object["message"]?.string ?? code.rawValue))
    }
}

/// What the wallet tells of a player in accepting a call.
package struct WalletBalance: Sendable, Equatable {
    /// After the call, smallest unit, ≥ 0.
    package var balance: Int64
    /// Whom the token is of; in answers to `authenticate`.
    package var player: String?
    package var currency: String?

    package init(balance: Int64, player: String? = nil, currency: String? = nil) {
        self.balance = balance
        self.player = player
        self.currency = currency
    }

    /// Is the answer about this player and currency? By the names' bytes, as the store has them: see ``UserKey``.
    func isOf(_ holder: WalletCall.Holder) -> Bool {
        player?.utf8.elementsEqual(holder.player.utf8) == true && currency?.utf8.elementsEqual(holder.currency.utf8) == true
    }
}

/// Why the wallet did not do it.
package struct WalletRefusal: Error, Sendable, Equatable {
    /// Stable codes of the protocol, each with the HTTP status it comes with.
    package enum Code: String, Sendable, CaseIterable {
        /// The call is not what the protocol says.
        case badRequest = "bad_request"
        /// The signature is missing, wrong or too old.
        case badSignature = "bad_signature"
        /// The player does not have the stake.
        case insufficientFunds = "insufficient_funds"
        /// The token is not, or no longer, of this player.
        case authFailed = "auth_failed"
        /// The player may not play: excluded, or stopped by the operator.
        case blocked
        /// The player has reached a limit of his own or of the operator.
        case limitReached = "limit_reached"
        case unknownPlayer = "unknown_player"
        /// The player has no money of this currency.
        case wrongCurrency = "wrong_currency"
        /// The id was used by a call that said something else.
        case idConflict = "id_conflict"
        /// The debit was rolled back, before or after it came.
        case rolledBack = "rolled_back"

        package var status: Int {
            switch self {
            case .badRequest: 400
            case .badSignature: 401
            case .insufficientFunds: 402
            case .authFailed, .blocked, .limitReached: 403
            case .unknownPlayer: 404
            case .wrongCurrency, .idConflict, .rolledBack: 409
            }
        }
    }

    package var code: Code
    /// For the log.
    package var detail: String

    package init(code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }
}
