import Bytes
import LuaRuntime

/// What wins a level of a jackpot.
enum JackpotTrigger: Sendable, Equatable {
    /// The engine says so (`ctx:award("bingo", stake)`); empty: whatever it says.
    case event(String)
    /// Chance, proportional to the stake: one credit in so many wins.
    case chance(oneIn: Int64)
    /// The contribution that reaches a value drawn beforehand, at most this one. Storage units.
    case mustHitBy(Int64)
}

/// One level of a jackpot as a site describes it. Amounts in storage units, rates in hundredths of a percent.
struct JackpotLevel: Sendable, Equatable {
    /// Its id in the store and for subscriptions: `night/mini`; of a jackpot without levels the jackpot's.
    var id: String
    /// `mini`; of a jackpot without levels its id.
    var name: String
    /// Storage units in one credit.
    var multiplier: Int64
    var minimum: Int64
    var maximum: Int64
    var rate: Int64
    /// Of the part that feeds the reserve.
    var hiddenRate: Int64
    /// Smallest stake that can win, credits.
    var qualifyingBet: Int64
    var trigger: JackpotTrigger

    /// Largest multiplier and value: no sum of stakes and values leaves 64 bits.
    static let multiplierMax: Int64 = 1_000_000_000
    static let valueMax: Int64 = 1_000_000_000_000_000

    /// From an object as ``append(to:)`` writes it; nil when something is missing or contradicts itself.
    init?(_ value: JSONValue) {
        guard let object = value.object, let id = object["id"]?.string, let name = object["level"]?.string,
            let multiplier = object["storage_multiplier"]?.integer, (1...Self.multiplierMax).contains(multiplier),
            let minimum = object["min"]?.integer, let maximum = object["max"]?.integer, minimum >= 0, minimum <= maximum, maximum <= Self.valueMax,
            let rate = object["rate_bp"]?.integer, (0...10_000).contains(rate),
            let hiddenRate = object["hidden_rate_bp"]?.integer, (0...10_000).contains(hiddenRate),
            let qualifyingBet = object["qualifying_bet"]?.integer, qualifyingBet >= 0
        else { return nil }
        if let oneIn = object["one_in"]?.integer {
            guard oneIn >= 1 else { return nil }
            trigger = .chance(oneIn: oneIn)
        } else if let limit = object["must_hit_by"]?.integer {
            guard limit > minimum + multiplier, limit <= maximum else { return nil }
            trigger = .mustHitBy(limit)
        } else {
            trigger = .event(object["on"]?.string ?? "")
        }
        self.id = id
        self.name = name
        self.multiplier = multiplier
        self.minimum = minimum
        self.maximum = maximum
        self.rate = rate
        self.hiddenRate = hiddenRate
        self.qualifyingBet = qualifyingBet
    }

    /// Appends the level as JSON, always in the same form: it becomes part of settings that are named by their hash.
    func append(to bytes: inout [UInt8]) {
        func number(_ name: StaticString, _ value: Int64) {
            bytes.append(text: name)
            bytes.append(decimal: value)
        }
        bytes.append(text: "{\"id\":")
        bytes.append(jsonString: id)
        bytes.append(text: ",\"level\":")
        bytes.append(jsonString: name)
        number(",\"storage_multiplier\":", multiplier)
        number(",\"min\":", minimum)
        number(",\"max\":", maximum)
        number(",\"rate_bp\":", rate)
        number(",\"hidden_rate_bp\":", hiddenRate)
        number(",\"qualifying_bet\":", qualifyingBet)
        switch trigger {
        case .event(let name):
            bytes.append(text: ",\"on\":")
            bytes.append(jsonString: name)
        case .chance(let oneIn): number(",\"one_in\":", oneIn)
        case .mustHitBy(let limit): number(",\"must_hit_by\":", limit)
        }
        bytes.append(text: "}")
    }

    /// Where the value lies at which it must be won: above the seed and one credit, so that there is something to be paid, up to its limit.
    func thresholds(upTo limit: Int64) -> ClosedRange<Int64> {
        let least = max(minimum, multiplier) + 1
        return least...max(limit, least)
    }

    /// What a stake brings: storage units, rounded down.
    ///
    /// - Parameter rate: Hundredths of a percent.
    func share(of stake: Int64, _ rate: Int64) -> Int64 {
        let product = stake.multipliedFullWidth(by: multiplier * rate)
        let limit = Int64(10_000)
        // Beyond it the quotient would not fit into 64 bits.
        guard product.high < limit / 2 else { return Self.valueMax }
        return min(limit.dividingFullWidth(product).quotient, Self.valueMax)
    }
}

/// The levels that a game feeds and can win. Immutable.
struct JackpotPlan: Sendable, Equatable {
    let levels: [JackpotLevel]

    /// Levels of all jackpots of one game: each is a change of the store with every bet.
    static let levelsMax = 16
    /// The member of a game's effective settings in which they stand.
    static let member = "jackpot_levels"

    init?(_ levels: [JackpotLevel]) {
        guard (1...Self.levelsMax).contains(levels.count) else { return nil }
        self.levels = levels
    }

    /// From effective settings; nil when there are none.
    init?(settings: [UInt8]) {
        let levels = settings.withUnsafeBytes { text -> [JackpotLevel] in
            guard let elements = (try? JSONObject(text))?.member(Self.member)?.elements else { return [] }
            let levels = elements.compactMap { JackpotLevel($0) }
            return levels.count == elements.count ? levels : []
        }
        self.init(levels)
    }

    /// The settings of a game with the levels of the jackpots that it names (`"jackpot": "id"` or a list of ids), as far as the site
    /// has them. So everything that an engine's call depends on is in the settings that the journal names.
    static func settings(_ settings: GameSettings, with jackpots: [String: [JackpotLevel]]) -> GameSettings {
        let names = settings.json.withUnsafeBytes { text -> [String] in
            guard let value = (try? JSONObject(text))?["jackpot"] else { return [] }
            return value.string.map { [$0] } ?? value.elements?.compactMap(\.string) ?? []
        }
        guard let plan = JackpotPlan(names.flatMap { jackpots[$0] ?? [] }) else { return settings }
        var levels = Array("{\"\(member)\":[".utf8)
        for (index, level) in plan.levels.enumerated() {
            if index > 0 { levels.append(text: ",") }
            level.append(to: &levels)
        }
        levels.append(text: "]}")
        let merged = settings.json.withUnsafeBytes { base in
            levels.withUnsafeBytes { over -> [UInt8] in
                guard let base = try? JSONObject(base), let over = try? JSONObject(over) else { return settings.json }
                return JSONMerge.overlay(base, over)
            }
        }
        return GameSettings(json: merged)
    }
}
