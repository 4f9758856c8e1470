internal import CLuaShim

/// One call of a host function by a script. Arguments are read as described at `LuaReading`, from index 0, without the
/// object of a method (that is `handle`).
public struct HostCall: LuaReading, ~Copyable {
    public let view: LuaStackView
    private let call: UnsafeMutablePointer<nj_call>
    private let state: UInt32

    init(_ call: UnsafeMutablePointer<nj_call>, state: UInt32) {
        self.call = call
        self.state = state
        view = LuaStackView(stack: call.pointee.L, base: call.pointee.base, count: call.pointee.count, state: state)
    }

    /// The object given to `LuaState.init` as owner. Traps in debug builds if it is of another type.
    @inline(__always)
    public func owner<Owner: AnyObject>(as type: Owner.Type = Owner.self) -> Owner {
        unsafeDowncast(ownerObject, to: type)
    }

    public var ownerObject: AnyObject { Unmanaged<AnyObject>.fromOpaque(ownerPointer).takeUnretainedValue() }

    /// The owner as `Unmanaged.toOpaque` has it, for functions that are called for every message: counting a reference to it
    /// would cost two atomics. The owner outlives the call.
    public var ownerPointer: UnsafeMutableRawPointer {
        guard let owner = call.pointee.owner else { preconditionFailure("this Lua state has no owner") }
        return owner
    }

    /// Methods and properties: handle of the object.
    public var handle: Int64 { call.pointee.handle }

    /// Where the script calls from: chunk and line. Nil for calls without a script behind them.
    public var caller: (chunk: String, line: Int)? {
        var chunk: UnsafePointer<CChar>?
        let line = nj_peek_caller(call.pointee.L, &chunk)
        guard line > 0, let chunk else { return nil }
        return (String(cString: chunk), Int(line))
    }

    // Results, up to eight, in order; the body then answers `.values`. Bytes are copied.

    public mutating func returnNil() { nj_values_scalar(call.pointee.out, Int32(NJ_VALUE_NIL.rawValue), 0) }

    public mutating func returnBoolean(_ value: Bool) {
        nj_values_scalar(call.pointee.out, Int32(NJ_VALUE_BOOLEAN.rawValue), value ? 1 : 0)
    }

    public mutating func returnInteger(_ value: some BinaryInteger) {
        nj_values_scalar(call.pointee.out, Int32(NJ_VALUE_INTEGER.rawValue), Int64(value))
    }

    public mutating func returnNumber(_ value: Double) { nj_values_number(call.pointee.out, value) }

    public mutating func returnString(_ text: String) { HostCall.copy(text, call.pointee.out) }

    public mutating func returnBytes(_ bytes: UnsafeRawBufferPointer) {
        nj_values_copy(call.pointee.out, Int32(NJ_VALUE_STRING.rawValue), bytes.baseAddress, bytes.count)
    }

    public mutating func returnBytes(_ bytes: [UInt8]) { copy(bytes, NJ_VALUE_STRING) }

    /// What this JSON text says; an invalid one raises in the script.
    public mutating func returnJSON(_ text: [UInt8]) { copy(text, NJ_VALUE_JSON) }

    /// What these plain bytes say; invalid ones raise in the script.
    public mutating func returnPlain(_ bytes: [UInt8]) { copy(bytes, NJ_VALUE_PLAIN) }

    public mutating func returnRef(_ ref: LuaRef) {
        precondition(ref.state == state, "reference of another Lua state")
        nj_values_scalar(call.pointee.out, Int32(NJ_VALUE_REF.rawValue), Int64(ref.slot))
    }

    public mutating func returnObject(_ type: HostTypeID, _ handle: Int64) {
        nj_values_object(call.pointee.out, Int32(type.rawValue), handle)
    }

    static func copy(_ text: String, _ values: UnsafeMutablePointer<nj_values>) {
        var text = text
        text.withUTF8 { nj_values_copy(values, Int32(NJ_VALUE_STRING.rawValue), $0.baseAddress, $0.count) }
    }

    private func copy(_ bytes: [UInt8], _ kind: nj_value_kind) {
        bytes.withUnsafeBytes { nj_values_copy(call.pointee.out, Int32(kind.rawValue), $0.baseAddress, $0.count) }
    }
}
