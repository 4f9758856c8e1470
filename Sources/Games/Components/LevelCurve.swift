import Bytes
import LuaRuntime

/// How much a player spends from one level to the next (docs/writing-components.md), as `Scripts/casino/levels.lua` says.
/// Immutable.
struct LevelCurve: Sendable, Equatable {
    /// What the first levels take, each ≥ 1: the first number leads from level 1 to level 2.
    let widths: [Int64]
    /// By how much each level beyond them takes more than the one before, ≥ 0.
    let step: Int64

    /// Longest list of widths; and largest of its numbers, so that no sum leaves 64 bits.
    static let widthsMax = 1_000
    static let amountMax: Int64 = 1_000_000_000_000

    init?(widths: [Int64], step: Int64) {
        guard (1...Self.widthsMax).contains(widths.count), widths.allSatisfy({ (1...Self.amountMax).contains($0) }),
            (0...Self.amountMax).contains(step)
        else { return nil }
        self.widths = widths
        self.step = step
    }

    /// From `{"widths":[70],"step":30}`; nil when it is something else.
    init?(_ description: JSONValue) {
        guard let object = description.object, let list = object["widths"]?.elements, let step = object["step"]?.integer else { return nil }
        let widths = list.compactMap(\.integer)
        guard widths.count == list.count else { return nil }
        self.init(widths: widths, step: step)
    }

    /// The level that a sum has brought, and how far it is to the next: `part` of `width`, 0 ≤ part < width.
    func level(spent: Int64) -> (level: Int64, part: Int64, width: Int64) {
        var rest = max(0, spent)
        var level: Int64 = 1
        for width in widths {
            if rest < width { return (level, rest, width) }
            rest -= width
            level += 1
        }
        // The levels beyond take w, w + step, w + 2·step …: n of them n·w + step·n·(n-1)/2.
        let first = (widths.last ?? 1) + step
        let count = Self.whole(rest, first, step)
        rest -= Self.sum(count, first, step)
        let (reached, overflow) = level.addingReportingOverflow(count)
        return (overflow ? .max : reached, rest, first + step * count)
    }

    /// How many levels fit into `rest`.
    private static func whole(_ rest: Int64, _ first: Int64, _ step: Int64) -> Int64 {
        if step == 0 { return rest / first }
        let a = Double(step) / 2, b = Double(first) - a
        var count = Int64((-b + (b * b + 4 * a * Double(rest)).squareRoot()) / (2 * a))
        // The root is rounded.
        while count > 0, sum(count, first, step) > rest { count -= 1 }
        while sum(count + 1, first, step) <= rest { count += 1 }
        return count
    }

    /// Of `count` levels; more than 64 bits hold is as much as they hold.
    private static func sum(_ count: Int64, _ first: Int64, _ step: Int64) -> Int64 {
        let (flat, over) = count.multipliedReportingOverflow(by: first)
        let pairs = count.multipliedFullWidth(by: count - 1)
        guard !over else { return .max }
        if step == 0 { return flat }
        guard pairs.high == 0 else { return .max }
        let (rise, tooMuch) = Int64(clamping: pairs.low / 2).multipliedReportingOverflow(by: step)
        let (total, overflow) = flat.addingReportingOverflow(rise)
        return tooMuch || overflow ? .max : total
    }

    // MARK: What the player sees

    /// The keys of the player's data that are the server's own.
    static let keys = ["soc_level", "soc_level_progress", "soc_level_prog", "spend_total"]

    /// Appends the four members, without braces. The progress has four decimals, rounded down: 1 is the next level.
    func append(spent: Int64, to bytes: inout [UInt8]) {
        let (level, part, width) = level(spent: spent)
        let progress = width.dividingFullWidth(part.multipliedFullWidth(by: 10_000)).quotient
        bytes.append(text: "\"soc_level\":")
        bytes.append(decimal: level)
        bytes.append(text: ",\"soc_level_progress\":")
        Self.append(tenThousandths: progress, to: &bytes)
        bytes.append(text: ",\"soc_level_prog\":")
        Self.append(tenThousandths: progress, to: &bytes)
        bytes.append(text: ",\"spend_total\":")
        bytes.append(decimal: spent)
    }

    /// 1800 → `0.18`, 0 → `0.0`.
    private static func append(tenThousandths: Int64, to bytes: inout [UInt8]) {
        var digits = tenThousandths
        var places = 4
        while places > 1, digits % 10 == 0 {
            digits /= 10
            places -= 1
        }
        bytes.append(text: "0.")
        var power: Int64 = 1
        for _ in 1..<places { power *= 10 }
        while power > 1, digits < power {
            bytes.append(text: "0")
            power /= 10
        }
        bytes.append(decimal: digits)
    }
}
