internal import CLuaShim

/// Values on a Lua stack, see `LuaReading`.
public struct LuaStackView {
    private let stack: OpaquePointer
    private let base: Int32
    private let valueCount: Int32
    private let state: UInt32

    init(stack: OpaquePointer, base: Int32, count: Int32, state: UInt32) {
        self.stack = stack
        self.base = base
        self.valueCount = count
        self.state = state
    }

    public var count: Int { Int(valueCount) }

    /// Indices past the top are Lua's "none".
    @inline(__always)
    private func slot(_ index: Int) -> Int32 {
        base &+ Int32(truncatingIfNeeded: index) &+ 1
    }

    public func kind(_ index: Int) -> LuaKind { LuaKind(rawValue: nj_peek_type(stack, slot(index))) ?? .none }

    public func isNil(_ index: Int) -> Bool { nj_peek_type(stack, slot(index)) <= LUA_TNIL }

    public func integer(_ index: Int) -> Int64? {
        var value: Int64 = 0
        return nj_peek_integer(stack, slot(index), &value) != 0 ? value : nil
    }

    public func number(_ index: Int) -> Double? {
        var value = 0.0
        return nj_peek_number(stack, slot(index), &value) != 0 ? value : nil
    }

    public func boolean(_ index: Int) -> Bool? {
        guard nj_peek_type(stack, slot(index)) == LUA_TBOOLEAN else { return nil }
        return nj_peek_boolean(stack, slot(index)) != 0
    }

    public func isTrue(_ index: Int) -> Bool { nj_peek_boolean(stack, slot(index)) != 0 }

    public func bytes(_ index: Int) -> UnsafeRawBufferPointer? {
        var count = 0
        guard let start = nj_peek_bytes(stack, slot(index), &count) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    public func string(_ index: Int) -> String? {
        guard let bytes = bytes(index) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    public func object(_ index: Int, _ type: HostTypeID) -> Int64? {
        var handle: Int64 = 0
        return nj_peek_object(stack, slot(index), Int32(type.rawValue), &handle) != 0 ? handle : nil
    }

    public func isNull(_ index: Int) -> Bool { nj_peek_is_null(stack, slot(index)) != 0 }

    public func field(_ index: Int, _ name: StaticString) -> Int? {
        if name.hasPointerRepresentation {
            return name.withUTF8Buffer { view(of: nj_peek_field(stack, slot(index), $0.baseAddress, $0.count)) }
        }
        return field(index, named: name.description)
    }

    public func field(_ index: Int, named name: String) -> Int? {
        var name = name
        return name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { view(of: nj_peek_field(stack, slot(index), $0.baseAddress, $0.count)) }
        }
    }

    public func element(_ index: Int, _ position: Int) -> Int? {
        view(of: nj_peek_element(stack, slot(index), lua_Integer(position)))
    }

    public func length(_ index: Int) -> Int { nj_peek_length(stack, slot(index)) }

    public func nextPair(_ index: Int, after key: Int?) -> Int? {
        view(of: nj_peek_next(stack, slot(index), key.map(slot) ?? 0))
    }

    public func ref(_ index: Int) -> LuaRef? {
        let slot = nj_peek_ref(stack, slot(index))
        return slot == 0 ? nil : LuaRef(slot: slot, state: state)
    }

    public func json(_ index: Int, sorted: Bool, bare: Bool) throws(ScriptError) -> [UInt8] {
        [UInt8](try encoded(index, json: true, sorted: sorted, bare: bare))
    }

    public func plain(_ index: Int) throws(ScriptError) -> [UInt8] {
        [UInt8](try encoded(index, json: false, sorted: false, bare: false))
    }

    /// Valid until the next encoding.
    public func encoded(_ index: Int, json: Bool, sorted: Bool, bare: Bool) throws(ScriptError) -> UnsafeRawBufferPointer {
        var error = nj_error()
        let form = (sorted ? NJ_JSON_SORTED : 0) | (bare ? NJ_JSON_BARE : 0)
        guard let buffer = nj_peek_encode(stack, slot(index), json ? 1 : 0, Int32(form), &error) else {
            throw ScriptError(codec: error, json: json)
        }
        return UnsafeRawBufferPointer(start: buffer.pointee.data, count: buffer.pointee.len)
    }

    private func view(of slot: Int32) -> Int? { slot == 0 ? nil : Int(slot - base - 1) }
}
