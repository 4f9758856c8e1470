import Foundation

/// One entry of a live log as a row of the table; nil is NULL.
struct LogRow: Sendable, Equatable {
    /// When the client wrote it, `YYYY-MM-DD HH:MM:SS.mmm`, UTC.
    var clientTime: String?
    /// At most `levelCharactersMax` characters.
    var level: String?
    var msg: String?
    var user: String?
    /// Never empty.
    var room: String?
    /// When it reached the server, as `clientTime`.
    var serverTime: String?
    var sequence: Int64?
    /// The line for a person.
    var text: String?

    /// Width of the column `level`.
    static let levelCharactersMax = 10
}

/// What one frame held.
struct LogFrame: Sendable, Equatable {
    var rows: [LogRow]
    /// Elements of the array that are no objects.
    var skipped = 0

    /// - Parameter bytes: JSON: an object or an array of objects.
    /// - Throws: A decoding error, if it is neither.
    init(json bytes: [UInt8]) throws {
        let batch = try JSONDecoder().decode(Batch.self, from: Data(bytes))
        rows = batch.elements.compactMap { $0.entry?.row }
        skipped = batch.elements.count - rows.count
    }
}

private struct Batch: Decodable {
    var elements: [Element] = []

    struct Element: Decodable {
        var entry: WireEntry?

        init(_ entry: WireEntry) { self.entry = entry }

        init(from decoder: any Decoder) throws { entry = try? WireEntry(from: decoder) }
    }

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd { elements.append(try list.decode(Element.self)) }
        } else {
            elements = [Element(try WireEntry(from: decoder))]
        }
    }
}

/// An entry as it comes: nothing is sure to be there or to be of the right kind.
private struct WireEntry: Decodable {
    private enum Key: String, CodingKey {
        case timestamp, level, msg, text, user, room, serverTime, seqNumber
    }

    private var timestamp: LogTime?
    private var level: String?
    private var msg: String?
    private var text: String?
    private var user: String?
    private var room: String?
    private var serverTime: LogTime?
    private var sequence: Int64?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        timestamp = Self.time(fields, .timestamp)
        level = Self.string(fields, .level)
        msg = Self.string(fields, .msg)
        text = Self.string(fields, .text)
        user = Self.string(fields, .user)
        room = Self.string(fields, .room)
        serverTime = Self.time(fields, .serverTime)
        sequence = (try? fields.decodeIfPresent(Int64.self, forKey: .seqNumber))
            ?? (try? fields.decode(Double.self, forKey: .seqNumber)).flatMap(Int64.init(exactly:))
    }

    var row: LogRow {
        LogRow(
            clientTime: timestamp?.date, level: level.map { String($0.prefix(LogRow.levelCharactersMax)) }, msg: msg, user: user,
            room: room == "" || room == "undefined" ? nil : room, serverTime: serverTime?.date, sequence: sequence, text: line)
    }

    /// Rebuilt from the time and the message; without one of them what the client wrote.
    private var line: String? {
        guard let timestamp, let msg else { return text ?? msg }
        return timestamp.timeOfDay + (level.map { "  [\($0)] " } ?? "  ") + msg
    }

    private static func time(_ fields: KeyedDecodingContainer<Key>, _ key: Key) -> LogTime? {
        (try? fields.decode(Double.self, forKey: key)).flatMap(LogTime.init(milliseconds:))
    }

    /// Text as it is, another value as its JSON, null as nothing.
    private static func string(_ fields: KeyedDecodingContainer<Key>, _ key: Key) -> String? {
        guard fields.contains(key), (try? fields.decodeNil(forKey: key)) == false else { return nil }
        let text = (try? fields.decode(String.self, forKey: key)) ?? (try? fields.decode(AnyJSON.self, forKey: key))?.text
        // SQLite ends a text at its first NUL.
        return text?.replacing("\0", with: "\u{FFFD}")
    }
}

/// A moment from 0000 to 9999, which is what SQLite's date functions know.
struct LogTime: Sendable, Equatable {
    /// Since 1970.
    let milliseconds: Int64

    /// - Parameter milliseconds: Since 1970; fractions are cut off. Nil if out of range.
    init?(milliseconds: Double) {
        let range = -62_167_219_200_000.0..<253_402_300_800_000.0
        guard range.contains(milliseconds) else { return nil }
        self.milliseconds = Int64(milliseconds.rounded(.down))
    }

    /// `YYYY-MM-DD HH:MM:SS.mmm`, UTC.
    var date: String {
        let (parts, rest) = split
        return "\(Self.padded(parts.tm_year + 1900, 4))-\(Self.padded(parts.tm_mon + 1))-\(Self.padded(parts.tm_mday)) "
            + "\(Self.padded(parts.tm_hour)):\(Self.padded(parts.tm_min)):\(Self.padded(parts.tm_sec)).\(Self.padded(rest, 3))"
    }

    /// `HH:MM:SS:mmm`, UTC.
    var timeOfDay: String {
        let (parts, rest) = split
        return "\(Self.padded(parts.tm_hour)):\(Self.padded(parts.tm_min)):\(Self.padded(parts.tm_sec)):\(Self.padded(rest, 3))"
    }

    private var split: (tm, Int32) {
        var seconds = Int(milliseconds / 1_000)
        var rest = milliseconds % 1_000
        if rest < 0 {
            seconds -= 1
            rest += 1_000
        }
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return (parts, Int32(rest))
    }

    private static func padded(_ value: Int32, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Any JSON value, to write it out again.
private enum AnyJSON: Codable {
    case bool(Bool), integer(Int64), number(Double), string(String), list([AnyJSON]), object([String: AnyJSON]), null

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let list = try? value.decode([AnyJSON].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: AnyJSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .bool(let bool): try value.encode(bool)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .string(let string): try value.encode(string)
        case .list(let list): try value.encode(list)
        case .object(let object): try value.encode(object)
        case .null: try value.encodeNil()
        }
    }

    var text: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}
