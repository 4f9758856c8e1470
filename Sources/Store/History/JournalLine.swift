import Bytes

/// An entry of the journal as a line of JSON: how archives hold it, and what a ``JournalSeal`` is over. Everything of the row
/// is in it, states and bodies as texts, and the names of its account, so that it can be read without the store.
///
///     {"seq":7,"account":1,"realm":"demo","user":"alice","denom":"credit","previous":3,"id":"…","at":1700000000000,"kind":"action",
///      "opens_round":true,"version":4,"delta":-4,"credits":996,"ledger":"bet:-4","chain":"0123456789abcdef","slot":"set",
///      "site":"demo","game":"joker_bingo","state_id":"…","engine_version":1,"opened_at":1700000000000,"state":"{…}",
///      "private":"{…}","round":"82f3… 1700000000000 - bet:-4 wild","body":"{…}"}
///
/// Without a game's state `slot` is `keep` or `clear` and the members after it are missing up to `body`. `private` is missing where an
/// engine keeps nothing to itself, `round` (``Round``) where none is open. A state, private half or body that is no text is
/// `state_base64` and so on. The order of the members is fixed: a seal is over the bytes.
struct JournalLine: Equatable {
    var row: JournalRow
    /// The row's checksum.
    var chain: UInt64
    /// The names of the row's account.
    var key: AccountKey

    // MARK: Writing

    /// Without a line feed.
    var text: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2_560)
        bytes.append(text: "{\"seq\":")
        bytes.append(decimal: row.seq)
        bytes.append(text: ",\"account\":")
        bytes.append(decimal: row.account)
        bytes.append(text: ",\"realm\":")
        bytes.append(jsonString: key.realm)
        bytes.append(text: ",\"user\":")
        bytes.append(jsonString: key.user)
        bytes.append(text: ",\"denom\":")
        bytes.append(jsonString: key.denom)
        bytes.append(text: ",\"previous\":")
        bytes.append(decimal: row.previous)
        bytes.append(text: ",\"id\":\"")
        bytes.append(row.id)
        bytes.append(text: "\",\"at\":")
        bytes.append(decimal: row.at)
        bytes.append(text: ",\"kind\":")
        bytes.append(jsonString: row.kind)
        bytes.append(text: ",\"opens_round\":")
        if row.opensRound { bytes.append(text: "true") } else { bytes.append(text: "false") }
        bytes.append(text: ",\"version\":")
        bytes.append(decimal: row.version)
        bytes.append(text: ",\"delta\":")
        bytes.append(decimal: row.delta)
        bytes.append(text: ",\"credits\":")
        bytes.append(decimal: row.credits)
        bytes.append(text: ",\"ledger\":")
        bytes.append(jsonString: row.ledger)
        bytes.append(text: ",\"chain\":\"")
        withUnsafeBytes(of: chain.bigEndian) { bytes.append(hex: $0) }
        bytes.append(text: "\",\"slot\":")
        switch row.slot {
        case .keep: bytes.append(text: "\"keep\"")
        case .clear: bytes.append(text: "\"clear\"")
        case .set(let slot):
            bytes.append(text: "\"set\",\"site\":")
            bytes.append(jsonString: slot.key.site)
            bytes.append(text: ",\"game\":")
            bytes.append(jsonString: slot.key.game)
            bytes.append(text: ",\"state_id\":\"")
            bytes.append(slot.id)
            bytes.append(text: "\",\"engine_version\":")
            bytes.append(decimal: slot.engineVersion)
            bytes.append(text: ",\"opened_at\":")
            bytes.append(decimal: slot.openedAt)
            Self.append(slot.blob, named: "state", to: &bytes)
            if !slot.hidden.isEmpty { Self.append(slot.hidden, named: "private", to: &bytes) }
            if let round = slot.round {
                var text: [UInt8] = []
                round.write(to: &text)
                Self.append(text, named: "round", to: &bytes)
            }
        }
        Self.append(row.body, named: "body", to: &bytes)
        bytes.append(text: "}")
        return bytes
    }

    private static func append(_ content: [UInt8], named name: StaticString, to bytes: inout [UInt8]) {
        bytes.append(text: ",\"")
        bytes.append(text: name)
        if let text = String(validating: content, as: UTF8.self) {
            bytes.append(text: "\":")
            bytes.append(jsonString: text)
        } else {
            bytes.append(text: "_base64\":\"")
            bytes.append(contentsOf: Base64.encode(content, url: false))
            bytes.append(text: "\"")
        }
    }

    // MARK: Reading

    init(row: JournalRow, chain: UInt64, key: AccountKey) {
        self.row = row
        self.chain = chain
        self.key = key
    }

    /// Nil if it is not as ``text`` writes it.
    init?(_ line: UnsafeRawBufferPointer) {
        var rest = LineCursor(line)
        guard let seq = rest.number("{\"seq\":"), let account = rest.number(",\"account\":"), let realm = rest.text(",\"realm\":"),
            let user = rest.text(",\"user\":"), let denom = rest.text(",\"denom\":"), let previous = rest.number(",\"previous\":"),
            let id = rest.text(",\"id\":").flatMap({ StateID($0) }), let at = rest.number(",\"at\":"), let kind = rest.text(",\"kind\":"),
            let opensRound = rest.flag(",\"opens_round\":"), let version = rest.number(",\"version\":"),
            let delta = rest.number(",\"delta\":"), let credits = rest.number(",\"credits\":"), let ledger = rest.text(",\"ledger\":"),
            let chain = rest.text(",\"chain\":").flatMap({ Hex.bytes($0.utf8) }), chain.count == 8,
            let change = rest.text(",\"slot\":").flatMap({ Self.slot($0, &rest) }), let body = Self.content(",\"body", &rest),
            rest.take("}"), rest.isAtEnd
        else { return nil }
        row = JournalRow(
            seq: seq, account: account, previous: previous, id: id, at: at, kind: kind, opensRound: opensRound, version: version,
            delta: delta, credits: credits, ledger: ledger, slot: change, body: body)
        self.chain = chain.reduce(0) { $0 << 8 | UInt64($1) }
        key = AccountKey(realm: realm, user: user, denom: denom)
    }

    private static func slot(_ word: String, _ rest: inout LineCursor) -> SlotChange? {
        switch word {
        case "keep": return .keep
        case "clear": return .clear
        case "set":
            guard let site = rest.text(",\"site\":"), let game = rest.text(",\"game\":"),
                let id = rest.text(",\"state_id\":").flatMap({ StateID($0) }), let version = rest.number(",\"engine_version\":"),
                let openedAt = rest.number(",\"opened_at\":"), let state = content(",\"state", &rest)
            else { return nil }
            var slot = GameSlot(key: GameKey(site: site, game: game), id: id, engineVersion: version, openedAt: openedAt, blob: state)
            if rest.isNext(",\"private") {
                guard let hidden = content(",\"private", &rest), !hidden.isEmpty else { return nil }
                slot.hidden = hidden
            }
            if rest.isNext(",\"round") {
                guard let round = content(",\"round", &rest).flatMap({ Round($0[...]) }) else { return nil }
                slot.round = round
            }
            return .set(slot)
        default: return nil
        }
    }

    private static func content(_ name: StaticString, _ rest: inout LineCursor) -> [UInt8]? {
        guard rest.take(name) else { return nil }
        if rest.take("_base64") { return rest.string("\":").flatMap { Base64.decode($0) } }
        return rest.string("\":")
    }
}

/// Reads a line of JSON whose members stand in a known order.
struct LineCursor {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    /// Goes behind `text` if it is what comes next.
    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - place >= count else { return false }
        for index in 0..<count where bytes[place + index] != text.utf8Start[index] { return false }
        place += count
        return true
    }

    /// Is `text` what comes next?
    func isNext(_ text: StaticString) -> Bool {
        var copy = self
        return copy.take(text)
    }

    /// A whole number behind `name`.
    mutating func number(_ name: StaticString) -> Int64? {
        guard take(name) else { return nil }
        let start = place
        while place < bytes.count, bytes[place] == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { place += 1 }
        return Int64(String(decoding: bytes[start..<place], as: UTF8.self))
    }

    mutating func flag(_ name: StaticString) -> Bool? {
        guard take(name) else { return nil }
        return take("true") ? true : take("false") ? false : nil
    }

    mutating func text(_ name: StaticString) -> String? { string(name).flatMap { String(validating: $0, as: UTF8.self) } }

    /// The bytes of a string behind `name`.
    mutating func string(_ name: StaticString) -> [UInt8]? {
        guard take(name), take("\"") else { return nil }
        var result: [UInt8] = []
        var start = place
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                result.append(contentsOf: bytes[start..<place])
                place += 1
                return result
            }
            if byte != UInt8(ascii: "\\") {
                place += 1
                continue
            }
            result.append(contentsOf: bytes[start..<place])
            place += 1
            guard let character = escaped() else { return nil }
            result.append(character)
            start = place
        }
        return nil
    }

    /// What stands behind a backslash: only what ``JournalLine`` writes.
    private mutating func escaped() -> UInt8? {
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        switch bytes[place] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return bytes[place]
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "u"):
            guard bytes.count - place > 4, bytes[place + 1] == UInt8(ascii: "0"), bytes[place + 2] == UInt8(ascii: "0"),
                let high = Hex.value(bytes[place + 3]), let low = Hex.value(bytes[place + 4])
            else { return nil }
            place += 4
            return high << 4 | low
        default: return nil
        }
    }
}
