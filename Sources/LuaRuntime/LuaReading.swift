/// Reading of Lua values in place: arguments of a host call and results of a handler.
///
/// Indices count from 0. Nothing here raises or runs script code: tables are read raw, without metamethods. Fields and
/// elements are put behind the values and get an index of their own, which any other function takes:
///
///     if let headers = call.field(1, "headers") { call.forEachPair(headers) { key, value in … } }
///
/// Only on the state's thread, only while the call or the `read` closure lasts.
public protocol LuaReading: ~Copyable {
    var view: LuaStackView { get }
}

extension LuaReading where Self: ~Copyable {
    /// Number of values, not counting fields put behind them.
    @inlinable public var count: Int { view.count }
    @inlinable public func kind(_ index: Int) -> LuaKind { view.kind(index) }
    @inlinable public func isNil(_ index: Int) -> Bool { view.isNil(index) }
    /// Nil for anything but a number without a fraction that fits into 64 bits.
    @inlinable public func integer(_ index: Int) -> Int64? { view.integer(index) }
    @inlinable public func number(_ index: Int) -> Double? { view.number(index) }
    /// Nil for anything but a boolean.
    @inlinable public func boolean(_ index: Int) -> Bool? { view.boolean(index) }
    /// Lua's notion of truth: everything but nil and false.
    @inlinable public func isTrue(_ index: Int) -> Bool { view.isTrue(index) }
    /// The bytes of a string, valid as long as the value is. Nil for anything else.
    @inlinable public func bytes(_ index: Int) -> UnsafeRawBufferPointer? { view.bytes(index) }
    /// A string as text; invalid UTF-8 is replaced. Nil for anything else.
    @inlinable public func string(_ index: Int) -> String? { view.string(index) }
    /// Runs `body` with the bytes of a string; nil for anything else.
    @inlinable public func withBytes<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R? {
        guard let bytes = view.bytes(index) else { return nil }
        return try body(bytes)
    }
    /// The handle of an object of this type; nil for anything else.
    @inlinable public func object(_ index: Int, _ type: HostTypeID) -> Int64? { view.object(index, type) }
    /// Whether it is JSON's null.
    @inlinable public func isNull(_ index: Int) -> Bool { view.isNull(index) }
    /// Index of a table's field; nil if it is absent, nil, or no table is at `index`.
    @inlinable public func field(_ index: Int, _ name: StaticString) -> Int? { view.field(index, name) }
    @inlinable public func field(_ index: Int, named name: String) -> Int? { view.field(index, named: name) }
    /// Index of the `position`-th element (from 1) of a sequence.
    @inlinable public func element(_ index: Int, _ position: Int) -> Int? { view.element(index, position) }
    /// Length of a sequence or of a string's bytes; 0 for anything else.
    @inlinable public func length(_ index: Int) -> Int { view.length(index) }
    /// Runs `body` with the indices of key and value of every pair, in no order. They are valid inside `body` only.
    @inlinable public func forEachPair<E: Error>(_ index: Int, _ body: (_ key: Int, _ value: Int) throws(E) -> Void) throws(E) {
        var key = view.nextPair(index, after: nil)
        while let current = key {
            try body(current, current + 1)
            key = view.nextPair(index, after: current)
        }
    }
    /// Keeps a value (a function, a table) beyond this call. Nil for nil, and when the state is out of memory.
    @inlinable public func ref(_ index: Int) -> LuaRef? { view.ref(index) }
    /// The value as JSON. `sorted`: members in byte order of their keys. `bare`: a table that a script has given a metatable is an error.
    @inlinable public func json(_ index: Int, sorted: Bool = false, bare: Bool = false) throws(ScriptError) -> [UInt8] {
        try view.json(index, sorted: sorted, bare: bare)
    }
    /// Runs `body` with the value as JSON, without a copy.
    @inlinable public func withJSON<R>(
        _ index: Int, sorted: Bool = false, bare: Bool = false, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(ScriptError) -> R {
        body(try view.encoded(index, json: true, sorted: sorted, bare: bare))
    }
    /// The value as plain data (see `LuaArguments.plain`).
    @inlinable public func plain(_ index: Int) throws(ScriptError) -> [UInt8] { try view.plain(index) }
    /// Runs `body` with the value as plain data, without a copy.
    @inlinable public func withPlain<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> R) throws(ScriptError) -> R {
        body(try view.encoded(index, json: false, sorted: false, bare: false))
    }
}
