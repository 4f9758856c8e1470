import LuaRuntime

/// What the host expects of a value, because of where it is written.
struct HostExpectation {
    /// A function with these parameters.
    var parameters: [KnownValue] = []
    /// A table with these fields.
    var fields: [HostField] = []
    /// A table of functions with these parameters, whatever their names.
    var elements: [KnownValue] = []
}

/// Hears what a walk through a source finds, in the order of the text.
protocol SourceVisitor {
    /// A name that is no local variable.
    mutating func global(_ name: String, line: Int, isWrite: Bool)
    /// What a global variable holds, as far as it is certain.
    func value(ofGlobal name: String) -> KnownValue
    /// A member of a value is asked for; what it is.
    mutating func member(_ name: String, of value: KnownValue, line: Int) -> KnownValue
    /// What a call of the value gives; `argument`: the token the arguments begin with.
    func result(of value: KnownValue, _ argument: LuaLexer.Token) -> KnownValue
    /// The source calls a value.
    mutating func called(_ value: KnownValue)
    /// A value is given away, where a function with these parameters is expected; none: anything.
    mutating func given(_ value: KnownValue, as parameters: [KnownValue])
    /// The fields of the table that the file returns, if something is known of them.
    var moduleFields: [HostField] { get }
    /// What a call of the value takes at this place, from 0.
    func expectation(ofArgument index: Int, of call: KnownValue) -> HostExpectation
    func expectation(of field: HostField) -> HostExpectation
}

extension SourceVisitor {
    mutating func global(_ name: String, line: Int, isWrite: Bool) {}
    func value(ofGlobal name: String) -> KnownValue { .unknown }
    mutating func member(_ name: String, of value: KnownValue, line: Int) -> KnownValue { .unknown }
    func result(of value: KnownValue, _ argument: LuaLexer.Token) -> KnownValue { .unknown }
    mutating func called(_ value: KnownValue) {}
    mutating func given(_ value: KnownValue, as parameters: [KnownValue]) {}
    var moduleFields: [HostField] { [] }
    func expectation(ofArgument index: Int, of call: KnownValue) -> HostExpectation { HostExpectation() }
    func expectation(of field: HostField) -> HostExpectation { HostExpectation() }
}
