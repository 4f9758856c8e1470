internal import CLuaShim

/// What could be carried of a value, and what could not.
public struct CarriedPlain: Sendable, Equatable {
    /// Plain data (see `LuaArguments.plain`); empty when the value is nil or had to be left out itself.
    public var bytes: [UInt8]
    /// What was left out, at most 32 of it.
    public var offences: [PlainOffence]
    /// How many values were left out in all.
    public var omitted: Int

    public init(bytes: [UInt8], offences: [PlainOffence] = [], omitted: Int = 0) {
        self.bytes = bytes
        self.offences = offences
        self.omitted = omitted
    }
}

/// A value that is not plain data.
public struct PlainOffence: Sendable, Equatable, CustomStringConvertible {
    /// The class of the offence.
    public enum Kind: String, Sendable {
        case function, userdata, coroutine
        /// A table with a metatable: it would come back as something else.
        case metatable
        /// A key that is no string, number or boolean.
        case key
        /// A table that contains itself.
        case cycle
        /// A table reached a second time; the first time it was carried.
        case shared
        case tooDeep = "too_deep"
        /// A top-level entry that does not fit into what is carried.
        case tooLarge = "too_large"
        /// The host is out of memory.
        case memory
    }

    /// "state.players[3].on_hit"
    public var path: String
    public var kind: Kind
    /// For people: "is a function".
    public var reason: String
    /// "lobby.lua:12": where the table it is in was stored, or first fetched after a reload. Nil when unknown.
    public var place: String?

    public init(path: String, kind: Kind, reason: String, place: String?) {
        self.path = path
        self.kind = kind
        self.reason = reason
        self.place = place
    }

    public var description: String {
        place.map { "\(path) \(reason) (stored at \($0))" } ?? "\(path) \(reason)"
    }
}

extension PlainOffence {
    init(_ offence: UnsafePointer<nj_offence>) {
        let raw = offence.pointee
        let place = PlainOffence.text(raw.place)
        self.init(
            path: PlainOffence.text(raw.path), kind: PlainOffence.kind(raw), reason: PlainOffence.text(raw.reason),
            place: place.isEmpty ? nil : place)
    }

    private static func kind(_ offence: nj_offence) -> Kind {
        switch UInt32(offence.code) {
        case NJ_EKEY.rawValue: .key
        case NJ_ECYCLE.rawValue: .cycle
        case NJ_ESHARED.rawValue: .shared
        case NJ_EDEPTH.rawValue: .tooDeep
        case NJ_ESIZE.rawValue: .tooLarge
        case NJ_EMEMORY.rawValue: .memory
        default:
            switch offence.type {
            case LUA_TFUNCTION: .function
            case LUA_TTHREAD: .coroutine
            case LUA_TTABLE: .metatable
            default: .userdata
            }
        }
    }

    private static func text<T>(_ characters: T) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
