import Host
import LuaRuntime

/// What a game's manifest says must be true beyond what its loading needed.
struct ManifestGate: Gate {
    let name = "manifest"

    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal? {
        let source = candidate.source
        guard source.id.kind == .game, let text = try? candidate.snapshot.read(source.entry.path) else { return nil }
        let problems = ManifestCheck.problems(text, folder: source.folder.path)
        guard !problems.isEmpty else { return nil }
        // It may be a file of the page that is missing.
        let client = source.folder.folder("client").path
        candidate.depends(on: [client: candidate.snapshot.listingState(client)])
        return Refusal(ScriptError(kind: .argument, code: "bad_manifest", found: problems, chunk: source.entry.label))
    }
}
