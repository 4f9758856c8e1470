import Bytes
import LuaRuntime
import Store

/// What lies on disk of a stake from before the operator is asked until its round is committed or void: enough to make it void
/// after a crash. One for each account, which has one stake under way at most. Any thread.
struct WalletNote: Sendable, Equatable {
    var account: AccountKey
    /// The id of the transition that the stake is for.
    var transition: StateID
    /// The version that the transition expects.
    var version: Int64
    /// The debit's id.
    var debit: String
    var holder: WalletCall.Holder
    /// The game; nil in notes of releases that did not keep it.
    var place: GameKey?
    /// The round that is staked on: one that would begin with the transition, or one that goes on without it.
    var round: StateID?

    private static let realm = "wallet"
    /// Names of all notes that there are, scored by time, for the look at a start.
    static let index = StoreKey(realm: realm, name: "notes")

    /// The note's place; the account's names may be too long for it as they are.
    static func name(of account: AccountKey) -> String {
        var text: [UInt8] = []
        for part in [account.realm, account.user, account.denom] { text.append(jsonString: part) }
        return ContentID(of: text).description
    }

    static func key(_ name: String) -> StoreKey { StoreKey(realm: realm, name: "note:" + name) }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"realm\":")
        bytes.append(jsonString: account.realm)
        bytes.append(text: ",\"user\":")
        bytes.append(jsonString: account.user)
        bytes.append(text: ",\"denom\":")
        bytes.append(jsonString: account.denom)
        bytes.append(text: ",\"transition\":\"")
        bytes.append(transition)
        bytes.append(text: "\",\"version\":")
        bytes.append(decimal: version)
        bytes.append(text: ",\"debit\":")
        bytes.append(jsonString: debit)
        bytes.append(text: ",\"player\":")
        bytes.append(jsonString: holder.player)
        bytes.append(text: ",\"currency\":")
        bytes.append(jsonString: holder.currency)
        appendRound(to: &bytes)
        bytes.append(text: "}")
        return bytes
    }

    private func appendRound(to bytes: inout [UInt8]) {
        guard let place, let round else { return }
        bytes.append(text: ",\"site\":")
        bytes.append(jsonString: place.site)
        bytes.append(text: ",\"game\":")
        bytes.append(jsonString: place.game)
        bytes.append(text: ",\"round\":\"")
        bytes.append(round)
        bytes.append(text: "\"")
    }

    /// Nil for what is no note.
    init?(_ bytes: [UInt8]) {
        let note = bytes.withUnsafeBytes { bytes -> WalletNote? in
            guard let object = try? JSONObject(bytes), let realm = object["realm"]?.string, let user = object["user"]?.string,
                let denom = object["denom"]?.string, let id = object["transition"]?.string.flatMap({ StateID($0) }),
                let version = object["version"]?.integer, let debit = object["debit"]?.string,
                let player = object["player"]?.string, let currency = object["currency"]?.string
            else { return nil }
            let site = object["site"]?.string, game = object["game"]?.string
            return WalletNote(
                account: AccountKey(realm: realm, user: user, denom: denom), transition: id, version: version, debit: debit,
                holder: WalletCall.Holder(player: player, currency: currency), place: site.flatMap { site in game.map { GameKey(site: site, game: $0) } },
                round: object["round"]?.string.flatMap { StateID($0) })
        }
        guard let note else { return nil }
        self = note
    }

    init(
        account: AccountKey, transition: StateID, version: Int64, debit: String, holder: WalletCall.Holder, place: GameKey? = nil, round: StateID? = nil
    ) {
        self.account = account
        self.transition = transition
        self.version = version
        self.debit = debit
        self.holder = holder
        self.place = place
        self.round = round
    }

    /// What puts it on disk.
    func kept(at now: Int64) -> [StoreChange] {
        let name = Self.name(of: account)
        return [.set(Self.key(name), encoded), .add(Self.index, SortedMember(name, Double(now)))]
    }

    /// What takes it away.
    static func forgotten(_ account: AccountKey) -> [StoreChange] {
        let name = Self.name(of: account)
        return [.delete(key(name)), .remove(index, member: name)]
    }

    /// The entry that makes the round void, and owes the rollback.
    ///
    /// - Parameter version: The one to expect; its own, unless somebody has changed the account since.
    func void(expecting version: Int64, credits: Int64?, now: Int64) -> Transition {
        var body: [UInt8] = []
        body.append(text: "{\"op\":\"stake_void\",\"debit\":")
        body.append(jsonString: debit)
        body.append(text: ",\"now\":")
        body.append(decimal: now)
        if let credits {
            body.append(text: ",\"credits_before\":")
            body.append(decimal: credits)
            body.append(text: ",\"credits_after\":")
            body.append(decimal: credits)
        }
        if place != nil, let round {
            appendRound(to: &body)
            body.append(text: ",\"state\":\"")
            body.append(transition)
            body.append(text: "\"")
            // A round that goes on has lost an action only.
            if round == transition { body.append(text: ",\"outcome\":\"refused\"") }
        }
        body.append(text: "}")
        let rollback = WalletCall.rollback(id: "r-" + transition.description, holder, debit: debit)
        return Transition(
            account: account, id: transition, expectedVersion: version, kind: .adjustment, body: body,
            outbox: [OwedCall(rollback, account: account, amount: 0).item])
    }
}
