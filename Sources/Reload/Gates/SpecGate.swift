import LuaRuntime

/// The unit's own tests hold, with the files as they are now.
struct SpecGate: Gate {
    let name = "specs"
    let runner: SpecRunner

    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal? {
        let report = runner.run(candidate.source, candidate.snapshot)
        candidate.depends(on: report.files)
        guard let first = report.failures.first else { return nil }
        let more = report.failures.count - 1
        return Refusal(
            ScriptError(
                kind: first.kind, code: first.code, message: first.message + (more > 0 ? " (and \(more) more)" : ""),
                chunk: first.chunk, line: first.line, traceback: first.traceback))
    }
}
