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

/// A short fingerprint of bytes, to notice that two texts differ. Not for security.
package enum Fingerprint {
    /// 64 bits over all bytes, the same on every machine.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: bytes.count)
        var position = 0
        while position + 8 <= bytes.count {
            mix(&hash, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
            position += 8
        }
        var rest: UInt64 = 0
        for index in position..<bytes.count { rest = rest << 8 | UInt64(bytes[index]) }
        mix(&hash, rest)
        return hash
    }

    package static func of(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { of($0) } }

    @inline(__always)
    private static func mix(_ hash: inout UInt64, _ word: UInt64) {
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
    }
}
