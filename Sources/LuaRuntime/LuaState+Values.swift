internal import CLuaShim

// References and data. All of it may also be used by host functions while a script runs, but for `define`, `setField`,
// `decode…` and `set…`, which take an argument.
extension LuaState {
    /// Forgets a reference.
    public func release(_ ref: LuaRef) { nj_release(handle, slot(ref)) }

    /// A reference to the field of a referenced table (raw access), e.g. `on_ready` of a module. Nil if it is nil or absent.
    public func reference(field name: String, of ref: LuaRef) -> LuaRef? {
        var name = name
        let found = name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { nj_ref_field(handle, slot(ref), $0.baseAddress, $0.count) }
        }
        return found == 0 ? nil : LuaRef(slot: found, state: serial)
    }

    /// Type of a referenced value.
    public func kind(_ ref: LuaRef) -> LuaKind { LuaKind(rawValue: nj_ref_type(handle, slot(ref))) ?? .none }

    /// Where a referenced function begins; nil for anything but a function of a script.
    public func definition(of ref: LuaRef) -> (chunk: String, line: Int)? {
        var chunk: UnsafePointer<CChar>?
        let line = nj_ref_definition(handle, slot(ref), &chunk)
        guard line > 0, let chunk else { return nil }
        return (String(cString: chunk), Int(line))
    }

    /// Sets a value of the API: `nightjar.<module>.<name>`, or `nightjar.<name>` with an empty module.
    public func define(
        _ name: String, module: String = "", _ push: (inout LuaArguments) -> Void
    ) throws(ScriptError) {
        let state = handle
        collect(state, push)
        guard nj_define(state, module, name) == 0 else { throw failure() }
    }

    /// Sets a field of a referenced table (raw access).
    public func setField(
        _ name: String, of ref: LuaRef, _ push: (inout LuaArguments) -> Void
    ) throws(ScriptError) {
        let state = handle
        collect(state, push)
        var name = name
        let status = name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { nj_ref_set_field(state, slot(ref), $0.baseAddress, $0.count) }
        }
        guard status == 0 else { throw failure() }
    }

    /// A referenced value as plain data; the error names the path of what cannot be carried.
    public func encodePlain(_ ref: LuaRef) throws(ScriptError) -> [UInt8] { try encode(ref, json: false) }

    /// A referenced value as JSON.
    public func encodeJSON(_ ref: LuaRef) throws(ScriptError) -> [UInt8] { try encode(ref, json: true) }

    public func decodePlain(_ bytes: [UInt8]) throws(ScriptError) -> LuaRef {
        try make { (arguments: inout LuaArguments) in arguments.plain(bytes) }
    }

    /// - Parameter readOnly: scripts can read the value's tables as any other (`pairs`, `#`, `next`, `table.concat`, JSON …);
    ///   a write anywhere in it raises "settings are read-only" with the script's line. Made once and handed out many times.
    public func decodeJSON(_ text: [UInt8], readOnly: Bool = false) throws(ScriptError) -> LuaRef {
        try make(readOnly: readOnly) { (arguments: inout LuaArguments) in arguments.json(text) }
    }

    /// A reference to any single value. `readOnly` is for tables just decoded (JSON, plain data), never for references.
    public func make(readOnly: Bool = false, _ push: (inout LuaArguments) -> Void) throws(ScriptError) -> LuaRef {
        let state = handle
        collect(state, push)
        let slot = nj_decode_ref(state, readOnly ? 1 : 0)
        guard slot != 0 else { throw failure() }
        return LuaRef(slot: slot, state: serial)
    }

    /// The data slot of an object as plain data, empty when it was never set; the error names the offending path.
    public func plainData(of type: HostTypeID, _ handle: Int64) throws(ScriptError) -> [UInt8] {
        guard let buffer = nj_object_data(self.handle, Int32(type.rawValue), handle) else { throw failure() }
        return [UInt8](UnsafeRawBufferPointer(start: buffer.pointee.data, count: buffer.pointee.len))
    }

    /// The data slot of an object for a reload: never refused, what is not plain data is left out and listed. `root` is what
    /// the offences' paths begin with.
    public func carriedData(of type: HostTypeID, _ handle: Int64, root: String = "conn.data") -> CarriedPlain {
        carried(nj_object_carry(self.handle, Int32(type.rawValue), handle, root), root)
    }

    /// Sets the data slot of an object from what `plainData` gave; empty for nil.
    public func setPlainData(of type: HostTypeID, _ handle: Int64, _ bytes: [UInt8]) throws(ScriptError) {
        let state = self.handle
        collect(state) { (arguments: inout LuaArguments) in
            if bytes.isEmpty { arguments.nil() } else { arguments.plain(bytes) }
        }
        guard nj_object_set_data(state, Int32(type.rawValue), handle) == 0 else { throw failure() }
    }

    /// Forgets the object of a handle and its data, e.g. of a closed connection. What the script still holds of it stays a
    /// valid value without meaning.
    public func dropObject(_ type: HostTypeID, _ handle: Int64) {
        nj_object_drop(self.handle, Int32(type.rawValue), handle)
    }

    /// All of `nightjar.state` as plain data; the error names the offending path.
    public func stateTable() throws(ScriptError) -> [UInt8] {
        guard let buffer = nj_table_encode(handle) else { throw failure() }
        return [UInt8](UnsafeRawBufferPointer(start: buffer.pointee.data, count: buffer.pointee.len))
    }

    /// All of `nightjar.state` for a reload: never refused, what is not plain data is left out and listed, with the line of
    /// the script that stored the table it is in. The bytes are for `setStateTable` and `decodePlain`.
    public func carriedStateTable() -> CarriedPlain { carried(nj_table_carry(handle), "state") }

    private func carried(_ buffer: UnsafePointer<nj_buf>?, _ root: String) -> CarriedPlain {
        guard let buffer else {
            let offence = PlainOffence(path: root, kind: .memory, reason: "does not fit: the host is out of memory", place: nil)
            return CarriedPlain(bytes: [], offences: [offence], omitted: 1)
        }
        let bytes = [UInt8](UnsafeRawBufferPointer(start: buffer.pointee.data, count: buffer.pointee.len))
        var offences: [PlainOffence] = []
        while let offence = nj_carried_offence(handle, Int32(offences.count)) { offences.append(PlainOffence(offence)) }
        return CarriedPlain(bytes: bytes, offences: offences, omitted: Int(nj_carried_total(handle)))
    }

    /// Replaces `nightjar.state` by what `stateTable` or `carriedStateTable` gave, of this or another state. Empty bytes empty
    /// it.
    public func setStateTable(_ bytes: [UInt8]) throws(ScriptError) {
        let state = handle
        collect(state) { (arguments: inout LuaArguments) in
            arguments.plain(bytes.isEmpty ? LuaState.emptyTable : bytes)
        }
        guard nj_table_decode(state) == 0 else { throw failure() }
    }

    /// For a state that is one of many: from now on `nightjar.state.set` raises, and says what to use. Throws the same, with
    /// the line, if the script has kept something already.
    public func refuseStateTable() throws(ScriptError) {
        guard nj_table_refuse(handle) == 0 else { throw failure() }
    }

    /// Version, a table, no elements, no members.
    private static let emptyTable: [UInt8] = [0x4E, 0x06, 0, 0]

    private func encode(_ ref: LuaRef, json: Bool) throws(ScriptError) -> [UInt8] {
        guard let buffer = nj_encode_ref(handle, slot(ref), json ? 1 : 0) else { throw failure() }
        return [UInt8](UnsafeRawBufferPointer(start: buffer.pointee.data, count: buffer.pointee.len))
    }
}

// Random generators under the host's control: game engines get one that is keyed anew for every step.
extension LuaState {
    /// A new generator object for scripts (`rng:integer(1, 6)`), keyed with zeros until `seedRandom`.
    public func makeRandom() throws(ScriptError) -> LuaRef {
        let slot = nj_random_ref(handle)
        guard slot != 0 else { throw failure() }
        return LuaRef(slot: slot, state: serial)
    }

    /// Starts the generator over with a key of 32 bytes: same key, same numbers.
    public func seedRandom(_ ref: LuaRef, key: UnsafeRawBufferPointer) {
        precondition(key.count == Int(NJ_RNG_KEY_BYTES), "a key has 32 bytes")
        nj_rng_seed(random(ref), key.bindMemory(to: UInt8.self).baseAddress)
    }

    /// 64-bit words drawn since the key was set.
    public func randomDraws(_ ref: LuaRef) -> UInt64 { random(ref).pointee.draws }

    private func random(_ ref: LuaRef) -> UnsafeMutablePointer<nj_rng> {
        guard let generator = nj_random_of_ref(handle, slot(ref)) else {
            preconditionFailure("the reference is no random generator")
        }
        return generator
    }
}
