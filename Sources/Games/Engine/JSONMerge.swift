package import LuaRuntime

/// Merging of JSON objects as text, member by member. Any thread.
package enum JSONMerge {
    /// The members of `base`, each replaced by the one of `over` with the same name, followed by those only `over` has.
    /// Of members that share a name the last one counts.
    ///
    /// - Parameters:
    ///   - deletesNull: A null in `over` removes the member.
    ///   - isTaken: Whether a member of `over` is looked at; the others are ignored.
    package static func overlay(
        _ base: JSONObject, _ over: JSONObject, deletesNull: Bool = false, isTaken: (String) -> Bool = { _ in true }
    ) -> [UInt8] {
        var names: [String] = []
        var nameTexts: [String: UnsafeRawBufferPointer] = [:]
        var values: [String: JSONValue] = [:]
        func put(_ object: JSONObject, _ index: Int, isPatch: Bool) {
            let (name, value) = object.member(at: index)
            if isPatch, !isTaken(name) { return }
            if isPatch, deletesNull, value.kind == .null {
                values[name] = nil
                return
            }
            if nameTexts.updateValue(object.nameText(at: index), forKey: name) == nil { names.append(name) }
            values[name] = value
        }
        for index in 0..<base.count { put(base, index, isPatch: false) }
        for index in 0..<over.count { put(over, index, isPatch: true) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(base.text.count + over.text.count)
        bytes.append(UInt8(ascii: "{"))
        for name in names {
            guard let value = values[name], let nameText = nameTexts[name] else { continue }
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: nameText)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: value.bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
