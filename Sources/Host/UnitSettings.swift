package import LuaRuntime

/// Where a unit's Lua states live (`M.workers`).
package enum Placement: String, Sendable {
    /// One worker runs the package; connections of the other loops are forwarded to it.
    case one
    /// Every worker runs it.
    case all
    /// A loop and a thread of its own, without sockets.
    case dedicated
}

/// What a unit's module table says about how it is to be run.
package struct UnitSettings: Sendable {
    package var placement: Placement = .one
    /// Name of the listener its routes live on (`M.listener`).
    package var listener: String = "main"
    /// `M.version`; when it rises, `M.migrate` is called with the former number.
    package var version: Int64 = 0
    /// Where a game's main file says it; its first line if its text does not show that.
    package var versionSite: DeclarationSite?
    package var limits = LuaLimits()

    package init() {}
}

extension UnitSettings {
    /// What to do about a lower `M.version` than states were made by.
    package static func versionRemedy(for version: Int64) -> String {
        "put M.version back to \(version), or raise it to \(version + 1) with an M.migrate that takes states of version \(version)"
    }

    /// What a raised version without `M.migrate` means to a game.
    package static func unmigrated(_ version: Int64) -> String {
        "M.version is \(version) and there is no M.migrate: states of a lower version, open rounds among them, go to this engine as they are. "
            + "Write M.migrate; if they need no change, function M.migrate(_, state) return state end says so"
    }

    /// The line on which a module's text says its version, from 1: `M.version = 2` or `{ version = 2, … }`. Nil: it says none, or
    /// says it in another way.
    package static func versionLine(in source: [UInt8]) -> Int? {
        // Every load asks, so the bytes are looked at once.
        var line = 0
        for text in source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            if saysVersion(text) { return line }
        }
        return nil
    }

    private static func saysVersion(_ line: ArraySlice<UInt8>) -> Bool {
        let word: StaticString = "version"
        let name = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        func isPartOfName(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        for place in line.indices {
            let rest = line[place...]
            if line[place] == UInt8(ascii: "-"), rest.dropFirst().first == UInt8(ascii: "-") { return false }
            guard rest.first == name[0], rest.starts(with: name), place == line.startIndex || !isPartOfName(line[place - 1]) else { continue }
            let behind = rest.dropFirst(name.count).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            if behind.first == UInt8(ascii: "="), behind.dropFirst().first.map({ $0 != UInt8(ascii: "=") }) == true { return true }
        }
        return false
    }
}
