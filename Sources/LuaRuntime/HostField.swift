/// One field of an option table. Declared next to the parameter that takes the table: unknown names and wrong values are
/// errors before the function's body runs, and the editor's annotations come from the same declaration.
public struct HostField: Sendable {
    public var name: String
    public var types: HostValueTypes
    /// For numbers.
    public var range: ClosedRange<Double>?
    /// What a number counts, for messages ("seconds").
    public var unit: String
    /// For strings: all that are allowed; empty: any.
    public var choices: [String]
    /// Also `false` is allowed, for "none".
    public var acceptsFalse: Bool
    /// Fields of a table inside the table; empty: whatever the body makes of it.
    public var fields: [HostField]
    /// What editors are told in place of `types`, like `fun(conn: nightjar.Connection)`. With `fields`, its last name is the
    /// class that they make.
    public var annotation: String?
    public var isRequired: Bool
    public var documentation: String

    public init(
        _ name: String, _ types: HostValueTypes, in range: ClosedRange<Double>? = nil, _ unit: String = "", choices: [String] = [],
        orFalse acceptsFalse: Bool = false, fields: [HostField] = [], as annotation: String? = nil, required: Bool = false,
        about documentation: String = ""
    ) {
        self.name = name
        self.types = types
        self.range = range
        self.unit = unit
        self.choices = choices
        self.acceptsFalse = acceptsFalse
        self.fields = fields
        self.annotation = annotation
        self.isRequired = required
        self.documentation = documentation
    }

    /// What a value has to be, for messages: "0.05…86400 seconds or false".
    var expectation: String {
        var parts: [String] = []
        if !choices.isEmpty { parts += choices.map { "\"\($0)\"" } }
        if types.contains(.number) || types.contains(.integer) {
            if let range {
                let bounds = "\(Self.text(range.lowerBound))…\(Self.text(range.upperBound))"
                parts.append(unit.isEmpty ? bounds : bounds + " " + unit)
            } else {
                parts.append(types.contains(.number) ? "number" : "integer")
            }
        }
        if types.contains(.boolean) { parts.append("boolean") }
        if types.contains(.string), choices.isEmpty { parts.append("string") }
        if types.contains(.table) { parts.append("table") }
        if types.contains(.function) { parts.append("function") }
        if !types.objectTypes.isEmpty { parts.append("object") }
        if acceptsFalse { parts.append("false") }
        return parts.joined(separator: " or ")
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : "\(number)"
    }

    private func accepts(_ values: LuaStackView, _ index: Int) -> Bool {
        if types.contains(.any) { return true }
        switch values.kind(index) {
        case .boolean: return types.contains(.boolean) || acceptsFalse && !values.isTrue(index)
        case .number:
            guard let number = values.number(index) else { return false }
            guard types.contains(.number) || types.contains(.integer) && values.integer(index) != nil else { return false }
            return range?.contains(number) ?? true
        case .string:
            guard types.contains(.string) else { return false }
            return choices.isEmpty || values.string(index).map(choices.contains) ?? false
        case .table: return types.contains(.table)
        case .function: return types.contains(.function)
        case .userdata: return types.objectTypes.contains { values.object(index, $0) != nil }
        default: return false
        }
    }
}

/// A mistake in an option table, as told to the author of the script.
struct HostFieldMistake: Error {
    var message: String
}

extension HostField {
    /// Names in messages are cut: a script may use anything as a key.
    private static let nameBytesMax = 64

    /// Checks a table of options; anything else than a table is left to the type check of the parameter.
    ///
    /// - Parameters:
    ///   - label: the function, "http.fetch".
    ///   - path: the fields around the table, "compression.".
    static func check(
        _ fields: [HostField], _ values: LuaStackView, _ index: Int, of label: String, path: String = ""
    ) throws(HostFieldMistake) {
        guard values.kind(index) == .table else { return }
        var key = values.nextPair(index, after: nil)
        while let current = key {
            try checkPair(fields, values, current, label, path)
            key = values.nextPair(index, after: current)
        }
        for field in fields where field.isRequired && values.field(index, named: field.name) == nil {
            throw HostFieldMistake(message: "bad field '\(path)\(field.name)' of '\(label)' (\(field.expectation) expected, got nil)")
        }
    }

    private static func checkPair(
        _ fields: [HostField], _ values: LuaStackView, _ key: Int, _ label: String, _ path: String
    ) throws(HostFieldMistake) {
        guard values.kind(key) == .string, let bytes = values.bytes(key) else {
            let example = fields.first.map { ", like '\($0.name)'" } ?? ""
            throw HostFieldMistake(message: "bad table for '\(label)' (it has fields with names\(example); a \(values.kind(key)) is none)")
        }
        let name = String(decoding: bytes.prefix(nameBytesMax), as: UTF8.self)
        guard let field = fields.first(where: { $0.name == name }), bytes.count <= nameBytesMax else {
            throw HostFieldMistake(
                message: "unknown field '\(path)\(name)' of '\(label)'" + Suggestion.hint(name, among: fields.map(\.name)))
        }
        guard field.accepts(values, key + 1) else {
            throw HostFieldMistake(message: "bad field '\(path)\(name)' of '\(label)' (\(field.expectation) expected)")
        }
        if !field.fields.isEmpty { try check(field.fields, values, key + 1, of: label, path: path + name + ".") }
    }
}
