internal import CLuaShim

/// What the shim hands back to find the Swift side of a state. Owned by its `LuaState`, outlives the C state.
final class HostContext {
    let table: HostTable
    let bodies: UnsafeMutableBufferPointer<HostFunction.Body>
    let firstOptions: UnsafeMutableBufferPointer<Int>
    let serial: UInt32
    var resolve: ((String) -> Result<ModuleSource, ScriptError>)?
    /// Nil once the state has loaded: it may be another thread's then.
    var chunks: CompiledChunks?

    init(table: HostTable, serial: UInt32, chunks: CompiledChunks?, resolve: @escaping (String) -> Result<ModuleSource, ScriptError>) {
        self.table = table
        self.bodies = table.native.bodies
        self.firstOptions = table.native.firstOptions
        self.serial = serial
        self.chunks = chunks
        self.resolve = resolve
    }
}

/// Called by the shim's trampoline; returns before anything is raised or yielded.
func dispatchHostCall(
    _ host: UnsafeMutableRawPointer?, _ selector: Int32, _ call: UnsafeMutablePointer<nj_call>?
) -> Int32 {
    guard let host, let call else { return Int32(NJ_HOST_NONE.rawValue) }
    return Unmanaged<HostContext>.fromOpaque(host)._withUnsafeGuaranteedRef { context in
        let selector = Int(selector)
        var hostCall = HostCall(call, state: context.serial)
        // Most calls give no options: `conn:send(text)`.
        if hostCall.count > context.firstOptions[selector], let mistake = context.table.native.mistake(in: hostCall, selector) {
            return answer([mistake], call, NJ_HOST_RAISE)
        }
        let result = context.bodies[selector](&hostCall)
        switch result {
        case .none: return Int32(NJ_HOST_NONE.rawValue)
        case .values: return Int32(NJ_HOST_VALUES.rawValue)
        case .wait: return Int32(NJ_HOST_WAIT.rawValue)
        case .failure(let code, let detail): return answer([code, detail], call, NJ_HOST_FAILURE)
        case .raise(let message): return answer([message], call, NJ_HOST_RAISE)
        }
    }
}

private func answer(_ texts: [String], _ call: UnsafeMutablePointer<nj_call>, _ status: nj_host_status) -> Int32 {
    nj_values_clear(call.pointee.out)
    for text in texts { HostCall.copy(text, call.pointee.out) }
    return Int32(status.rawValue)
}

/// Called by the shim's `require`.
func resolveModule(
    _ host: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ count: Int,
    _ source: UnsafeMutablePointer<nj_buf>?, _ chunk: UnsafeMutablePointer<nj_buf>?
) -> Int32 {
    guard let host, let name, let source, let chunk else { return -1 }
    let text = String(decoding: UnsafeRawBufferPointer(start: name, count: count), as: UTF8.self)
    return Unmanaged<HostContext>.fromOpaque(host)._withUnsafeGuaranteedRef { context in
        switch context.resolve?(text) {
        case .success(let module):
            return append(module.bytes, to: source) && append(Array(module.chunk.utf8), to: chunk) ? 0 : -1
        case .failure(let error):
            _ = append(Array(error.message.utf8), to: chunk)
            return -1
        case nil:
            return -1
        }
    }
}

private func append(_ bytes: [UInt8], to buffer: UnsafeMutablePointer<nj_buf>) -> Bool {
    bytes.withUnsafeBytes { nj_buf_append(buffer, $0.baseAddress, $0.count) == 0 }
}
