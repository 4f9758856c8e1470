internal import CLuaShim

extension ScriptError {
    /// A failure the shim reported.
    init(_ failure: UnsafePointer<nj_failure>) {
        let kinds: [Kind] = [.syntax, .runtime, .timeout, .memory, .argument, .notFound]
        let kind = kinds[Int(failure.pointee.kind)]
        let code = ScriptError.text(failure.pointee.code)
        self.init(
            kind: kind, code: code ?? ScriptError.code(of: kind), message: ScriptError.text(failure.pointee.message) ?? "",
            chunk: ScriptError.text(failure.pointee.chunk), line: failure.pointee.line > 0 ? Int(failure.pointee.line) : nil,
            traceback: ScriptError.text(failure.pointee.trace))
    }

    /// A failure of a codec.
    init(codec error: nj_error, json: Bool) {
        let detail = withUnsafeBytes(of: error.detail) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.init(kind: .argument, code: json ? "invalid_json" : "invalid_plain", message: detail)
    }

    /// The code of failures that bring none of their own.
    static func code(of kind: Kind) -> String {
        switch kind {
        case .syntax: "syntax"
        case .runtime: "runtime"
        case .timeout: "timeout"
        case .memory: "memory"
        case .argument: "argument"
        case .notFound: "not_found"
        }
    }

    private static func text(_ buffer: nj_buf) -> String? {
        guard buffer.len > 0 else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: buffer.data, count: buffer.len), as: UTF8.self)
    }
}
