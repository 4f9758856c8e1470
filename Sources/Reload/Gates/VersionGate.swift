import Host
import Logging
import LuaRuntime

/// What becomes of a game's open rounds when the `M.version` of its engine changes. Lower than that of the engine that runs, it is
/// refused: there are states that this engine's author did not know. Raised without `M.migrate`, it is taken, and told.
struct VersionGate: Gate {
    let name = "version"
    let logger: Logger

    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal? {
        // Of packages, `nightjar.state` is carried over as it is, and they have no rounds.
        guard candidate.source.id.kind == .game, let former = candidate.former?.settings.version else { return nil }
        let version = candidate.settings.version, site = candidate.settings.versionSite
        if version < former {
            let message = "M.version is \(version), the engine that runs has version \(former): its states, open rounds among them, "
                + "mean nothing to a lower one; \(UnitSettings.versionRemedy(for: former))"
            return Refusal(candidate.error("older_engine", message, at: site))
        }
        if version > former, candidate.generation.function("migrate") == nil {
            let place = site.map { "\($0.chunk):\($0.line)" } ?? candidate.source.entry.label
            logger.warning(
                "\(place): \(UnitSettings.unmigrated(version))",
                metadata: ["unit": "\(candidate.source.id)", "code": "no_migrate", "former": "\(former)"])
        }
        return nil
    }
}
