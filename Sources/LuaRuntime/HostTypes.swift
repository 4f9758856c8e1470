/// Number of a host object type (connections, rooms, timers …), 0 ..< 32, the same in every table.
public struct HostTypeID: Hashable, Sendable {
    public let rawValue: UInt8

    public init(_ rawValue: UInt8) {
        precondition(rawValue < HostTypeID.limit, "object types are numbered below \(HostTypeID.limit)")
        self.rawValue = rawValue
    }

    /// Types are bits of a mask next to Lua's own; far more than the host needs.
    static let limit: UInt8 = 32
}

/// Which types an argument may have; several for a union.
public struct HostValueTypes: OptionSet, Sendable, Hashable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let `nil` = HostValueTypes(rawValue: 1 << 0)
    public static let boolean = HostValueTypes(rawValue: 1 << 1)
    /// A number without a fraction that fits into 64 bits.
    public static let integer = HostValueTypes(rawValue: 1 << 2)
    /// Any number.
    public static let number = HostValueTypes(rawValue: 1 << 3)
    public static let string = HostValueTypes(rawValue: 1 << 4)
    public static let table = HostValueTypes(rawValue: 1 << 5)
    public static let function = HostValueTypes(rawValue: 1 << 6)
    /// Whatever it is.
    public static let any = HostValueTypes(rawValue: 1 << 7)
    /// nil, boolean, number, string or table; what is inside a table is checked by `plain(…)`.
    public static let plain: HostValueTypes = [
        .nil, .boolean, .integer, .number, .string, .table, HostValueTypes(rawValue: 1 << 8),
    ]

    /// An object of the host.
    public static func object(_ type: HostTypeID) -> HostValueTypes {
        HostValueTypes(rawValue: 1 << (UInt64(type.rawValue) + 16))
    }

    /// The object types in the set.
    public var objectTypes: [HostTypeID] {
        (0..<HostTypeID.limit).map(HostTypeID.init).filter { contains(.object($0)) }
    }
}

/// One parameter of a host function: checked before its body runs, and documented for the editor.
public struct HostParameter: Sendable {
    public var name: String
    public var types: HostValueTypes
    /// May be nil or left out; a result: may be nil.
    public var isOptional: Bool
    public var documentation: String
    /// What editors are told in place of `types`. With `fields`, its last name is the class that they make.
    public var annotation: String?
    /// Of a table of options, all that it may have; empty: the table is the body's business.
    public var fields: [HostField]

    public init(
        _ name: String, _ types: HostValueTypes, optional: Bool = false, _ documentation: String = "", as annotation: String? = nil,
        fields: [HostField] = []
    ) {
        self.name = name
        self.types = types
        self.isOptional = optional
        self.documentation = documentation
        self.annotation = annotation
        self.fields = fields
    }
}

/// One result of a host function: the same, for the documentation only.
public typealias HostReturn = HostParameter

/// A function of the host that scripts may call.
public struct HostFunction: Sendable {
    /// Runs on the state's thread while the script stands still; must not block, and must not call into a state's
    /// `start`, `resume` or `call`.
    public typealias Body = @Sendable (inout HostCall) -> HostResult

    /// "http" for `nightjar.http`; empty for `nightjar` itself; ignored for methods.
    public var module: String
    public var name: String
    public var parameters: [HostParameter]
    /// More arguments than `parameters` may follow.
    public var isVariadic: Bool
    public var returns: [HostReturn]
    /// The body may answer `.wait`. Where waiting is impossible (loading, metamethods, sort) the call raises before the body
    /// runs.
    public var waits: Bool
    /// Pure states have it as well (`LuaState.init`): the same arguments give the same results, and nothing else happens
    /// that a replay could notice.
    public var isPure: Bool
    public var documentation: String
    /// Other ways to call it, for editors: `fun(seconds: number, handler: fun()): nightjar.Timer`.
    public var overloads: [String]
    public var body: Body

    public init(
        module: String = "", _ name: String, _ parameters: [HostParameter] = [], variadic: Bool = false,
        returns: [HostReturn] = [], waits: Bool = false, isPure: Bool = false, overloads: [String] = [], _ documentation: String = "",
        body: @escaping Body
    ) {
        self.overloads = overloads
        self.module = module
        self.name = name
        self.parameters = parameters
        self.isVariadic = variadic
        self.returns = returns
        self.waits = waits
        self.isPure = isPure
        self.documentation = documentation
        self.body = body
    }
}

/// A property of a host object, read with a dot.
public struct HostProperty: Sendable {
    public var name: String
    public var types: HostValueTypes
    public var documentation: String
    /// What editors are told in place of `types`.
    public var annotation: String?
    public var body: HostFunction.Body

    /// `body` gets the object as `HostCall.handle` and answers with one value.
    public init(
        _ name: String, _ types: HostValueTypes, _ documentation: String = "", as annotation: String? = nil, body: @escaping HostFunction.Body
    ) {
        self.name = name
        self.types = types
        self.documentation = documentation
        self.annotation = annotation
        self.body = body
    }
}

/// A type of objects that scripts hold: a number (the handle) on Lua's side, the thing itself on the host's.
public struct HostType: Sendable {
    public var id: HostTypeID
    /// What scripts see in messages ("connection").
    public var name: String
    public var methods: [HostFunction]
    public var properties: [HostProperty]
    /// Objects have a slot `data` that scripts read and write. Such objects are one and the same value for one handle until
    /// `LuaState.dropObject`; objects of other types are made anew and equal by handle.
    public var hasData: Bool
    public var documentation: String

    public init(
        id: HostTypeID, name: String, methods: [HostFunction] = [], properties: [HostProperty] = [], hasData: Bool = false,
        _ documentation: String = ""
    ) {
        self.id = id
        self.name = name
        self.methods = methods
        self.properties = properties
        self.hasData = hasData
        self.documentation = documentation
    }
}

/// What the body of a host function answers.
public enum HostResult: Sendable {
    /// Nothing is returned to the script.
    case none
    /// What the `return…` functions of the call have set.
    case values
    /// `nil, code, detail`: a failure in operation. The code is stable.
    case failure(code: String, detail: String)
    /// A mistake of the script's author: a Lua error with the position of the call.
    case raise(String)
    /// The script waits until the host resumes its task.
    case wait
}
