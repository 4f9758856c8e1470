/// A game as it runs now: one for each load. Immutable; any thread.
public final class LoadedGame: Sendable {
    public let manifest: GameManifest
    /// The engine's `M.version`.
    public let version: Int64
    /// Does the engine have `M.migrate`?
    public let migrates: Bool
    /// The engine's files; nil when it is not an engine of files.
    public let engine: EngineContent?

    public init(manifest: GameManifest, version: Int64, migrates: Bool, engine: EngineContent?) {
        self.manifest = manifest
        self.version = version
        self.migrates = migrates
        self.engine = engine
    }
}
