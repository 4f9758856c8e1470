import Host
import LuaRuntime
import Transport

/// A unit that has been prepared, on its way through the gates. Control loop only.
final class Candidate {
    let source: UnitSource
    let number: GenerationNumber
    /// The generation that runs now, if one does.
    let former: RunningUnit?
    /// The files of this attempt; everything a gate reads comes from it.
    let snapshot: SourceSnapshot
    /// For one worker at least: what the gates look at.
    let generation: Generation
    /// All files the outcome depends on: a change of one of them makes it worth another try.
    private(set) var files: [String: SourceSnapshot.State]

    init(
        source: UnitSource, number: GenerationNumber, former: RunningUnit?, snapshot: SourceSnapshot, generation: Generation,
        files: [String: SourceSnapshot.State]
    ) {
        self.source = source
        self.number = number
        self.former = former
        self.snapshot = snapshot
        self.generation = generation
        self.files = files
    }

    /// The outcome depends on these as well.
    func depends(on more: [String: SourceSnapshot.State]) { files.merge(more) { $1 } }

    var settings: UnitSettings { generation.settings }

    /// What it takes for itself once it runs.
    var claims: UnitClaims {
        let declared = generation.registrations
        return UnitClaims(
            listener: settings.listener, routes: declared.manifest.claims, functions: declared.provided.keys.sorted())
    }

    /// An error of this unit: at the place where a script declared something, or in its first file.
    func error(_ code: String, _ message: String, at site: DeclarationSite? = nil) -> ScriptError {
        ScriptError(kind: .argument, code: code, message: message, chunk: site?.chunk ?? source.entry.label, line: site?.line)
    }
}

/// A unit's generation that takes messages, as the control loop knows it.
struct RunningUnit: Sendable {
    var generation: GenerationNumber
    var settings: UnitSettings
    var manifest: RouteManifest
    var workers: [Int]
}
