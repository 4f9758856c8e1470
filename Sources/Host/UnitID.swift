/// Names one reloadable unit: a package of scripts or a game.
///
/// Written `package casino` or `game joker_bingo` in logs, errors and metrics.
public struct UnitID: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable {
        case package, game
    }

    public let kind: Kind
    /// The folder's name.
    public let name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    public static func package(_ name: String) -> UnitID { UnitID(.package, name) }
    public static func game(_ name: String) -> UnitID { UnitID(.game, name) }

    public var description: String { kind.rawValue + " " + name }
}

/// One load of a unit. The number is counted over the whole process, so a larger one is always newer.
public struct GenerationNumber: Comparable, Hashable, Sendable, CustomStringConvertible {
    /// 1 or more; 0 stands for code that belongs to no unit.
    public let number: UInt64

    public init(number: UInt64) { self.number = number }

    public static func < (a: GenerationNumber, b: GenerationNumber) -> Bool { a.number < b.number }

    public var description: String { String(number) }
}
