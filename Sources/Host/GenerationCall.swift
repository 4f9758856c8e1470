package import LuaRuntime

extension HostCall {
    /// The generation whose script calls.
    @inline(__always)
    package var generation: Generation { owner(as: Generation.self) }

    /// The same for functions that are called for every message: no reference is counted.
    @inline(__always)
    func withGeneration<Result>(_ body: (Generation) -> Result) -> Result {
        Unmanaged<Generation>.fromOpaque(ownerPointer)._withUnsafeGuaranteedRef(body)
    }

    /// Nil if effects may be recorded now, else the error to raise.
    package func refusal(_ what: StaticString) -> HostResult? { generation.refusal(what) }

    /// Nil while the script loads, else the error to raise.
    package func declarationRefusal(_ what: StaticString) -> HostResult? {
        generation.isLoading ? nil : .raise("\(what) are declared while the script loads")
    }
}

extension Generation {
    /// The host module of this type, with what all generations share of it.
    package func module<Module: HostModule>(_ type: Module.Type) -> Module { services.registry[type] }

    /// Nil if effects may be recorded now, else the error to raise.
    @inline(__always)
    package func refusal(_ what: StaticString) -> HostResult? {
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
