import LuaRuntime
import Store

/// The most that a round may pay: what a game's effective settings say of it. The host holds every credit against it.
///
///     "max_win": 100000                     credits, of the game on this site
///     "site_max_win": 50000                 credits, of the site; `Scripts/casino` puts it in from the site's own `max_win`
///     "modes": {"base": {"max_win": 20000, "max_win_x": 5000}}
///                                           of a mode, in credits and in multiples of what the round has staked
///
/// The lowest holds. They stand in the settings, so that the journal names them with each entry.
struct WinCaps: Sendable, Equatable {
    /// Modes of one game: more than any game has.
    static let modesMax = 64

    /// Of one mode; nil where there is none.
    struct Mode: Sendable, Equatable {
        var credits: Int64?
        var times: Int64?
    }

    /// Whatever the mode; nil without one.
    let credits: Int64?
    let modes: [Mark: Mode]

    /// Why settings cannot be played with.
    struct Problem: Error, Equatable {
        let text: String
    }

    /// Nil if the settings say nothing of it.
    init?(_ settings: [UInt8]) throws(Problem) {
        let read = settings.withUnsafeBytes { bytes -> Result<WinCaps?, Problem> in
            guard let object = try? JSONObject(bytes) else { return .success(nil) }
            return Result { () throws(Problem) in try Self.read(object) }
        }
        guard let caps = try read.get() else { return nil }
        self = caps
    }

    private init(credits: Int64?, modes: [Mark: Mode]) {
        self.credits = credits
        self.modes = modes
    }

    private static func read(_ object: JSONObject) throws(Problem) -> WinCaps? {
        let own = try whole(object["max_win"], "max_win")
        let site = try whole(object["site_max_win"], "site_max_win")
        var modes: [Mark: Mode] = [:]
        if let value = object["modes"] {
            guard let list = value.object, (1...modesMax).contains(list.count) else {
                throw Problem(text: "the setting modes must be an object of 1 to \(modesMax) modes")
            }
            for index in 0..<list.count {
                let (name, value) = list.member(at: index)
                guard let mark = Mark(rawValue: name), let mode = value.object else {
                    throw Problem(text: "the mode \(name.prefix(40)) must be an object, and its name of a-z, 0-9 and _")
                }
                modes[mark] = Mode(
                    credits: try whole(mode["max_win"], "max_win of the mode \(name)"),
                    times: try whole(mode["max_win_x"], "max_win_x of the mode \(name)"))
            }
        }
        guard own != nil || site != nil || !modes.isEmpty else { return nil }
        return WinCaps(credits: [own, site].compactMap { $0 }.min(), modes: modes)
    }

    private static func whole(_ value: JSONValue?, _ name: String) throws(Problem) -> Int64? {
        guard let value else { return nil }
        guard let number = value.integer, number >= 1 else { throw Problem(text: "the setting \(name) must be a whole number of at least 1") }
        return number
    }

    /// The most that a round may pay in all; nil if nothing bounds it.
    func most(in mode: Mark?, staked: Int64) -> Int64? {
        let mode = mode.flatMap { modes[$0] }
        var most = credits
        if let cap = mode?.credits { most = min(most ?? cap, cap) }
        if let times = mode?.times {
            let (product, overflow) = staked.multipliedReportingOverflow(by: times)
            if !overflow { most = min(most ?? product, product) }
        }
        return most
    }
}
