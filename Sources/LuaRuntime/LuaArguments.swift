internal import CLuaShim

/// Up to eight values on their way into Lua: arguments of a handler, or results of its wait.
///
/// No Lua is touched while they are collected; they are pushed inside the protected call. More than eight end the call
/// with an error.
public struct LuaArguments: ~Copyable {
    private let values: UnsafeMutablePointer<nj_values>
    private let state: UInt32

    init(_ values: UnsafeMutablePointer<nj_values>, state: UInt32) {
        self.values = values
        self.state = state
        nj_values_clear(values)
    }

    public mutating func `nil`() { nj_values_scalar(values, Int32(NJ_VALUE_NIL.rawValue), 0) }

    public mutating func boolean(_ value: Bool) {
        nj_values_scalar(values, Int32(NJ_VALUE_BOOLEAN.rawValue), value ? 1 : 0)
    }

    public mutating func integer(_ value: some BinaryInteger) {
        nj_values_scalar(values, Int32(NJ_VALUE_INTEGER.rawValue), Int64(value))
    }

    public mutating func number(_ value: Double) { nj_values_number(values, value) }

    /// A string of these bytes, which must stay valid until the call (`start`, `resume` …) has returned.
    public mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
        nj_values_borrow(values, Int32(NJ_VALUE_STRING.rawValue), bytes.baseAddress, bytes.count)
    }

    /// A string; the bytes are copied.
    public mutating func bytes(_ bytes: [UInt8]) { copy(bytes, NJ_VALUE_STRING) }

    /// A string; the text is copied.
    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { nj_values_copy(values, Int32(NJ_VALUE_STRING.rawValue), $0.baseAddress, $0.count) }
    }

    public mutating func string(_ text: StaticString) {
        text.withUTF8Buffer { nj_values_copy(values, Int32(NJ_VALUE_STRING.rawValue), $0.baseAddress, $0.count) }
    }

    /// What this JSON text says; one that Lua cannot hold ends the call with `unreadable_json`.
    public mutating func json(_ text: [UInt8]) { copy(text, NJ_VALUE_JSON) }

    /// The same without a copy; the bytes must stay valid until the call has returned.
    public mutating func json(_ text: UnsafeRawBufferPointer) {
        nj_values_borrow(values, Int32(NJ_VALUE_JSON.rawValue), text.baseAddress, text.count)
    }

    /// What these bytes say, made by one of the `plain` functions of this module; hostile bytes end the call with
    /// `invalid_plain`.
    public mutating func plain(_ bytes: [UInt8]) { copy(bytes, NJ_VALUE_PLAIN) }

    /// The same without a copy; the bytes must stay valid until the call has returned.
    public mutating func plain(_ bytes: UnsafeRawBufferPointer) {
        nj_values_borrow(values, Int32(NJ_VALUE_PLAIN.rawValue), bytes.baseAddress, bytes.count)
    }

    public mutating func ref(_ ref: LuaRef) {
        precondition(ref.state == state, "reference of another Lua state")
        nj_values_scalar(values, Int32(NJ_VALUE_REF.rawValue), Int64(ref.slot))
    }

    public mutating func object(_ type: HostTypeID, _ handle: Int64) {
        nj_values_object(values, Int32(type.rawValue), handle)
    }

    private func copy(_ bytes: [UInt8], _ kind: nj_value_kind) {
        bytes.withUnsafeBytes { nj_values_copy(values, Int32(kind.rawValue), $0.baseAddress, $0.count) }
    }
}

/// What a handler returned, on the stack of its coroutine. Valid inside the `read` closure only.
public struct LuaResults: LuaReading, ~Copyable {
    public let view: LuaStackView

    init(_ view: LuaStackView) { self.view = view }
}
