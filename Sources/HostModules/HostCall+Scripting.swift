import LuaRuntime
import Transport

/// Numbers of the object types, the same in every table.
enum ObjectTypes {
    static let connection = HostTypeID(0)
    static let request = HostTypeID(1)
    static let room = HostTypeID(2)
    static let timer = HostTypeID(3)
}

extension HostCall {
    /// The instance whose script calls.
    @inline(__always)
    var instance: Generation { owner(as: Generation.self) }

    /// Nil if effects may be recorded now, else the error to raise.
    func refusal(_ what: StaticString) -> HostResult? { instance.refusal(what) }

    /// Nil while the script loads, else the error to raise.
    func declarationRefusal(_ what: StaticString) -> HostResult? {
        instance.isLoading ? nil : .raise("\(what) are declared while the script loads")
    }
}

extension Generation {
    /// Nil if effects may be recorded now, else the error to raise.
    @inline(__always)
    func refusal(_ what: StaticString) -> HostResult? {
        if phase != .loading, !effects.isFull { return nil }
        return whyNot(what)
    }

    @inline(never)
    private func whyNot(_ what: StaticString) -> HostResult {
        if phase == .loading {
            return .raise("\(what) is not available while the script is being loaded; do it in M.on_reload")
        }
        return .raise("too many effects in one go (\(what))")
    }
}

/// Reading option tables.
extension HostCall {
    func boolean(field name: StaticString, of index: Int) -> Bool? { field(index, name).flatMap { boolean($0) } }
    func integer(field name: StaticString, of index: Int) -> Int64? { field(index, name).flatMap { integer($0) } }
    func number(field name: StaticString, of index: Int) -> Double? { field(index, name).flatMap { number($0) } }
    func string(field name: StaticString, of index: Int) -> String? { field(index, name).flatMap { string($0) } }

    func object(field name: StaticString, of index: Int, type: HostTypeID) -> Int64? {
        field(index, name).flatMap { object($0, type) }
    }

    /// A list of strings, at most 64; nil if it is something else.
    func strings(field name: StaticString, of index: Int) -> [String]? {
        guard let list = field(index, name), kind(list) == .table, length(list) <= 64 else { return nil }
        var texts: [String] = []
        for position in 0..<length(list) {
            guard let element = element(list, position + 1), let text = string(element) else { return nil }
            texts.append(text)
        }
        return texts
    }
}
