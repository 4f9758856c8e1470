import Bytes
import LuaRuntime
import Store

/// What an entry of the journal tells, as far as the games are concerned.
enum JournalEvent: Sendable, Equatable {
    /// An engine was called.
    case call(JournalRecord)
    /// A stored state was brought into the form of a newer engine.
    case migration(MigrationRecord)
    /// The game was left, its state is gone. `round`: one that ended by it, see ``JournalBody``.
    case finished(GameKey, round: StateID?)
    /// The player took up a game that lay aside; its state is the same.
    case resumed(GameKey)

    /// Reads a body; nil for entries of other kinds (openings, adjustments) and for damaged ones.
    init?(parsing body: [UInt8]) {
        let event = body.withUnsafeBytes { bytes in (try? JSONObject(bytes)).flatMap { JournalEvent($0) } }
        guard let event else { return nil }
        self = event
    }

    private init?(_ object: JSONObject) {
        switch object["op"]?.string {
        case "finish", "resume":
            guard let game = object["game"]?.string, let site = object["site"]?.string else { return nil }
            let place = GameKey(site: site, game: game)
            let round = object["round"]?.string.flatMap { StateID($0) }
            self = object["op"]?.string == "finish" ? .finished(place, round: round) : .resumed(place)
        case "migrate":
            guard let record = MigrationRecord(object) else { return nil }
            self = .migration(record)
        default:
            guard let record = JournalRecord(object) else { return nil }
            self = .call(record)
        }
    }
}

/// A migration read back from the journal.
struct MigrationRecord: Sendable, Equatable {
    var place: GameKey
    /// The state's id, before and after.
    var state: StateID
    var generation: UInt64
    /// Version of the state before.
    var stateVersion: Int64
    /// And after.
    var engineVersion: Int64
    var engine: ContentID?
    var settings: SettingsName
    var now: Int64
    var credits: Int64
    /// Of the state after.
    var fingerprint: UInt64

    init?(_ object: JSONObject) {
        guard let game = object["game"]?.string, let site = object["site"]?.string,
            let state = object["state"]?.string.flatMap({ StateID($0) }), let generation = object["generation"]?.integer,
            let stateVersion = object["state_version"]?.integer, let engineVersion = object["engine_version"]?.integer,
            let settings = SettingsName(object["settings"]), let now = object["now"]?.integer,
            let credits = object["credits_before"]?.integer, let fingerprint = Fingerprint.read(object["fingerprint"])
        else { return nil }
        place = GameKey(site: site, game: game)
        self.state = state
        self.generation = UInt64(clamping: generation)
        self.stateVersion = stateVersion
        self.engineVersion = engineVersion
        engine = object["engine"]?.string.flatMap { ContentID($0) }
        self.settings = settings
        self.now = now
        self.credits = credits
        self.fingerprint = fingerprint
    }
}

/// Which settings held.
enum SettingsName: Sendable, Hashable {
    case content(ContentID)
    /// In entries from before settings were kept.
    case fingerprint(UInt64)

    init?(_ value: JSONValue?) {
        if let id = value?.string.flatMap({ ContentID($0) }) {
            self = .content(id)
        } else if let fingerprint = Fingerprint.read(value) {
            self = .fingerprint(fingerprint)
        } else {
            return nil
        }
    }

    func names(_ settings: GameSettings) -> Bool {
        switch self {
        case .content(let id): id == settings.id
        case .fingerprint(let fingerprint): fingerprint == settings.fingerprint
        }
    }
}

extension Fingerprint {
    /// From the 16 hexadecimal digits of a journal.
    static func read(_ value: JSONValue?) -> UInt64? {
        guard let bytes = value?.string.flatMap({ Hex.bytes($0.utf8) }), bytes.count == 8 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
