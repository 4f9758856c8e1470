package import LuaRuntime

/// Reading option tables.
extension HostCall {
    package func boolean(field name: StaticString, of index: Int) -> Bool? { field(index, name).flatMap { boolean($0) } }
    package func integer(field name: StaticString, of index: Int) -> Int64? { field(index, name).flatMap { integer($0) } }
    package func number(field name: StaticString, of index: Int) -> Double? { field(index, name).flatMap { number($0) } }
    package func string(field name: StaticString, of index: Int) -> String? { field(index, name).flatMap { string($0) } }

    package func object(field name: StaticString, of index: Int, type: HostTypeID) -> Int64? {
        field(index, name).flatMap { object($0, type) }
    }

    /// A list of strings, at most 64; nil if it is something else.
    package func strings(field name: StaticString, of index: Int) -> [String]? {
        guard let list = field(index, name), kind(list) == .table, length(list) <= 64 else { return nil }
        var texts: [String] = []
        for position in 0..<length(list) {
            guard let element = element(list, position + 1), let text = string(element) else { return nil }
            texts.append(text)
        }
        return texts
    }
}
